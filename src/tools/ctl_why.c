/*
 * ctl_why.c - bivalvectl why: all that the log knows of one message, in order, in plain words; or
 * what a number means.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/logline.h"
#include "tools/ctl.h"
#include "tools/ctllog.h"
#include "tools/ctlnumber.h"
#include "tools/ctlterm.h"

#define WHY_LOG_MAX (512u << 20)  /* bytes of one log file */
#define WHY_IDS_MAX 64            /* queue ids of one message */
#define WHY_NUMBER_MAX 100000
#define WHY_RECENT 10             /* deliveries shown where nothing is asked */

static const struct ctl_option why_options[] = {
	{ 0, "log", "FILE", "read this log (may be repeated; - is standard input)" },
	{ 0, NULL, NULL, NULL },
};

struct why_call {
	const char *question;
	struct buf text;                /* all logs, one behind the other */
	const char *log[CTLLOG_FILES];
	size_t logs;
	bool cut;                       /* there was more than WHY_LOG_MAX */
	char *id[WHY_IDS_MAX];
	int ids;
	struct buf out;
	long lines;
};

extern const struct ctl_command ctl_why;

/* ---- what a line means ---- */

static const struct why_meaning {
	const char *words[2];   /* both stand in the line; NULL: one is enough */
	const char *text;
} why_meanings[] = {
	{ { "bivalve", "outcome=delivered" },
	    "bivalve put it into the folder named, safely on disk" },
	{ { "bivalve", "outcome=quarantined" },
	    "bivalve keeps it where only the administrator reads it" },
	{ { "bivalve", "outcome=dropped" }, "a recipe threw it away, as it was told to" },
	{ { "bivalve", "outcome=not scanned" },
	    "it was to be scanned and could not be: it stays with the MTA; why= says "
	    "what to mend" },
	{ { "bivalve", "outcome=user database down" },
	    "nobody could say who the recipient is: it stays with the MTA until the "
	    "directory service answers" },
	{ { "bivalve", "outcome=rejected by recipe" },
	    "a recipe refused it: the MTA tells the sender" },
	{ { "bivalve", "outcome=deferred by recipe" }, "a recipe put it off: the MTA tries again" },
	{ { "bivalve", "outcome=no such user" },
	    "the user database answered that there is no such user: it goes back" },
	{ { "bivalve", "outcome=deferred" },
	    "bivalve could not deliver it now: it stays with the MTA; why= says what to "
	    "mend" },
	{ { "bivalve", "@blocklist:" }, "its client was not put on the relay block list" },
	{ { "bivalve", "block list:" }, "about the relay block list" },
	{ { "exited with EX_TEMPFAIL", NULL },
	    "the mailer asked for patience; its own lines say why" },
	{ { "stat=Sent", "mailer=local" }, "the local mailer took it: delivered" },
	{ { "stat=Sent", "mailer=" }, "handed to the next server" },
	{ { "stat=Sent", NULL }, "delivered" },
	{ { "stat=Deferred", NULL }, "it waits in the queue and is tried again" },
	{ { "stat=queued", NULL }, "it is in the queue" },
	{ { "stat=User unknown", NULL }, "there is no such recipient: it goes back to the sender" },
	{ { "stat=Insufficient permission", NULL },
	    "the mailer refused it (a recipe's @reject?): it goes back to the sender" },
	{ { "stat=Service unavailable", NULL }, "it goes back to the sender" },
	{ { "ruleset=check_relay", NULL }, "the client was refused before it could send" },
	{ { "ruleset=", "reject=" }, "refused in the SMTP session" },
	{ { "DSN:", NULL }, "the sender is told by mail (a bounce)" },
	{ { "alias", "forwarded to" }, "an alias or ~/.forward names other recipients" },
	{ { "died with signal", NULL },
	    "the mailer crashed or was ended: the mail stays in the queue" },
	{ { "timeout waiting for input", NULL }, "the other side said nothing for too long" },
	{ { "msgid=", "from=" }, "accepted from the client named behind relay=" },
	{ { "message-id=", "cleanup" }, "accepted" },
	{ { "status=sent", NULL }, "delivered" },
	{ { "status=deferred", NULL }, "it waits in the queue and is tried again" },
	{ { "status=bounced", NULL }, "it goes back to the sender" },
};

static bool
why_has(const char *line, const char *word)
{
	return !word || strstr(line, word) != NULL;
}

static void
why_say(struct why_call *w, const char *text)
{
	buf_str(&w->out, "    ");
	ctlterm_paint(&w->out, CTLTERM_GOOD, text);
	buf_byte(&w->out, '\n');
}

/* "Unknown error 325" */
static void
why_number(struct why_call *w, const char *line)
{
	const char *p = strstr(line, "nknown error ");
	char digits[16];
	struct buf words = BUF_INIT;
	struct bytes rest, one;
	long number;

	if (!p)
		return;
	p += strlen("nknown error ");
	snprintf(digits, sizeof digits, "%.*s", (int)strspn(p, "0123456789"), p);
	if (str_long(digits, 1, WHY_NUMBER_MAX, &number))
		ctlnumber_explain(number, &words);
	rest = buf_view(&words);
	while (bytes_line(&rest, &one)) {
		char *text = mem_copy(one);

		why_say(w, text);
		free(text);
	}
	buf_clear(&words);
}

static void
why_explain(struct why_call *w, const char *line)
{
	for (size_t i = 0; i < sizeof why_meanings / sizeof *why_meanings; i++) {
		const struct why_meaning *m = &why_meanings[i];

		if (!why_has(line, m->words[0]) || !why_has(line, m->words[1]))
			continue;
		why_say(w, m->text);
		break;
	}
	why_number(w, line);
}

/* ---- which lines ---- */

static bool
why_is_word_end(char c)
{
	return !str_is_alnum(c) && c != '-' && c != '_' && c != '.';
}

/* Is id in line, as a word of its own? */
static bool
why_mentions(const char *line, const char *id)
{
	size_t n = strlen(id);

	for (const char *p = strstr(line, id); p; p = strstr(p + 1, id))
		if ((p == line || why_is_word_end(p[-1])) && (p[n] == '\0' || p[n] == '.'
		    || why_is_word_end(p[n])))
			return true;
	return false;
}

/* The queue id of a line: the word with a colon behind "program[PID]: ". */
static char *
why_queue_id(const char *line)
{
	const char *p = strstr(line, "]: ");
	size_t n;

	if (!p)
		return NULL;
	p += 3;
	for (n = 0; str_is_alnum(p[n]); n++)
		;
	return n >= 6 && p[n] == ':' ? mem_copy((struct bytes){ p, n }) : NULL;
}

static void
why_add(struct why_call *w, char *id)
{
	for (int i = 0; i < w->ids; i++)
		if (strcmp(w->id[i], id) == 0) {
			free(id);
			return;
		}
	if (w->ids < WHY_IDS_MAX)
		w->id[w->ids++] = id;
	else
		free(id);
}

/* Each line once, as a string. */
static void
why_lines(struct why_call *w, void (*call)(struct why_call *, const char *))
{
	struct bytes rest = buf_view(&w->text), line;

	while (bytes_line(&rest, &line)) {
		char *text = mem_copy(line);

		call(w, text);
		free(text);
	}
}

static void
why_collect(struct why_call *w, const char *line)
{
	struct buf words = BUF_INIT;
	char *id;

	if (!why_mentions(line, w->question))
		return;
	id = why_queue_id(logline_words(line, &words));
	if (id)
		why_add(w, id);
	buf_clear(&words);
}

static void
why_tell(struct why_call *w, const char *line)
{
	struct buf words = BUF_INIT;

	w->lines++;
	ctlterm_text(&w->out, bytes_of(line));
	buf_byte(&w->out, '\n');
	why_explain(w, logline_words(line, &words));
	buf_clear(&words);
}

static void
why_show(struct why_call *w, const char *line)
{
	bool ours = why_mentions(line, w->question);

	for (int i = 0; i < w->ids && !ours; i++)
		ours = why_mentions(line, w->id[i]);
	if (ours)
		why_tell(w, line);
}

/* ---- the command ---- */

static void
why_take(void *context, FILE *f)
{
	struct why_call *w = context;
	char block[65536];
	size_t n;

	while (!w->cut && (n = fread(block, 1, sizeof block, f)) > 0) {
		buf_add(&w->text, block, n);
		w->cut = w->text.len > WHY_LOG_MAX;
	}
}

static int
why_parse(struct why_call *w, int argc, char **argv, struct fail *why)
{
	struct ctl_scan s;
	int i, rc = 0;

	ctl_scan(&s, &ctl_why, argc, argv);
	while (rc == 0 && (i = ctl_next(&s, why)) != CTL_END) {
		if (i == 0 && w->logs == CTLLOG_FILES)
			rc = fail_set(why, FAIL_USAGE, "more than %d logs", CTLLOG_FILES);
		else if (i == 0)
			w->log[w->logs++] = s.value;
		else if (i == CTL_WORD && !w->question)
			w->question = s.value;
		else if (i == CTL_WORD)
			rc = fail_set(why, FAIL_USAGE, "one question at a time");
		else
			rc = -1;
	}
	if (rc == 0 && w->question && !*w->question)
		rc = fail_set(why, FAIL_USAGE, "of which message, or number?");
	return rc;
}

/* The deliveries at the end of the log. */
static void
why_recent(struct why_call *w)
{
	struct bytes rest = buf_view(&w->text), line, recent[WHY_RECENT];
	struct buf words = BUF_INIT;
	size_t n = 0;

	while (bytes_line(&rest, &line)) {
		char *text = mem_copy(line);
		const char *said = logline_words(text, &words);

		if (strstr(said, "bivalve") && strstr(said, " outcome="))
			recent[n++ % WHY_RECENT] = line;
		free(text);
	}
	for (size_t i = n > WHY_RECENT ? n - WHY_RECENT : 0; i < n; i++) {
		char *text = mem_copy(recent[i % WHY_RECENT]);

		why_tell(w, text);
		free(text);
	}
	buf_clear(&words);
}

static int
why_message(struct why_call *w, struct fail *why)
{
	struct ctllog log;

	if (ctllog_open(&log, w->log, w->logs, why) < 0
	    || ctllog_read(&log, why_take, w, why) < 0)
		return -1;
	if (w->cut)
		return fail_temp(why, "the log is larger than %u MB: name a part of it, as in "
		    "journalctl --facility=mail --since today | bivalvectl why --log -",
		    WHY_LOG_MAX >> 20);
	if (w->question) {
		why_lines(w, why_collect);
		why_lines(w, why_show);
	} else {
		why_recent(w);
	}
	if (w->lines == 0 && w->question)
		buf_printf(&w->out, "The log does not mention %s.\n", w->question);
	else if (w->lines == 0)
		buf_str(&w->out, "The log tells of no delivery.\n");
	return w->lines ? CTL_OK : CTL_NO;
}

static int
why_run(int argc, char **argv)
{
	struct why_call w = { .text = BUF_INIT, .out = BUF_INIT };
	struct fail why = { 0 };
	int status = -1, printed;
	long number;

	if (why_parse(&w, argc, argv, &why) == 0) {
		if (w.question && str_long(w.question, 0, WHY_NUMBER_MAX, &number)) {
			ctlnumber_explain(number, &w.out);
			status = w.out.len ? CTL_OK : CTL_NO;
			if (status == CTL_NO)
				buf_printf(&w.out, "%ld: no meaning is known.\n", number);
		} else {
			status = why_message(&w, &why);
		}
	}
	printed = why.kind ? ctl_fail(&ctl_why, &why) : ctl_print(&ctl_why, &w.out);
	for (int i = 0; i < w.ids; i++)
		free(w.id[i]);
	buf_clear(&w.text);
	buf_clear(&w.out);
	return printed ? printed : status;
}

const struct ctl_command ctl_why = {
	.name = "why",
	.summary = "Says what became of a message, or what a number in the log means.",
	.usage = "[QUEUE-ID|MESSAGE-ID|NUMBER]",
	.options = why_options,
	.run = why_run,
};
