/*
 * record.c - what is said about a delivery: procmail's abstract in the LOGFILE, and the one line
 * for the site's log.
 */
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "flow/state.h"

#define RECORD_FOLDER_MAX 60    /* columns of a folder's name */
#define RECORD_FROM_MAX 2000    /* bytes of the From_ line */
#define RECORD_SUBJECT_MAX 78   /* columns of "Subject: ..." */
#define RECORD_SIZE_COLUMN 72

/* Bytes of the parts of the log line: all fit into what log.c takes. */
#define RECORD_ADDRESS 320
#define RECORD_WORD 128
#define RECORD_PATH 256
#define RECORD_WHY 480

/* The abstract has one line for each thing. */
static void
record_blank(struct buf *out, size_t from)
{
	for (; from < out->len; from++)
		if (out->p[from] == '\t' || out->p[from] == '\n')
			out->p[from] = ' ';
}

/* From_ line and Subject's first line, as mailstat(1) and people's scripts expect them. */
static void
record_origin(struct flow *f, struct buf *out)
{
	struct bytes rest = f->msg.head, line;
	size_t n;

	/* A filter may have left no header: the body then begins the message. */
	if (rest.len == 0 && bytes_starts(f->msg.body, "From "))
		rest = bytes_first(f->msg.body, message_head_length(f->msg.body));

	if (bytes_starts(rest, "From ") && bytes_line(&rest, &line)) {
		n = strnlen(line.p, line.len);
		buf_bytes(out, bytes_first(line, n));
		buf_cut(out, RECORD_FROM_MAX);
		buf_byte(out, '\n');
		if (n < line.len)
			return; /* procmail's strings end at a NUL */
	} else {
		bytes_line(&rest, &line); /* procmail sees no Subject in the very first line */
	}
	while (bytes_line(&rest, &line)) {
		if (!bytes_starts_nocase(line, "Subject:"))
			continue;
		buf_byte(out, ' ');
		n = out->len;
		buf_bytes(out, bytes_first(line, strnlen(line.p, line.len)));
		buf_cut(out, n + RECORD_SUBJECT_MAX);
		record_blank(out, n);
		buf_byte(out, '\n');
		return;
	}
}

void
record_abstract(struct flow *f, const char *folder, size_t size)
{
	struct buf out = BUF_INIT;
	struct bytes name = bytes_first(bytes_of(folder), RECORD_FOLDER_MAX);
	size_t column = strlen("  Folder: ") + name.len;
	int fd = f->log_fd >= 0 ? f->log_fd : f->d->for_mta ? -1 : STDERR_FILENO;

	if (fd < 0)
		return;
	record_origin(f, &out);
	buf_str(&out, "  Folder: ");
	buf_bytes(&out, name);
	record_blank(&out, out.len - name.len);
	do {
		buf_byte(&out, '\t');
		column = (column / 8 + 1) * 8;
	} while (column < RECORD_SIZE_COLUMN);
	buf_printf(&out, "%7zu\n", size);
	if (fd_write_all(fd, out.p, out.len) < 0)
		log_warning("LOGFILE: the abstract cannot be written");
	buf_clear(&out);
}

static const char *
record_outcome(const struct outcome *out)
{
	switch (out->code) {
	case OUTCOME_DELIVERED:
		return "delivered";
	case OUTCOME_DROPPED:
		return "dropped";
	case OUTCOME_QUARANTINED:
		return "quarantined";
	case OUTCOME_FAILED:
		return fail_class(out->why.kind)->name;
	case OUTCOME_OPEN:
		break;
	}
	return "undecided";
}

static long
record_took(const struct flow *f)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - f->began.tv_sec) * 1000
	    + (now.tv_nsec - f->began.tv_nsec) / 1000000;
}

/* Strangers and users choose these texts: none may look like another key, nor push one off the
 * line. */
static void
record_word(struct buf *line, const char *key, const char *text, size_t max)
{
	buf_str(line, key);
	log_value(line, text, " <>", max);
}

/* The same, where blanks belong to it. */
static void
record_words(struct buf *line, const char *key, const char *text, size_t max)
{
	buf_str(line, key);
	log_value(line, text, "=", max);
}

void
record_end(struct flow *f, int status)
{
	const struct envelope *env = f->d->env;
	const struct outcome *out = f->out;
	const struct report *r = &f->inspect.report;
	struct buf line = BUF_INIT;
	const char *virus = interp_get(f->in, "VIRUS");

	record_word(&line, "from=<", env->sender, RECORD_ADDRESS);
	record_word(&line, "> to=<", env->rcpt, RECORD_ADDRESS);
	record_word(&line, "> client=", *env->client ? env->client : "-", RECORD_WORD);
	buf_printf(&line, " size=%zu scan=%s", message_size(&f->msg), f->d->released ? "released"
	    : f->inspect.has_scan ? report_status_name(r->status) : "not-asked");
	if (virus && *virus)
		record_word(&line, " virus=", virus, RECORD_WORD);
	if (out->line > 0) {
		record_word(&line, " rule=", out->file, RECORD_PATH);
		buf_printf(&line, ":%d", out->line);
	}
	if (f->folder.len)
		record_words(&line, " folder=", f->folder.p, RECORD_PATH);
	buf_printf(&line, " outcome=%s exit=%d ms=%ld", record_outcome(out), status,
	    record_took(f));
	if (out->code == OUTCOME_FAILED)
		record_words(&line, " why=", out->why.text, RECORD_WHY);
	if (out->code == OUTCOME_FAILED && !fail_is_permanent(&out->why))
		log_warning("%s", line.p);
	else
		log_notice("%s", line.p);
	buf_clear(&line);
}
