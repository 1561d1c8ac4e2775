/*
 * rewrite.c - @strip and @flatten: the scanner process says what the new message is, this one puts
 * it together, and asks again whether it is what was wanted.
 *
 * Any doubt is a failure, after which the message is as it was.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "flow/note.h"
#include "flow/state.h"
#include "recipe/regex.h"

/* Twice the parts that something was found in; then the whole body; then we give up. */
#define REWRITE_PARTS_ROUNDS 2
#define REWRITE_ROUNDS 3

/* More parts to take out are taken out as one: nobody reads so many notes. */
#define REWRITE_PARTS_MAX 100

/* Bytes that a note may grow by for its header and its encoding. */
#define REWRITE_NOTE_GROWS 4
#define REWRITE_NOTE_MORE 4096

/* A flat message may have that many times the bytes of the old one, and those more. */
#define REWRITE_FLAT_GROWS 8
#define REWRITE_FLAT_MORE (16u << 20)

struct rewrite_part {
	int parent;
	struct bytes size, type;               /* text */
	struct buf names, viruses, signatures; /* lines */
	bool chosen;
};

struct rewrite {
	struct flow *f;
	struct message *m;
	const char *pattern;        /* NULL: by verdict */
	struct regex *regex;
	struct buf template_text;
	struct report list;         /* REPORT_PART; the parts point into it */
	struct rewrite_part *parts;
	int n;
	struct buf request;
	struct buf told;            /* for the log */
	struct buf before;          /* names of what went in earlier rounds */
};

static void
rewrite_forget_parts(struct rewrite *w)
{
	for (int i = 0; i < w->n; i++) {
		buf_clear(&w->parts[i].names);
		buf_clear(&w->parts[i].viruses);
		buf_clear(&w->parts[i].signatures);
	}
	free(w->parts);
	w->parts = NULL;
	w->n = 0;
}

static bool
rewrite_number(struct bytes *line, long min, long max, int *n_r)
{
	long n;

	if (!report_number(line, min, max, &n))
		return false;
	*n_r = (int)n;
	return true;
}

static void
rewrite_add_line(struct buf *lines, struct bytes line)
{
	buf_bytes(lines, line);
	buf_byte(lines, '\n');
}

static bool
rewrite_take_line(struct rewrite *w, struct bytes line)
{
	struct bytes letter = report_word(&line);
	struct rewrite_part *p;
	int number;

	if (bytes_is(letter, "p")) {
		struct rewrite_part new = { .names = BUF_INIT, .viruses = BUF_INIT,
			.signatures = BUF_INIT };

		if (!rewrite_number(&line, w->n, w->n, &number) ||
		    !rewrite_number(&line, -1, w->n - 1, &new.parent))
			return false;
		new.size = report_word(&line);
		new.type = line;
		w->parts = mem_resize(w->parts, (size_t)(w->n + 1) * sizeof *w->parts);
		w->parts[w->n++] = new;
		return true;
	}
	if (!rewrite_number(&line, 0, w->n - 1, &number))
		return false;
	p = &w->parts[number];
	if (bytes_is(letter, "n"))
		rewrite_add_line(&p->names, line);
	else if (bytes_is(letter, "v"))
		rewrite_add_line(&p->viruses, line);
	else if (bytes_is(letter, "s"))
		rewrite_add_line(&p->signatures, line);
	return true;
}

/* Asks for the parts. *complete_r false with 0: the scanner cannot tell them, why says why. */
static int
rewrite_list(struct rewrite *w, enum report_want want, bool *complete_r, struct fail *why)
{
	struct bytes rest, line;

	rewrite_forget_parts(w);
	*complete_r = true;
	if (inspect_list(&w->f->inspect, w->m, want, &w->list, why) < 0) {
		*complete_r = false;
		return w->list.status == REPORT_ERROR ? 0 : -1;
	}
	rest = buf_view(&w->list.lines[REPORT_PART]);
	while (bytes_line(&rest, &line))
		if (!rewrite_take_line(w, line))
			return fail_set(why, FAIL_SCAN, "the scanner's list of parts makes no "
			    "sense");
	if (w->n == 0)
		return fail_set(why, FAIL_SCAN, "the scanner's list of parts is empty");
	return 0;
}

static bool
rewrite_matches(struct rewrite *w, struct bytes names)
{
	struct regex_text text = { .n = 1 };
	size_t from, to;

	while (bytes_line(&names, &text.seg[0]))
		if (regex_search(w->regex, &text, &from, &to))
			return true;
	return false;
}

/* Marks what is to go; how many that are. */
static int
rewrite_mark(struct rewrite *w)
{
	int chosen = 0;

	for (int i = 0; i < w->n; i++) {
		struct rewrite_part *p = &w->parts[i];

		p->chosen = w->pattern ? rewrite_matches(w, buf_view(&p->names))
		    : p->viruses.len > 0;
		chosen += p->chosen;
	}
	return chosen;
}

/* The whole body is to go. */
static void
rewrite_choose_all(struct rewrite *w)
{
	static const struct rewrite_part message = { .parent = -1, .size = { "", 0 },
		.type = { "", 0 }, .names = BUF_INIT, .viruses = BUF_INIT,
		.signatures = BUF_INIT };

	if (w->n == 0) {
		w->parts = mem_resize(w->parts, sizeof *w->parts);
		w->parts[w->n++] = message;
	}
	for (int i = 1; i < w->n; i++)
		w->parts[i].chosen = false;
	w->parts[0].chosen = true;
}

/* How many parts are to go: by verdict. The scan is asked for first; its answer decides. */
static int
rewrite_choose_infected(struct rewrite *w, bool whole, struct fail *why)
{
	const struct report *r = selectors_judge(w->f);
	bool complete;
	int chosen;

	if (r->status == REPORT_ERROR)
		return fail_set(why, FAIL_SCAN, "%s", r->reason);
	if (r->status != REPORT_INFECTED)
		return 0;
	if (rewrite_list(w, REPORT_WANT_VERDICTS, &complete, why) < 0)
		return -1;
	chosen = rewrite_mark(w);
	if (complete && chosen > 0 && !whole)
		return chosen;
	/* It is in the message, and nobody knows where. */
	fail_clear(why);
	rewrite_choose_all(w);
	return 1;
}

static int
rewrite_choose(struct rewrite *w, bool whole, struct fail *why)
{
	bool complete;
	int chosen;

	if (!w->pattern)
		return rewrite_choose_infected(w, whole, why);
	if (rewrite_list(w, REPORT_WANT_PARTS, &complete, why) < 0 || !complete)
		return -1;
	chosen = rewrite_mark(w);
	if (chosen > 0 && whole)
		rewrite_choose_all(w);
	return chosen;
}

/* Parts from that one on that lie in it: the number behind the last. */
static int
rewrite_family(const struct rewrite *w, int part)
{
	int i = part + 1;

	while (i < w->n && w->parts[i].parent >= part)
		i++;
	return i;
}

static void
rewrite_add_once(struct buf *lines, struct bytes more)
{
	struct bytes line, have, all;

	while (bytes_line(&more, &line)) {
		bool there = false;

		for (all = buf_view(lines); !there && bytes_line(&all, &have);)
			there = have.len == line.len && memcmp(have.p, line.p, line.len) == 0;
		if (lines->len > NOTE_TEMPLATE_MAX)
			return;
		if (!there)
			rewrite_add_line(lines, line);
	}
}

/* What the note of that part says. */
static void
rewrite_note(struct rewrite *w, int part, struct buf *out)
{
	const struct envelope *env = w->f->d->env;
	const struct rewrite_part *p = &w->parts[part];
	struct buf lines[3] = { BUF_INIT, BUF_INIT, BUF_INIT }, text[5];
	const char *values[NOTE_VALUES];
	int end = rewrite_family(w, part);

	if (part == 0)
		rewrite_add_once(&lines[0], buf_view(&w->before));
	for (int i = part; i < end; i++) {
		rewrite_add_once(&lines[0], buf_view(&w->parts[i].names));
		rewrite_add_once(&lines[1], buf_view(&w->parts[i].viruses));
		rewrite_add_once(&lines[2], buf_view(&w->parts[i].signatures));
	}
	for (int i = p->parent; i >= 0; i = w->parts[i].parent)
		rewrite_add_once(&lines[2], buf_view(&w->parts[i].signatures));
	if (part == 0 && !w->pattern)
		rewrite_add_once(&lines[1],
		    buf_view(&w->f->inspect.report.lines[REPORT_SCAN_VIRUS]));
	for (int i = 0; i < 5; i++)
		buf_init(&text[i]);
	for (int i = 0; i < 3; i++)
		note_list(buf_view(&lines[i]), &text[i]);
	note_list(p->type, &text[3]);
	note_list(p->size, &text[4]);
	values[NOTE_NAMES] = text[0].p;
	values[NOTE_VIRUS] = text[1].p;
	values[NOTE_SIGNATURE] = text[2].p;
	values[NOTE_TYPE] = text[3].p;
	values[NOTE_SIZE] = text[4].p;
	values[NOTE_PATTERN] = w->pattern;
	values[NOTE_WHOLE] = part == 0 ? "1" : "";
	values[NOTE_QUARANTINE] = w->f->quarantine_id;
	values[NOTE_HOST] = w->f->host.hostname(w->f);
	values[NOTE_RECIPIENT] = env->rcpt;
	values[NOTE_SENDER] = env->sender;
	values[NOTE_ID] = env->id;
	note_write(buf_view(&w->template_text), values, out);
	if (w->told.len < 400)
		buf_printf(&w->told, "%s%s%s%s%s", w->told.len ? "; " : "", *text[0].p ? text[0].p
		    : text[3].p, *text[1].p ? " (" : "", text[1].p, *text[1].p ? ")" : "");
	rewrite_add_once(&w->before, buf_view(&lines[0]));
	for (int i = 0; i < 5; i++)
		buf_clear(&text[i]);
	for (int i = 0; i < 3; i++)
		buf_clear(&lines[i]);
}

static void
rewrite_put_number(struct buf *b, size_t n)
{
	uint32_t number = htonl((uint32_t)n);

	buf_add(b, &number, sizeof number);
}

/* The notes for all that was chosen, but for what lies in a part that goes. */
static void
rewrite_request(struct rewrite *w)
{
	struct buf notes = BUF_INIT, note = BUF_INIT;
	int i = 0;

	while (i < w->n) {
		if (!w->parts[i].chosen) {
			i++;
			continue;
		}
		buf_cut(&note, 0);
		rewrite_note(w, i, &note);
		rewrite_put_number(&notes, (size_t)i);
		rewrite_put_number(&notes, note.len);
		buf_bytes(&notes, buf_view(&note));
		i = rewrite_family(w, i);
	}
	buf_cut(&w->request, 0);
	rewrite_put_number(&w->request, notes.len);
	buf_bytes(&w->request, buf_view(&notes));
	buf_clear(&note);
	buf_clear(&notes);
}

/* The message becomes store's bytes, in which all is to be asked anew. */
static void
rewrite_becomes(struct flow *f, struct message *m, struct store *store)
{
	message_set(m, store);
	store_unref(&store);
	flow_settle(f);
	selectors_freshen(f);
}

static int
rewrite_take_out(struct rewrite *w, int chosen, struct fail *why)
{
	struct store *store;

	if (chosen > REWRITE_PARTS_MAX) {
		rewrite_choose_all(w);
		chosen = 1;
	}
	rewrite_request(w);
	store = inspect_rewrite(&w->f->inspect, w->m, REPORT_WANT_STRIP, buf_view(&w->request),
	    message_size(w->m) + REWRITE_NOTE_GROWS * w->request.len +
	    (size_t)chosen * REWRITE_NOTE_MORE, why);
	if (!store)
		return -1;
	rewrite_becomes(w->f, w->m, store);
	return 0;
}

/* How many rounds it took; -1 with why. */
static int
rewrite_strip_all(struct rewrite *w, struct fail *why)
{
	int round = 0, chosen;

	for (;; round++) {
		selectors_freshen(w->f);
		chosen = rewrite_choose(w, round >= REWRITE_PARTS_ROUNDS, why);
		if (chosen <= 0)
			return chosen < 0 ? -1 : round;
		if (round == REWRITE_ROUNDS)
			return fail_set(why, FAIL_SCAN, "what is to be stripped is in the header");
		if (rewrite_take_out(w, chosen, why) < 0)
			return -1;
	}
}

static int
rewrite_template(struct flow *f, struct buf *text, struct fail *why)
{
	const char *path = f->d->conf->strip_template;

	if (*path && fd_read_file(path, NOTE_TEMPLATE_MAX, text) < 0)
		return fail_errno(why, "strip_template = %s: every recipient must be able to read "
		    "it, and it may have %d bytes", path, NOTE_TEMPLATE_MAX);
	return 0;
}

/* An expression with a mistake in it would take out too little, and nobody would notice. */
static int
rewrite_expression(struct rewrite *w, struct fail *why)
{
	const char *complaint = NULL;
	size_t at = 0;

	if (!w->pattern)
		return 0;
	w->regex = regex_new(bytes_of(w->pattern), false, &complaint, &at);
	if (complaint)
		return fail_temp(why, "%s:%d: @strip: \"%.100s\": %s, at character %zu; correct "
		    "the expression", interp_file(w->f->in), interp_line(w->f->in), w->pattern,
		    complaint, at + 1);
	return 0;
}

/* What to go back to if it fails; the copy has references of its own. */
static struct message
rewrite_remember(const struct message *m)
{
	struct message old = *m;

	store_ref(old.head_store);
	store_ref(old.body_store);
	return old;
}

static void
rewrite_restore(struct flow *f, struct message *m, struct message *old, bool done)
{
	if (!done && m->body_serial != old->body_serial) {
		message_set_head(m, store_ref(old->head_store));
		message_set_body(m, store_ref(old->body_store));
		m->head = old->head;
		m->body = old->body;
		flow_settle(f);
	}
	message_clear(old);
}

int
rewrite_strip(struct flow *f, const char *pattern, struct message *m, struct fail *why)
{
	struct rewrite w = { .f = f, .m = m, .pattern = *pattern ? pattern : NULL,
		.template_text = BUF_INIT, .request = BUF_INIT, .told = BUF_INIT,
		.before = BUF_INIT };
	struct message old = rewrite_remember(m);
	bool scanned;
	int rounds;

	selectors_freshen(f);
	scanned = f->inspect.has_scan;
	report_init(&w.list);
	rounds = rewrite_expression(&w, why);
	if (rounds == 0)
		rounds = rewrite_template(f, &w.template_text, why);
	if (rounds == 0)
		rounds = rewrite_strip_all(&w, why);
	rewrite_restore(f, m, &old, rounds >= 0);
	if (rounds > 0)
		log_notice("stripped: %s", w.told.p);
	if (rounds > 0 && scanned)
		selectors_judge(f); /* VIRUS is about the message as it is now */
	regex_free(&w.regex);
	rewrite_forget_parts(&w);
	report_clear(&w.list);
	buf_clear(&w.template_text);
	buf_clear(&w.request);
	buf_clear(&w.told);
	buf_clear(&w.before);
	return rounds < 0 ? -1 : 0;
}

/* A message that all programs read alike stays as it is. */
static int
rewrite_flatten_once(struct flow *f, struct message *m, struct fail *why)
{
	static const struct bytes nothing = { "", 0 };
	const struct inspect *i = &f->inspect;
	bool infected = i->has_scan && i->report.status == REPORT_INFECTED;
	struct store *store;

	if (inspect_parts(&f->inspect, m, why) < 0)
		return -1;
	if (i->report.lines[REPORT_MIME_DEFECT].len == 0)
		return 0;
	store = inspect_rewrite(&f->inspect, m,
	    infected ? REPORT_WANT_FLATTEN_CLEAN : REPORT_WANT_FLATTEN, nothing,
	    REWRITE_FLAT_GROWS * message_size(m) + REWRITE_FLAT_MORE, why);
	if (!store)
		return -1;
	rewrite_becomes(f, m, store);
	return 0;
}

int
rewrite_flatten(struct flow *f, struct message *m, struct fail *why)
{
	struct message old = rewrite_remember(m);
	bool scanned;
	int rc;

	selectors_freshen(f);
	scanned = f->inspect.has_scan;
	rc = rewrite_flatten_once(f, m, why);
	/* Where a recipe let mail go on that cannot be scanned, it goes on flat, too. */
	if (rc == 0 && scanned && m->body_serial != old.body_serial &&
	    selectors_judge(f)->status == REPORT_ERROR && !f->scan_decided)
		rc = fail_set(why, FAIL_SCAN, "%s", f->inspect.report.reason);
	rewrite_restore(f, m, &old, rc == 0);
	return rc;
}
