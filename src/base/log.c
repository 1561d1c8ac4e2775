#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/undo.h"
#include "base/utf8.h"

#define LOG_LINE_MAX 4096  /* the longest line of a delivery (core/logline.c) and room to spare */

static struct {
	const char *program, *context;
	bool to_stderr, notices, opened, offline;
	int user_fd;
	int own_fd;    /* standard error as we found it, once LOGFILE has taken its place; or -1 */
} logs = { "bivalve", NULL, true, false, false, false, -1, -1 };

static const int log_priority[] = { LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_DEBUG };

void
log_open(const char *program, bool to_stderr)
{
	logs.program = program;
	logs.to_stderr = to_stderr;
}

void
log_notices(bool on)
{
	logs.notices = on;
}

void
log_offline(void)
{
	logs.offline = true;
}

void
log_context(const char *id)
{
	logs.context = id;
}

void
log_user_fd(int fd)
{
	if (fd >= 0 && logs.own_fd < 0)
		logs.own_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	logs.user_fd = fd;
}

void
log_close(void)
{
	if (logs.opened)
		closelog();
	logs.opened = false;
	logs.user_fd = logs.own_fd = -1;
}

void
log_silence(void)
{
	log_close();
	logs.offline = true;
	logs.to_stderr = false;
}

/* Control bytes would let a sender write lines of his own into the log or drive a terminal. */
static void
log_clean(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
}

static void
log_to_fd(int fd, const char *line)
{
	char out[LOG_LINE_MAX + 64];
	int n = snprintf(out, sizeof out, "%s: %s\n", logs.program, line);

	if (n > 0 && write(fd, out, (size_t)n < sizeof out ? (size_t)n : sizeof out - 1) < 0)
		return; /* nowhere left to say it */
}

static void
log_to_syslog(enum log_level level, const char *line)
{
	/* Opened late: connecting costs as much as delivering a small message does. */
	if (!logs.opened) {
		openlog(logs.program, LOG_PID, LOG_MAIL);
		logs.opened = true;
	}
	syslog(log_priority[level], "%s", line);
}

__attribute__((format(printf, 3, 0)))
static void
log_line(enum log_level level, bool user, const char *fmt, va_list ap)
{
	char line[LOG_LINE_MAX];
	size_t n = 0;

	if (logs.context && !user) {
		int k = snprintf(line, sizeof line, "%s: ", logs.context);

		n = k > 0 && (size_t)k < sizeof line ? (size_t)k : 0;
	}
	vsnprintf(line + n, sizeof line - n, fmt, ap);
	log_clean(line);
	if (user && logs.user_fd >= 0)
		log_to_fd(logs.user_fd, line);
	else if (logs.to_stderr && (user || level < LOG_LEVEL_NOTICE || logs.notices))
		log_to_fd(logs.own_fd >= 0 ? logs.own_fd : STDERR_FILENO, line);
	if (!user && !logs.offline)
		log_to_syslog(level, line);
}

#define LOG_BODY(level, user) \
	va_list ap; \
	va_start(ap, fmt); \
	log_line(level, user, fmt, ap); \
	va_end(ap)

void
log_error(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_ERROR, false);
}

void
log_warning(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_WARNING, false);
}

void
log_notice(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_NOTICE, false);
}

void
log_user(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_NOTICE, true);
}

void
log_value(struct buf *out, const char *text, const char *special, size_t max)
{
	const size_t start = out->len, end = start + max;

	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;
		bool plain = c >= ' ' && c != 0x7f && c != '\\' && !strchr(special, c);

		if (out->len + (plain ? 1 : 4) > end) {
			buf_cut(out, start + utf8_whole(bytes_from(buf_view(out), start)));
			return;
		}
		if (plain)
			buf_byte(out, *p);
		else
			buf_printf(out, "\\x%02x", c);
	}
}

void
fatal(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_ERROR, false);
	undo_all();
	_exit(EX_TEMPFAIL);
}

void
panic(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_ERROR, false);
	undo_all();
	abort();
}
