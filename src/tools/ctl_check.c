/*
 * ctl_check.c - bivalvectl check: errors and traps in rcfiles, and what to write instead.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/mem.h"
#include "tools/ctl.h"
#include "tools/ctlterm.h"
#include "tools/ctltrap.h"

#define CHECK_FILE_MAX (4u << 20)

static const struct ctl_option check_options[] = {
	{ 0, "config", "FILE", "configuration that names the site's recipes" },
	{ 'q', "quiet", NULL, "say nothing of hints" },
	{ 0, "json", NULL, "print JSON" },
	{ 0, NULL, NULL, NULL },
};

struct check_seen {
	dev_t dev;
	ino_t ino;
};

struct check {
	const char *config;
	bool quiet, as_json;
	struct buf out;
	struct json json;
	int files, counts[CTLTRAP_ERROR + 1];
	struct check_seen *seen;
	size_t nseen;
};

extern const struct ctl_command ctl_check;

static void
check_print(struct check *c, const struct ctltrap_file *f, const struct ctltrap *t)
{
	static const enum ctlterm_colour colours[] = { CTLTERM_NAME, CTLTERM_WARN, CTLTERM_BAD };
	struct bytes line = ctltrap_line(f, t->line);
	struct buf before = BUF_INIT, meant = BUF_INIT;
	struct buf *out = &c->out;
	size_t n;

	ctlterm_text(out, bytes_of(f->name));
	buf_printf(out, ":%d:%zu: ", t->line, t->column);
	ctlterm_paint(out, colours[t->level], ctltrap_level_name(t->level));
	buf_str(out, ": ");
	ctlterm_text(out, bytes_of(t->text));
	buf_printf(out, " [%s]\n    ", t->name);
	ctlterm_text(out, line);
	ctlterm_text(&before, bytes_first(line, t->column - 1));
	ctlterm_text(&meant, bytes_first(bytes_from(line, t->column - 1), t->length));
	n = ctlterm_width(buf_view(&meant));
	buf_printf(out, "\n    %*s%s^", (int)ctlterm_width(buf_view(&before)), "",
	    ctlterm_colour(colours[t->level]));
	for (; n > 1; n--)
		buf_byte(out, '~');
	buf_printf(out, "%s\n", ctlterm_colour(CTLTERM_PLAIN));
	if (*t->instead)
		buf_printf(out, "    instead: %s\n", t->instead);
	buf_clear(&before);
	buf_clear(&meant);
}

static void
check_json(struct check *c, const struct ctltrap_file *f, const struct ctltrap *t)
{
	struct json *j = &c->json;

	json_object(j, NULL);
	json_str(j, "file", f->name);
	json_number(j, "line", t->line);
	json_number(j, "column", (long long)t->column);
	json_number(j, "length", (long long)t->length);
	json_str(j, "level", ctltrap_level_name(t->level));
	json_str(j, "rule", t->name);
	json_str(j, "text", t->text);
	json_str(j, "instead", t->instead);
	json_bytes(j, "source", ctltrap_line(f, t->line));
	json_end(j);
}

static void
check_traps(struct check *c, const struct ctltrap_file *f)
{
	for (const struct ctltrap *t = f->first; t; t = t->next) {
		if (t->level == CTLTRAP_HINT && c->quiet)
			continue;
		c->counts[t->level]++;
		if (c->as_json)
			check_json(c, f, t);
		else
			check_print(c, f, t);
	}
}

/* Was that file included by one before it? What it says there is all that it has to say. */
static bool
check_seen(struct check *c, const struct ctltrap_file *f)
{
	for (size_t i = 0; f->ino && i < c->nseen; i++)
		if (c->seen[i].dev == f->dev && c->seen[i].ino == f->ino)
			return true;
	c->seen = mem_resize(c->seen, (c->nseen + 1) * sizeof *c->seen);
	c->seen[c->nseen++] = (struct check_seen){ f->dev, f->ino };
	return false;
}

static int
check_file(struct check *c, const char *path, struct fail *why)
{
	struct buf text = BUF_INIT;
	struct ctltrap_file first;
	int rc = strcmp(path, "-") == 0 ? fd_read_all(STDIN_FILENO, CHECK_FILE_MAX, &text)
	    : fd_read_file(path, CHECK_FILE_MAX, &text);

	if (rc < 0) {
		buf_clear(&text);
		return fail_errno(why, "%s", path);
	}
	ctltrap_read(&first, path, buf_view(&text));
	for (const struct ctltrap_file *f = &first; f; f = f->next) {
		if (check_seen(c, f))
			continue;
		check_traps(c, f);
		c->files++;
	}
	ctltrap_clear(&first);
	buf_clear(&text);
	return 0;
}

/* A file that need not be there: the next one is asked for. */
static int
check_if_there(struct check *c, const char *path, struct fail *why)
{
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 1;
	return check_file(c, path, why);
}

/* The files that a delivery for whoever asks would read. */
static int
check_own(struct check *c, struct fail *why)
{
	static const char *const names[] = { ".bivalverc", ".procmailrc" };
	const char *home = getenv("HOME");
	struct conf conf = { 0 };
	int rc = ctl_conf(c->config, &conf, why);

	if (rc == 0 && *conf.site_recipes)
		rc = conf.site_named ? check_file(c, conf.site_recipes, why)
		    : check_if_there(c, conf.site_recipes, why);
	for (size_t i = 0; rc >= 0 && home && i < sizeof names / sizeof names[0]; i++) {
		struct buf path = BUF_INIT;

		buf_printf(&path, "%s/%s", home, names[i]);
		rc = check_if_there(c, path.p, why);
		buf_clear(&path);
		if (rc == 0)
			break;
	}
	conf_clear(&conf);
	return rc < 0 ? -1 : 0;
}

static void
check_sum(struct check *c)
{
	const int *n = c->counts;

	if (c->files == 0)
		buf_str(&c->out, "There is no rcfile to read.\n");
	else if (n[CTLTRAP_ERROR] + n[CTLTRAP_TRAP] + n[CTLTRAP_HINT] == 0)
		buf_printf(&c->out, "%d file%s, nothing to say.\n", c->files,
		    c->files == 1 ? "" : "s");
	else
		buf_printf(&c->out, "%d error%s, %d trap%s, %d hint%s.\n", n[CTLTRAP_ERROR],
		    n[CTLTRAP_ERROR] == 1 ? "" : "s", n[CTLTRAP_TRAP],
		    n[CTLTRAP_TRAP] == 1 ? "" : "s", n[CTLTRAP_HINT],
		    n[CTLTRAP_HINT] == 1 ? "" : "s");
}

/* Errors weigh more than traps; hints do not count. */
static int
check_status(const struct check *c)
{
	if (c->counts[CTLTRAP_ERROR])
		return CTL_WORSE;
	return c->counts[CTLTRAP_TRAP] ? CTL_NO : CTL_OK;
}

static int
check_all(struct check *c, int argc, char **argv, struct fail *why)
{
	struct ctl_scan s;
	bool named = false;
	int i, rc = 0;

	ctl_scan(&s, &ctl_check, argc, argv);
	while (rc == 0 && (i = ctl_next(&s, why)) != CTL_END) {
		switch (i) {
		case 0: c->config = s.value; break;
		case 1: c->quiet = true; break;
		case 2: c->as_json = true; break;
		case CTL_WORD: named = true; break;
		default: return -1;
		}
	}
	if (c->as_json)
		json_array(&c->json, NULL);
	if (!named)
		return check_own(c, why);
	ctl_scan(&s, &ctl_check, argc, argv);
	while (rc == 0 && (i = ctl_next(&s, why)) != CTL_END)
		if (i == CTL_WORD)
			rc = check_file(c, s.value, why);
	return rc;
}

static int
check_run(int argc, char **argv)
{
	struct check c = { .out = BUF_INIT };
	struct fail why = { 0 };
	int rc, status;

	json_init(&c.json, &c.out);
	rc = check_all(&c, argc, argv, &why);
	if (c.as_json && c.json.depth)
		json_end(&c.json);
	else if (rc == 0)
		check_sum(&c);
	status = ctl_print(&ctl_check, &c.out);
	buf_clear(&c.out);
	free(c.seen);
	if (rc < 0)
		return ctl_fail(&ctl_check, &why);
	return status ? status : check_status(&c);
}

const struct ctl_command ctl_check = {
	.name = "check",
	.summary = "Reports errors and traps in rcfiles, and what to write instead.",
	.usage = "[--json] [-q] [FILE ...]",
	.options = check_options,
	.run = check_run,
};
