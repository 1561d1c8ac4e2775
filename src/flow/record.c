/*
 * record.c - what is said about a delivery: procmail's abstract in the LOGFILE, and the one line
 * for the site's log.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "core/logline.h"
#include "flow/state.h"
#include "mail/field.h"

#define RECORD_FOLDER_MAX 60    /* columns of a folder's name */
#define RECORD_FROM_MAX 2000    /* bytes of the From_ line */
#define RECORD_SUBJECT_MAX 78   /* columns of "Subject: ..." */
#define RECORD_SIZE_COLUMN 72

#define RECORD_PATH 256         /* bytes of an rcfile's name */

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

/* Time of each stage: what is none of the others' is the recipes'. */
static void
record_times(const struct flow *f, struct logline *line)
{
	const struct inspect *i = &f->inspect;
	const int64_t all = clock_us() - f->began_us;
	int64_t wait = i->asked_us, recipes = all - i->asked_us - f->deliver_us;

	for (int stage = 0; stage < REPORT_STAGES; stage++)
		wait -= i->us[stage];
	logline_number(line, LOGLINE_MS, (long)(all / 1000));
	if (f->d->env->read_us >= 0)
		logline_time(line, LOGLINE_READ, f->d->env->read_us);
	if (i->asked_us > 0) {
		logline_time(line, LOGLINE_WAIT, wait);
		logline_time(line, LOGLINE_PARSE, i->us[REPORT_STAGE_PARSE]);
		logline_time(line, LOGLINE_SCANNING, i->us[REPORT_STAGE_SCAN]);
	}
	logline_time(line, LOGLINE_RECIPES, recipes > 0 ? recipes : 0);
	logline_time(line, LOGLINE_DELIVER, f->deliver_us);
}

static void
record_message_id(const struct flow *f, struct logline *line)
{
	struct buf value = BUF_INIT;
	struct field field;
	struct bytes id;

	if (field_find(f->msg.head, "Message-ID", &field)) {
		field_unfold(field.value, &value);
		id = buf_view(&value);
		if (id.len >= 2 && id.p[0] == '<' && id.p[id.len - 1] == '>')
			id = bytes_from(bytes_first(id, id.len - 1), 1);
		buf_cut(&value, (size_t)(id.p - value.p) + id.len);
		logline_text(line, LOGLINE_MSGID, value.p + (id.p - value.p));
	}
	buf_clear(&value);
}

static void
record_scan(struct flow *f, struct logline *line)
{
	const struct report *r = &f->inspect.report;
	const char *virus = interp_get(f->in, "VIRUS");
	struct buf classes = BUF_INIT;

	if (f->inspect.parts)
		logline_number(line, LOGLINE_PARTS, f->inspect.parts);
	logline_text(line, LOGLINE_SCAN, f->d->released ? "released"
	    : f->inspect.has_scan ? report_status_name(r->status) : "not-asked");
	if (virus && *virus)
		logline_text(line, LOGLINE_VIRUS, virus);
	if (f->inspect.has_scan && r->lines[REPORT_SCAN_CLASS].len) {
		buf_bytes(&classes, buf_view(&r->lines[REPORT_SCAN_CLASS]));
		for (size_t i = 0; i < classes.len; i++)
			if (classes.p[i] == '\n')
				classes.p[i] = ',';
		buf_cut(&classes, classes.len - 1);
		logline_text(line, LOGLINE_CLASS, classes.p);
	}
	buf_clear(&classes);
}

/* In which file and line it was decided, where it went, and how it ended. */
static void
record_decision(const struct flow *f, int status, struct logline *line)
{
	const struct outcome *out = f->out;
	struct buf rule = BUF_INIT;

	if (out->line > 0) {
		buf_printf(&rule, "%.*s:%d", RECORD_PATH, out->file, out->line);
		logline_text(line, LOGLINE_RULE, rule.p);
	}
	if (f->folder.len)
		logline_text(line, LOGLINE_FOLDER, f->folder.p);
	logline_text(line, LOGLINE_OUTCOME, record_outcome(out));
	logline_number(line, LOGLINE_EXIT, status);
	buf_clear(&rule);
}

void
record_end(struct flow *f, int status)
{
	const struct envelope *env = f->d->env;
	const struct outcome *out = f->out;
	struct logline line;

	logline_begin(&line, f->d->conf->log_format == CONF_LOG_JSON, env->id);
	logline_text(&line, LOGLINE_FROM, env->sender);
	logline_text(&line, LOGLINE_TO, env->rcpt);
	logline_text(&line, LOGLINE_CLIENT, *env->client ? env->client : "-");
	record_message_id(f, &line);
	logline_number(&line, LOGLINE_SIZE, (long)message_size(&f->msg));
	record_scan(f, &line);
	record_decision(f, status, &line);
	record_times(f, &line);
	if (out->code == OUTCOME_FAILED)
		logline_text(&line, LOGLINE_WHY, out->why.text);
	logline_end(&line);
	if (line.json)
		log_context(NULL); /* the line is all JSON */
	if (out->code == OUTCOME_FAILED && !fail_is_permanent(&out->why))
		log_warning("%s", line.out.p);
	else
		log_notice("%s", line.out.p);
	if (line.json)
		log_context(*env->id ? env->id : NULL);
	logline_clear(&line);
}
