#include "tools/ctlscan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "proc/helper.h"
#include "proc/resident.h"
#include "proc/scanuser.h"
#include "tools/ctl.h"

static _Noreturn void
ctlscan_child(const struct conf *conf, int sock)
{
	struct fail why = { 0 };

	if (scanuser_become(conf, &why) < 0) {
		log_error("%s", why.text);
		_exit(EX_TEMPFAIL);
	}
	helper_scanner(conf, sock);
}

/* As struct services has it: the resident scanner, or one of our own. */
static int
ctlscan_scanner(void *ctx, int message_fd, struct fail *why)
{
	struct ctlscan *s = ctx;
	const struct conf *conf = s->database ? &s->given : &s->conf;
	bool absent;
	int pair[2], sock = resident_scanner(conf, message_fd, &absent, why);
	pid_t pid;

	if (!absent)
		return sock;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(why, "socket to the scanner");
	pid = fork();
	if (pid == 0) {
		fd_close(&pair[0]);
		ctlscan_child(conf, pair[1]);
	}
	fd_close(&pair[1]);
	if (pid < 0)
		fail_errno(why, "scanner process");
	if (pid < 0 || helper_hand_message(pair[0], message_fd, why) < 0)
		fd_close(&pair[0]);
	return pair[0];
}

int
ctlscan_begin(struct ctlscan *s, struct fail *why)
{
	if (ctl_conf(s->config, &s->conf, why) < 0)
		return -1;
	if (s->database) {
		/* The resident has its own signatures. */
		s->given = s->conf;
		s->given.database = s->database;
		s->given.scan_socket = "";
		s->given.require_resident = false;
	}
	signal(SIGPIPE, SIG_IGN);
	s->services = (struct services){ .ctx = s, .scanner = ctlscan_scanner };
	s->spool = (struct spool_options){ .dir = s->conf.spool_dir,
		.memory = (size_t)s->conf.spool_memory << 10 };
	inspect_init(&s->inspect, &s->services, &s->spool, s->conf.scan_timeout,
	    s->conf.scan_wait);
	return 0;
}

static void
ctlscan_forget(struct ctlscan *s)
{
	inspect_reset(&s->inspect);
	/* The scanner's helper removes its temporary directory before it ends. */
	while (wait(NULL) > 0 || errno == EINTR)
		;
	message_clear(&s->message);
}

void
ctlscan_end(struct ctlscan *s)
{
	ctlscan_forget(s);
	conf_clear(&s->conf);
}

int
ctlscan_file(struct ctlscan *s, const char *path, struct fail *why)
{
	bool input = strcmp(path, "-") == 0;
	struct fail parts = { 0 };
	struct store *store;
	int fd;

	ctlscan_forget(s);
	fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail_errno(why, "%s", path);
	store = spool_read(fd, &s->spool, why);
	if (!input)
		close(fd);
	if (!store)
		return -1;
	message_set(&s->message, store);
	store_unref(&store);
	inspect_scan(&s->inspect, &s->message);
	if (s->inspect.report.status != REPORT_ERROR &&
	    inspect_parts(&s->inspect, &s->message, &parts) < 0)
		report_worse(&s->inspect.report, REPORT_ERROR, parts.text);
	return 0;
}

int
ctlscan_parts(struct ctlscan *s, struct report *parts, struct fail *why)
{
	return inspect_list(&s->inspect, &s->message, REPORT_WANT_VERDICTS, parts, why);
}
