/*
 * ctl_explain.c - bivalvectl explain: each recipe, each condition, and where a message would go.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "mail/receivedclient.h"
#include "mail/spool.h"
#include "recipe/host.h"
#include "tools/ctl.h"
#include "tools/ctlterm.h"
#include "tools/ctltrial.h"

static const struct ctl_option explain_options[] = {
	{ 'u', "user", "USER", "whose recipes (root must name one)" },
	{ 0, "rc", "FILE", "this rcfile instead of the user's own" },
	{ 'f', "from", "SENDER", "envelope sender (else from the message)" },
	{ 'a', "detail", "TEXT", "what stood behind the plus of the address" },
	{ 'c', "client", "ADDRESS", "the client that handed the mail to our MTA" },
	{ 0, "no-scan", NULL, "take it for clean" },
	{ 0, "run-programs", NULL, "start filters, conditions, backquotes" },
	{ 0, "config", "FILE", "configuration" },
	{ 0, "json", NULL, "print JSON" },
	{ 0, NULL, NULL, NULL },
};

/* A condition waits for its recipe, which is told of last. */
struct explain {
	struct ctltrial t;
	const char *rc, *message;
	char *rcpath;
	char client[RECEIVEDCLIENT_MAX];
	int fd;
	bool as_json;
	struct buf out, pending;     /* pending: conditions, as text */
	struct json json;
	size_t conditions;
	struct buf where;            /* of the last action that would end processing */
};

extern const struct ctl_command ctl_explain;

/* ---- as text ---- */

static void
explain_line(struct buf *out, const char *indent, enum ctlterm_colour colour, const char *word,
    struct bytes text)
{
	buf_str(out, indent);
	ctlterm_paint(out, colour, word);
	buf_byte(out, ' ');
	ctlterm_short(out, bytes_trim(text), 400);
	buf_byte(out, '\n');
}

/* A condition over several lines as the one that it means: without the backslash at a line's end
 * and the blanks that the next one begins with. */
static void
explain_joined(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (text[0] != '\\' || text[1] != '\n') {
			buf_byte(out, *text);
			continue;
		}
		text++;
		text += strspn(text + 1, " \t");
	}
}

static void
explain_condition(struct explain *e, const struct host_condition *c)
{
	struct buf *out = &e->pending, text = BUF_INIT;
	const char *mark = c->held ? "yes" : "no ";

	explain_joined(&text, c->text);
	explain_line(out, "    ", c->held ? CTLTERM_GOOD : CTLTERM_BAD, mark, buf_view(&text));
	buf_clear(&text);
	if (c->expanded)
		explain_line(out, "        ", CTLTERM_DIM, "is", bytes_of(c->expanded));
	if (c->seen.len)
		explain_line(out, "        ", CTLTERM_DIM, c->found ? "found in" : "looked at",
		    c->seen);
	if (c->found && c->match && strstr(c->text, "\\/"))
		explain_line(out, "        ", CTLTERM_DIM, "MATCH is", bytes_of(c->match));
	if (c->weighted)
		buf_printf(out, "        score %.10g\n", c->score);
	e->conditions++;
}

static void
explain_recipe(struct explain *e, const struct trial_event *ev)
{
	ctlterm_paint(&e->out, CTLTERM_NAME, ev->file);
	buf_printf(&e->out, ":%d ", ev->line);
	ctlterm_paint(&e->out, ev->held ? CTLTERM_GOOD : CTLTERM_DIM, ev->held ? "holds"
	    : e->conditions ? "does not hold" : "is not asked");
	buf_byte(&e->out, '\n');
	buf_bytes(&e->out, buf_view(&e->pending));
	buf_cut(&e->pending, 0);
	e->conditions = 0;
}

static void
explain_action(struct explain *e, const struct trial_event *ev)
{
	struct buf *out = &e->out;

	buf_str(out, "    ");
	ctlterm_paint(out, ev->held ? CTLTERM_BOLD : CTLTERM_BAD, ev->held ? "->" : "-> fails:");
	buf_printf(out, " %s ", ev->kind);
	ctlterm_text(out, ev->text);
	buf_printf(out, "%s\n", ev->copy ? " (a copy; processing goes on)" : "");
}

/* What a copy's process wrote, two columns further in. */
static void
explain_copy(struct explain *e, struct bytes text)
{
	struct bytes line;

	buf_str(&e->out, "    -> a copy goes through the block:\n");
	while (bytes_line(&text, &line)) {
		buf_str(&e->out, "    | ");
		buf_bytes(&e->out, line);
		buf_byte(&e->out, '\n');
	}
}

static void
explain_say(struct explain *e, const struct trial_event *ev)
{
	buf_str(&e->out, "    ");
	ctlterm_paint(&e->out, CTLTERM_WARN, ev->file);
	if (ev->line)
		buf_printf(&e->out, ":%d", ev->line);
	explain_line(&e->out, "", CTLTERM_PLAIN, ":", bytes_trim(ev->text));
}

static const char *
explain_change(const struct trial_event *ev)
{
	if (ev->kind && strcmp(ev->kind, "blocklist") == 0)
		return "the client to be listed by";
	return ev->held ? "message changed by" : "message not changed by";
}

static void
explain_text(struct explain *e, const struct trial_event *ev)
{
	switch (ev->what) {
	case TRIAL_CONDITION:
		explain_condition(e, ev->condition);
		break;
	case TRIAL_RECIPE:
		explain_recipe(e, ev);
		break;
	case TRIAL_ACTION:
		explain_action(e, ev);
		break;
	case TRIAL_CHANGE:
		explain_line(&e->out, "    ", CTLTERM_BOLD, explain_change(ev), ev->text);
		break;
	case TRIAL_PROGRAM:
		explain_line(e->conditions ? &e->pending : &e->out, "        ", CTLTERM_WARN,
		    ev->held ? "run:" : "not started:", ev->text);
		break;
	case TRIAL_COPY:
		explain_copy(e, ev->text);
		break;
	case TRIAL_SAY:
		explain_say(e, ev);
		break;
	}
}

/* ---- as JSON ---- */

static void
explain_json_condition(struct json *j, const struct host_condition *c)
{
	if (c->expanded)
		json_str(j, "expanded", c->expanded);
	json_bytes(j, "looked_at", c->seen);
	json_bool(j, "found", c->found);
	if (c->match)
		json_str(j, "match", c->match);
	if (c->weighted)
		json_decimal(j, "score", c->score);
}

static void
explain_json(struct explain *e, const struct trial_event *ev)
{
	static const char *const names[] = { "recipe", "condition", "action", "change", "program",
		"copy", "say" };
	struct json *j = &e->json;

	json_object(j, NULL);
	json_str(j, "what", names[ev->what]);
	if (ev->file) {
		json_str(j, "file", ev->file);
		json_number(j, "line", ev->line);
	}
	json_bool(j, "held", ev->held);
	if (ev->kind)
		json_str(j, "kind", ev->kind);
	if (ev->what == TRIAL_ACTION)
		json_bool(j, "copy", ev->copy);
	if (ev->what == TRIAL_COPY)
		json_raw(j, "steps", ev->text.len ? ev->text : bytes_of("[]"));
	else if (ev->what != TRIAL_RECIPE)
		json_bytes(j, "text", ev->text);
	if (ev->condition)
		explain_json_condition(j, ev->condition);
	json_end(j);
}

static void
explain_event(void *ctx, const struct trial_event *ev)
{
	struct explain *e = ctx;

	if (ev->what == TRIAL_ACTION && ev->held && !ev->copy) {
		buf_cut(&e->where, 0);
		buf_bytes(&e->where, ev->text);
	}
	if (e->as_json)
		explain_json(e, ev);
	else
		explain_text(e, ev);
}

static void
explain_on_copy(void *ctx)
{
	struct explain *e = ctx;

	buf_cut(&e->out, 0);
	buf_cut(&e->pending, 0);
	json_init(&e->json, &e->out);
	if (e->as_json)
		json_array(&e->json, NULL);
}

static void
explain_on_copy_end(void *ctx, struct buf *out)
{
	struct explain *e = ctx;

	if (e->as_json)
		json_end(&e->json);
	buf_bytes(out, buf_view(&e->out));
}

/* ---- the end ---- */

static const char *
explain_outcome(const struct outcome *out)
{
	switch (out->code) {
	case OUTCOME_DELIVERED: return "delivered";
	case OUTCOME_DROPPED: return "dropped";
	case OUTCOME_QUARANTINED: return "quarantined";
	case OUTCOME_FAILED: return fail_class(out->why.kind)->name;
	case OUTCOME_OPEN: break;
	}
	return "undecided";
}

static void
explain_end(struct explain *e, const struct outcome *out, int status)
{
	struct json *j = &e->json;

	if (e->as_json) {
		json_end(j);
		json_str(j, "outcome", explain_outcome(out));
		json_bytes(j, "where", buf_view(&e->where));
		json_str(j, "why", out->why.text);
		json_number(j, "exit", status);
		json_bool(j, "assumed", e->t.trial.unknown);
		json_end(j);
		return;
	}
	if (e->pending.len)
		buf_printf(&e->out, "stops at these conditions:\n%s", e->pending.p);
	ctlterm_paint(&e->out, CTLTERM_BOLD, "Result: ");
	buf_str(&e->out, explain_outcome(out));
	if (out->code == OUTCOME_DELIVERED || out->code == OUTCOME_QUARANTINED) {
		buf_str(&e->out, ": ");
		ctlterm_text(&e->out, buf_view(&e->where));
	} else if (out->why.kind) {
		buf_str(&e->out, ": ");
		ctlterm_text(&e->out, bytes_of(out->why.text));
	}
	buf_printf(&e->out, " (exit status %d)\n", status);
	if (e->t.trial.unknown)
		buf_printf(&e->out, "Assumed: %s.\n", e->t.trial.no_scan
		    ? "that nothing is found in it (--no-scan), or what programs say"
		    : "what programs would say that were not started; see --run-programs");
}

static int
explain_work(void *ctx, const struct services *services)
{
	struct explain *e = ctx;
	struct spool_options o = { e->t.conf.spool_dir, (size_t)e->t.conf.spool_memory << 10,
		(size_t)e->t.conf.max_message_size << 20 };
	struct outcome out = { 0 };
	struct fail why = { 0 };
	struct store *message = spool_read(e->fd, &o, &why);
	int status;

	if (!message)
		return ctl_fail(&ctl_explain, &why);
	json_init(&e->json, &e->out);
	if (e->as_json) {
		json_object(&e->json, NULL);
		json_array(&e->json, "steps");
	}
	status = ctltrial_deliver(&e->t, services, e->rcpath, message, &out);
	explain_end(e, &out, status);
	store_unref(&message);
	return ctl_print(&ctl_explain, &e->out);
}

/* ---- the command line ---- */

static int
explain_word(struct explain *e, const char *word, struct fail *why)
{
	if (strchr(word, '=') && access(word, F_OK) < 0)
		return ctltrial_assign(&e->t, word, why);
	if (e->message)
		return fail_set(why, FAIL_USAGE, "one message at a time");
	e->message = word;
	return 0;
}

static int
explain_arguments(struct explain *e, int argc, char **argv, struct fail *why)
{
	struct ctl_scan s;
	int i;

	ctl_scan(&s, &ctl_explain, argc, argv);
	while ((i = ctl_next(&s, why)) != CTL_END) {
		switch (i) {
		case 0: e->t.user = s.value; break;
		case 1: e->rc = s.value; break;
		case 2: e->t.sender = s.value; break;
		case 3: e->t.detail = s.value; break;
		case 4: e->t.client = receivedclient_form(s.value, e->client); break;
		case 5: e->t.trial.no_scan = true; break;
		case 6: e->t.trial.run_programs = true; break;
		case 7: e->t.config = s.value; break;
		case 8: e->as_json = true; break;
		case CTL_WORD:
			if (explain_word(e, s.value, why) < 0)
				return -1;
			break;
		default: return -1;
		}
	}
	if (!e->message)
		return fail_set(why, FAIL_USAGE, "which message? (- is standard input)");
	return 0;
}

/* The caller's rights open what the caller names. */
static int
explain_open(struct explain *e, struct fail *why)
{
	if (e->rc && !(e->rcpath = ctltrial_path(e->rc, why)))
		return -1;
	e->fd = strcmp(e->message, "-") == 0 ? STDIN_FILENO
	    : open(e->message, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return e->fd < 0 ? fail_errno(why, "%s", e->message) : 0;
}

static int
explain_run(int argc, char **argv)
{
	struct explain e = { .out = BUF_INIT, .pending = BUF_INIT, .where = BUF_INIT, .fd = -1 };
	struct fail why = { 0 };
	int status = -1;

	e.t.trial.ctx = &e;
	e.t.trial.event = explain_event;
	e.t.trial.on_copy = explain_on_copy;
	e.t.trial.on_copy_end = explain_on_copy_end;
	if (explain_arguments(&e, argc, argv, &why) == 0 && ctltrial_begin(&e.t, &why) == 0
	    && explain_open(&e, &why) == 0)
		status = ctltrial_run(&e.t, explain_work, &e, &why);
	if (status < 0)
		status = ctl_fail(&ctl_explain, &why);
	ctltrial_end(&e.t);
	free(e.rcpath);
	buf_clear(&e.out);
	buf_clear(&e.pending);
	buf_clear(&e.where);
	return status;
}

const struct ctl_command ctl_explain = {
	.name = "explain",
	.summary = "Shows each recipe and condition, and where a message would go.",
	.usage = "[-u USER] [--rc FILE] MESSAGE [NAME=value ...]",
	.options = explain_options,
	.run = explain_run,
};
