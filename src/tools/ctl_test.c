/*
 * ctl_test.c - bivalvectl test: a whole mailbox through new recipes, and what would change.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/words.h"
#include "mail/field.h"
#include "mail/spool.h"
#include "tools/ctl.h"
#include "tools/ctlterm.h"
#include "tools/ctltrial.h"

#define TEST_SHOWN 40     /* changed messages that are listed without --all */
#define TEST_BAR 40       /* columns of the progress bar */

static const struct ctl_option test_options[] = {
	{ 0, "rc", "NEW", "the new rcfile" },
	{ 0, "against", "OLD", "the old one (else the user's own)" },
	{ 'u', "user", "USER", "whose recipes (root must name one)" },
	{ 0, "all", NULL, "list every message that changes" },
	{ 0, "no-scan", NULL, "take all for clean" },
	{ 0, "run-programs", NULL, "start filters, conditions, backquotes" },
	{ 0, "config", "FILE", "configuration" },
	{ 0, "json", NULL, "print JSON" },
	{ 0, NULL, NULL, NULL },
};

/* A message that would go elsewhere. */
struct test_change {
	size_t number;
	char *from, *subject, *was, *becomes;
};

/* How many go from one place to another. */
struct test_way {
	const char *was, *becomes;   /* borrowed from a change */
	size_t count;
};

struct test {
	struct ctltrial t;
	const char *rc, *against, *mailbox;
	char *new_path, *old_path;
	bool all, as_json;
	int fd;
	struct buf where;            /* of the message that is on its way */
	struct test_change *changes;
	size_t nchanges, n, total;
	const struct services *services;
	struct buf out;
};

extern const struct ctl_command ctl_test;

/* ---- one message ---- */

static void
test_event(void *ctx, const struct trial_event *e)
{
	struct test *t = ctx;

	if (e->what == TRIAL_COPY && e->text.len) {
		buf_bytes(&t->where, e->text);
	} else if (e->what == TRIAL_ACTION && e->held) {
		buf_str(&t->where, t->where.len ? ", " : "");
		buf_bytes(&t->where, e->text);
	}
}

static void
test_on_copy(void *ctx)
{
	struct test *t = ctx;

	buf_cut(&t->where, 0);
}

static void
test_on_copy_end(void *ctx, struct buf *out)
{
	struct test *t = ctx;

	buf_bytes(out, buf_view(&t->where));
}

/* Where it would go, as text; yours to free. */
static char *
test_way(struct test *t, const char *rcfile, struct store *message)
{
	struct outcome out = { 0 };

	buf_cut(&t->where, 0);
	ctltrial_deliver(&t->t, t->services, rcfile, message, &out);
	if (out.code == OUTCOME_FAILED) {
		buf_cut(&t->where, 0);
		buf_printf(&t->where, "(%s: %.60s)", fail_class(out.why.kind)->name, out.why.text);
	} else if (t->where.len == 0) {
		buf_str(&t->where, "(nowhere)");
	}
	return buf_take(&t->where);
}

static char *
test_field(struct bytes head, const char *name)
{
	struct buf text = BUF_INIT;
	struct field field;

	if (field_find(head, name, &field))
		words_decode(field.value, &text);
	return buf_take(&text);
}

static void
test_note(struct test *t, struct bytes head, char *was, char *becomes)
{
	size_t n = t->nchanges;

	if ((n & (n - 1)) == 0)
		t->changes = mem_resize(t->changes, (n ? 2 * n : 1) * sizeof *t->changes);
	t->changes[t->nchanges++] = (struct test_change){ t->n, test_field(head, "From"),
		test_field(head, "Subject"), was, becomes };
}

/* On a terminal only. */
static void
test_progress(const struct test *t)
{
	size_t done = t->total ? t->n * TEST_BAR / t->total : 0;
	char bar[TEST_BAR + 1];

	if (!isatty(STDERR_FILENO) || (t->n % 10 && t->n != t->total))
		return;
	done = done > TEST_BAR ? TEST_BAR : done;
	memset(bar, '.', TEST_BAR);
	memset(bar, '#', done);
	bar[TEST_BAR] = '\0';
	fprintf(stderr, "\r[%s] %zu of %zu, %zu change", bar, t->n, t->total, t->nchanges);
	if (t->n == t->total)
		fprintf(stderr, "\n");
}

static void
test_message(struct test *t, struct bytes text)
{
	struct buf copy = BUF_INIT;
	struct store *message;
	char *was, *becomes;

	buf_bytes(&copy, text);
	message = store_from_buf(&copy);
	t->n++;
	was = test_way(t, t->old_path, message);
	becomes = test_way(t, t->new_path, message);
	if (strcmp(was, becomes) != 0) {
		test_note(t, bytes_first(text, message_head_length(text)), was, becomes);
	} else {
		free(was);
		free(becomes);
	}
	store_unref(&message);
	/* What is wrong with an rcfile has been said with the first message. */
	log_open("bivalvectl", false);
	test_progress(t);
}

/* ---- mailboxes ---- */

/* "From sender Tue Mar ...": other lines that begin so are text that nobody has quoted. */
static bool
test_is_from_line(struct bytes text)
{
	static const char days[] = "Mon Tue Wed Thu Fri Sat Sun";
	char day[4] = "";
	size_t n = 5;

	while (n < text.len && text.p[n] != ' ' && text.p[n] != '\n')
		n++;
	while (n < text.len && text.p[n] == ' ')
		n++;
	if (text.len < n + 4)
		return false;
	memcpy(day, text.p + n, 3);
	return text.p[n + 3] == ' ' && strlen(day) == 3 && strstr(days, day);
}

/* The next message of an mbox begins behind an empty line. */
static size_t
test_next(struct bytes text)
{
	const char *p = text.p, *end = text.p + text.len, *at;

	while (p < end && (at = memmem(p, (size_t)(end - p), "\n\nFrom ", 7)) != NULL) {
		if (test_is_from_line(bytes_from(text, (size_t)(at + 2 - text.p))))
			return (size_t)(at + 2 - text.p);
		p = at + 1;
	}
	return text.len;
}

static int
test_mbox(struct test *t, struct fail *why)
{
	struct store *whole = store_from_fd(t->fd);
	struct bytes rest;
	size_t n;

	t->fd = -1;
	if (!whole)
		return fail_errno(why, "%s", t->mailbox);
	for (rest = whole->bytes; rest.len; rest = bytes_from(rest, test_next(rest)))
		t->total++;
	for (rest = whole->bytes; rest.len; rest = bytes_from(rest, n)) {
		n = test_next(rest);
		test_message(t, bytes_first(rest, n));
	}
	store_unref(&whole);
	return 0;
}

static int
test_maildir_file(struct test *t, int dir, const char *name, struct fail *why)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct store *s = fd < 0 ? NULL : store_from_fd(fd);

	if (!s && errno == ENOENT)
		return 0; /* a mail program has moved it */
	if (!s)
		return fail_errno(why, "%s", name);
	test_message(t, s->bytes);
	store_unref(&s);
	return 0;
}

/* Counts, or works on, the files of new or cur. */
static int
test_maildir_part(struct test *t, const char *part, bool count, struct fail *why)
{
	int fd = openat(t->fd, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		fail_errno(why, "%s/%s", t->mailbox, part);
		fd_close(&fd);
		return -1;
	}
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (count)
			t->total++;
		else
			rc = test_maildir_file(t, dirfd(d), e->d_name, why);
	}
	closedir(d);
	return rc;
}

static int
test_maildir(struct test *t, struct fail *why)
{
	static const char *const parts[] = { "new", "cur" };

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
			if (test_maildir_part(t, parts[i], pass == 0, why) < 0)
				return -1;
	return 0;
}

/* ---- what would change ---- */

static int
test_compare(const void *a, const void *b)
{
	const struct test_way *x = a, *y = b;

	int order = strcmp(x->was, y->was);

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return order ? order : strcmp(x->becomes, y->becomes);
}

static struct test_way *
test_ways(const struct test *t, size_t *n_r)
{
	struct test_way *ways = mem_array(t->nchanges + 1, sizeof *ways);
	size_t n = 0, i;

	for (size_t k = 0; k < t->nchanges; k++) {
		const struct test_change *c = &t->changes[k];

		for (i = 0; i < n && (strcmp(ways[i].was, c->was) != 0
		    || strcmp(ways[i].becomes, c->becomes) != 0); i++)
			;
		if (i == n)
			ways[n++] = (struct test_way){ c->was, c->becomes, 0 };
		ways[i].count++;
	}
	qsort(ways, n, sizeof *ways, test_compare);
	*n_r = n;
	return ways;
}

/* Both ways without the copies that they begin with together: a cell is cut at its end, and there
 * the difference would be. */
static void
test_cells(struct ctlterm_table *table, const char *was, const char *becomes)
{
	size_t same = 0;

	for (size_t i = 0; was[i] && was[i] == becomes[i]; i++)
		if (i > 0 && was[i - 1] == ',' && was[i] == ' ')
			same = i + 1;
	for (int i = 0; i < 2; i++) {
		struct buf cell = BUF_INIT;

		buf_printf(&cell, "%s%s", same ? "..., " : "", (i ? becomes : was) + same);
		ctlterm_cell(table, buf_view(&cell));
		buf_clear(&cell);
	}
}

static void
test_print_ways(struct test *t)
{
	static const char *const heads[] = { ">MESSAGES", "NOW", "NEW", NULL };
	struct ctlterm_table table;
	size_t n;
	struct test_way *ways = test_ways(t, &n);

	ctlterm_table(&table, heads);
	for (size_t i = 0; i < n; i++) {
		ctlterm_cell_number(&table, (long long)ways[i].count);
		test_cells(&table, ways[i].was, ways[i].becomes);
	}
	ctlterm_table_end(&table, &t->out);
	free(ways);
}

static void
test_print_changes(struct test *t)
{
	static const char *const heads[] = { ">NR", "FROM", "SUBJECT", "NOW", "NEW", NULL };
	size_t n = t->all || t->nchanges < TEST_SHOWN ? t->nchanges : TEST_SHOWN;
	struct ctlterm_table table;

	ctlterm_table(&table, heads);
	for (size_t i = 0; i < n; i++) {
		const struct test_change *c = &t->changes[i];

		ctlterm_cell_number(&table, (long long)c->number);
		ctlterm_cell(&table, bytes_of(c->from));
		ctlterm_cell(&table, bytes_of(c->subject));
		test_cells(&table, c->was, c->becomes);
	}
	buf_byte(&t->out, '\n');
	ctlterm_table_end(&table, &t->out);
	if (n < t->nchanges)
		buf_printf(&t->out, "... and %zu more: --all\n", t->nchanges - n);
}

static void
test_print_json(struct test *t)
{
	struct json j;

	json_init(&j, &t->out);
	json_object(&j, NULL);
	json_number(&j, "messages", (long long)t->n);
	json_array(&j, "changes");
	for (size_t i = 0; i < t->nchanges; i++) {
		const struct test_change *c = &t->changes[i];

		json_object(&j, NULL);
		json_number(&j, "number", (long long)c->number);
		json_str(&j, "from", c->from);
		json_str(&j, "subject", c->subject);
		json_str(&j, "now", c->was);
		json_str(&j, "new", c->becomes);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
}

static void
test_print(struct test *t)
{
	if (t->as_json) {
		test_print_json(t);
		return;
	}
	if (t->nchanges) {
		test_print_ways(t);
		test_print_changes(t);
		buf_byte(&t->out, '\n');
	}
	buf_printf(&t->out, "%zu of %zu message%s would go elsewhere.\n", t->nchanges, t->n,
	    t->n == 1 ? "" : "s");
}

static int
test_work(void *ctx, const struct services *services)
{
	struct test *t = ctx;
	struct fail why = { 0 };
	struct stat st;
	int rc;

	t->services = services;
	if (fstat(t->fd, &st) < 0)
		rc = fail_errno(&why, "%s", t->mailbox);
	else
		rc = S_ISDIR(st.st_mode) ? test_maildir(t, &why) : test_mbox(t, &why);
	if (rc < 0)
		return ctl_fail(&ctl_test, &why);
	test_print(t);
	rc = ctl_print(&ctl_test, &t->out);
	return rc ? rc : t->nchanges ? CTL_NO : CTL_OK;
}

/* ---- the command line ---- */

static int
test_word(struct test *t, const char *word, struct fail *why)
{
	if (strchr(word, '=') && access(word, F_OK) < 0)
		return ctltrial_assign(&t->t, word, why);
	if (t->mailbox)
		return fail_set(why, FAIL_USAGE, "one mailbox at a time");
	t->mailbox = word;
	return 0;
}

static int
test_arguments(struct test *t, int argc, char **argv, struct fail *why)
{
	struct ctl_scan s;
	int i;

	ctl_scan(&s, &ctl_test, argc, argv);
	while ((i = ctl_next(&s, why)) != CTL_END) {
		switch (i) {
		case 0: t->rc = s.value; break;
		case 1: t->against = s.value; break;
		case 2: t->t.user = s.value; break;
		case 3: t->all = true; break;
		case 4: t->t.trial.no_scan = true; break;
		case 5: t->t.trial.run_programs = true; break;
		case 6: t->t.config = s.value; break;
		case 7: t->as_json = true; break;
		case CTL_WORD:
			if (test_word(t, s.value, why) < 0)
				return -1;
			break;
		default: return -1;
		}
	}
	if (!t->mailbox || !t->rc)
		return fail_set(why, FAIL_USAGE, "a mailbox and --rc NEW are needed");
	return 0;
}

static int
test_open(struct test *t, struct fail *why)
{
	if (!(t->new_path = ctltrial_path(t->rc, why)))
		return -1;
	if (t->against && !(t->old_path = ctltrial_path(t->against, why)))
		return -1;
	t->fd = open(t->mailbox, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return t->fd < 0 ? fail_errno(why, "%s", t->mailbox) : 0;
}

static void
test_clear(struct test *t)
{
	for (size_t i = 0; i < t->nchanges; i++) {
		free(t->changes[i].from);
		free(t->changes[i].subject);
		free(t->changes[i].was);
		free(t->changes[i].becomes);
	}
	free(t->changes);
	free(t->new_path);
	free(t->old_path);
	buf_clear(&t->where);
	buf_clear(&t->out);
	ctltrial_end(&t->t);
	fd_close(&t->fd);
}

static int
test_run(int argc, char **argv)
{
	struct test t = { .fd = -1, .where = BUF_INIT, .out = BUF_INIT };
	struct fail why = { 0 };
	int status = -1;

	t.t.trial.ctx = &t;
	t.t.trial.event = test_event;
	t.t.trial.on_copy = test_on_copy;
	t.t.trial.on_copy_end = test_on_copy_end;
	if (test_arguments(&t, argc, argv, &why) == 0 && ctltrial_begin(&t.t, &why) == 0
	    && test_open(&t, &why) == 0)
		status = ctltrial_run(&t.t, test_work, &t, &why);
	if (status < 0)
		status = ctl_fail(&ctl_test, &why);
	test_clear(&t);
	return status;
}

const struct ctl_command ctl_test = {
	.name = "test",
	.summary = "Runs a mailbox through new recipes, and shows what would change.",
	.usage = "--rc NEW [--against OLD] MAILBOX [NAME=value ...]",
	.options = test_options,
	.run = test_run,
};
