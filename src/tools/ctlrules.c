#include "tools/ctlrules.h"

#include <stdlib.h>
#include <string.h>

#include "recipe/lex.h"
#include "recipe/verb.h"

/* A block, or the file. */
struct ctlrules_level {
	const struct node *next;
	const struct node *last;     /* the recipe before, NULL for none */
	const struct node *ends;     /* a recipe behind which nothing comes, NULL for none */
	const struct node *left;     /* a SWITCHRC behind which nothing is read, NULL for none */
	struct ctltrap_file *f;
	bool clone, told;
	bool conditional;            /* a condition decides whether it is read */
};

struct ctlrules_walk {
	struct ctlrules r;
	struct ctltrap_file *first;
	struct ctlrules_level *levels;
	size_t n, room;
};

/* ---- variables ---- */

const struct ctlrules_variable *
ctlrules_variable(const struct ctlrules *r, const char *name)
{
	for (size_t i = r->nvars; i > 0; i--)
		if (strcmp(r->vars[i - 1].name, name) == 0)
			return &r->vars[i - 1];
	return NULL;
}

bool
ctlrules_is_stranger(const struct ctlrules *r, const char *name)
{
	static const char *const envelope[] = { "SENDER", "RECIPIENT", "DETAIL", "CLIENT", NULL };
	const struct ctlrules_variable *v;

	if (strcmp(name, "MATCH") == 0)
		return !r->match_is_word;
	v = ctlrules_variable(r, name);
	if (v)
		return v->stranger;
	for (const char *const *e = envelope; *e; e++)
		if (strcmp(*e, name) == 0)
			return true;
	return false;
}

const char *
ctlrules_stranger_in(const struct ctlrules *r, const struct piece *p, bool unquoted)
{
	for (; p; p = p->next)
		if (p->kind == PIECE_VAR && !(unquoted && (p->quoted || p->escaped))
		    && ctlrules_is_stranger(r, p->text))
			return p->text;
	return NULL;
}

bool
ctlrules_constant(const struct ctlrules *r, const struct piece *p, struct buf *out)
{
	for (; p; p = p->next) {
		const struct ctlrules_variable *v;
		const char *value;

		if (p->kind == PIECE_TEXT || p->kind == PIECE_BLANK) {
			buf_str(out, p->kind == PIECE_BLANK ? " " : p->text);
			continue;
		}
		v = p->kind == PIECE_VAR ? ctlrules_variable(r, p->text) : NULL;
		value = v ? v->value : p->kind == PIECE_VAR && strcmp(p->text, "HOME") == 0
		    ? r->home : NULL;
		if (!value || p->test != PIECE_PLAIN)
			return false;
		buf_str(out, value);
	}
	return true;
}

struct bytes
ctlrules_token(struct ctlrules *r, int line, const char *name)
{
	struct bytes here = ctltrap_line(r->f, line);
	const char *braced = ctltrap_say(r->f, "${%s", name);

	if (memmem(here.p, here.len, braced, strlen(braced)))
		return bytes_of(braced);
	return bytes_of(ctltrap_say(r->f, "$%s", name));
}

/* A program's output is a stranger's when it prints a field of the message. */
static bool
ctlrules_prints_field(const char *line)
{
	return strstr(line, "formail") && (strstr(line, "-x") || strstr(line, "-zx")
	    || strstr(line, "-X") || strstr(line, "-r"));
}

static void
ctlrules_set(struct ctlrules *r, const char *name, const char *value, bool stranger)
{
	size_t n = r->nvars;

	if ((n & (n - 1)) == 0)
		r->vars = mem_resize(r->vars, (n ? 2 * n : 1) * sizeof *r->vars);
	r->vars[r->nvars++] = (struct ctlrules_variable){ arena_string(r->f->arena, name),
		value ? arena_string(r->f->arena, value) : NULL, stranger };
}

static void
ctlrules_shell(struct ctlrules *r, int line, const char *value)
{
	static const char *const others[] = { "csh", "tcsh", "fish", "nologin", "false", NULL };
	const char *name = strrchr(value, '/');

	name = name ? name + 1 : value;
	for (const char *const *o = others; *o; o++)
		if (strcmp(*o, name) == 0)
			ctltrap_add(r->f, CTLTRAP_TRAP, "shell", line, bytes_of(value),
			    "program lines are written for sh(1): this shell reads quotes, "
			    "redirections and variables in another way, or runs nothing",
			    "SHELL=/bin/sh");
}

/* Its text is expanded when it runs: what stands in double quotes is expanded here, too early. */
static void
ctlrules_trap(struct ctlrules *r, const struct node *n)
{
	static const char *const late[] = { "LASTFOLDER", "EXITCODE", "MATCH", NULL };

	for (const struct piece *p = n->value; p; p = p->next)
		for (const char *const *l = late; p->kind == PIECE_VAR && *l; l++)
			if (strcmp(p->text, *l) == 0)
				ctltrap_add(r->f, CTLTRAP_TRAP, "trap-early", n->line,
				    ctlrules_token(r, n->line, p->text),
				    "expanded here, long before the TRAP runs: it holds another "
				    "value then", "put the whole value into single quotes");
}

static void
ctlrules_special(struct ctlrules *r, const struct node *n, const char *value)
{
	const char *stranger = ctlrules_stranger_in(r, n->value, false);

	if (strcmp(n->name, "TRAP") == 0) {
		ctlrules_trap(r, n);
		if (stranger)
			ctltrap_add(r->f, CTLTRAP_TRAP, "stranger-in-shell", n->line,
			    ctlrules_token(r, n->line, stranger), "a stranger's words become "
			    "part of a line that the shell reads: they can be commands",
			    "put the value into single quotes, and the variable in it into "
			    "double quotes");
	}
	if (!value)
		return;
	if (strcmp(n->name, "SHELL") == 0)
		ctlrules_shell(r, n->line, value);
	if (strcmp(n->name, "DROPPRIVS") == 0)
		ctltrap_add(r->f, CTLTRAP_HINT, "obsolete", n->line, bytes_of(n->name),
		    "changes nothing: rcfiles always run with the recipient's rights",
		    "leave it out");
	if (strcmp(n->name, "UMASK") == 0 && *value && value[strspn(value, "01234567")])
		ctltrap_add(r->f, CTLTRAP_TRAP, "umask", n->line, bytes_of(value),
		    "is read as an octal number, up to the first character that is none",
		    "UMASK=077");
	if (strcmp(n->name, "EXITCODE") == 0 && (strcmp(value, "67") == 0
	    || strcmp(value, "77") == 0))
		ctltrap_add(r->f, CTLTRAP_HINT, "obsolete", n->line, bytes_of(n->name),
		    "refuses the mail by a number, whatever becomes of it", "@reject REASON");
}

/* A value with comments or recipes in it: the closing quote is elsewhere. */
static void
ctlrules_quote(struct ctlrules *r, const struct node *n)
{
	const struct complaint *torn = r->f->tree->torn;

	if (torn && torn->line == n->line)
		return; /* the parser has said so */
	for (const struct piece *p = n->value; p; p = p->next) {
		const char *at = p->kind == PIECE_TEXT ? strchr(p->text, '\n') : NULL;

		while (at && at[1] != '#' && strncmp(at + 1, ":0", 2) != 0)
			at = strchr(at + 1, '\n');
		if (!at)
			continue;
		ctltrap_add(r->f, CTLTRAP_TRAP, "quote-open", n->line, (struct bytes){ "", 0 },
		    "the quote that begins in this value goes on over comments and recipes to "
		    "the next one, wherever that is", "a closing quote");
		return;
	}
}

static void
ctlrules_assign(struct ctlrules *r, const struct node *n)
{
	struct buf value = BUF_INIT;
	bool known = ctlrules_constant(r, n->value, &value);
	bool stranger = ctlrules_stranger_in(r, n->value, false) != NULL;

	for (const struct piece *p = n->value; p; p = p->next)
		if (p->kind == PIECE_COMMAND) {
			ctlruleact_program(r, p->program, n->line);
			stranger = stranger || ctlrules_prints_field(p->program->line);
		}
	ctlrules_quote(r, n);
	ctlrules_special(r, n, known ? value.p : NULL);
	ctlrules_set(r, n->name, known ? value.p : NULL, stranger);
	if (strcmp(n->name, "LOCKFILE") == 0)
		r->lockfile = !known || value.len > 0;
	buf_clear(&value);
}

/* "NAME=a b": the value ends at the blank, and b is a statement of its own. */
static void
ctlrules_unset(struct ctlrules *r, const struct node *n, const struct node *before)
{
	if (before && before->kind == NODE_ASSIGN && before->line == n->line
	    && !ctlrules_variable(r, n->name))
		ctltrap_add(r->f, CTLTRAP_TRAP, "value-cut", n->line, bytes_of(n->name),
		    "the value ends at the blank; what follows unsets a variable of this name",
		    ctltrap_say(r->f, "%s=\"...\", with quotes around the whole value",
		    before->name));
	if (strcmp(n->name, "LOCKFILE") == 0)
		r->lockfile = false;
	ctlrules_set(r, n->name, "", false);
}

/* ---- recipes ---- */

static bool
ctlrules_is_chained(const struct flags *f)
{
	return f->and_then || f->and_ok || f->or_else || f->or_error;
}

/* Nothing comes behind it: no condition, no copy, and it does not fail as a rule. */
static bool
ctlrules_ends(const struct node *n)
{
	const struct flags *f = n->flags;
	const struct action *a = &n->action;

	if (!f || n->conds || f->copy || f->filter || ctlrules_is_chained(f))
		return false;
	if (a->kind == ACTION_VERB)
		return a->verb != VERB_NONE && verb_info((enum verb)a->verb)->ends;
	if (a->kind == ACTION_PROGRAM)
		return !f->wait && !f->quiet && !f->lock;
	return a->kind == ACTION_FOLDER || a->kind == ACTION_FORWARD || a->kind == ACTION_STDOUT;
}

static void
ctlrules_reach(struct ctlrules *r, struct ctlrules_level *level, const struct node *n)
{
	const struct node *e = level->ends;

	if (!e || level->told || !n->flags || n->flags->or_error)
		return;
	level->told = true;
	ctltrap_add(r->f, CTLTRAP_TRAP, "unreachable", n->line, (struct bytes){ "", 0 },
	    ctltrap_say(r->f, "no mail comes here: the recipe in line %d has no condition, and "
	    "its action is the end", e->line),
	    e->action.kind == ACTION_VERB ? "give that recipe a condition, or move it to the end"
	    : "give that recipe a condition, or the flag c, or move it to the end");
}

static void
ctlrules_chain(struct ctlrules *r, const struct ctlrules_level *level, size_t depth,
    const struct node *n)
{
	if (!n->flags || !ctlrules_is_chained(n->flags) || level->last || depth > 1)
		return;
	ctltrap_add(r->f, CTLTRAP_HINT, "no-chain", n->line, (struct bytes){ "", 0 },
	    "A, a, E and e look at the recipe before this one, and this file has none: only "
	    "where another file includes it can it hold", "leave the flag out");
}

/* The condition without its star becomes a folder's name. */
static bool
ctlrules_star_missing(struct ctlrules *r, const struct node *n)
{
	const struct action *a = &n->action;
	const struct piece *p = a->words;

	if (a->kind != ACTION_FOLDER || !p || p->kind != PIECE_TEXT || p->text[0] != '^')
		return false;
	ctltrap_add(r->f, CTLTRAP_TRAP, "star-missing", a->line, bytes_of(p->text),
	    "is the name of a folder here, not a condition", "a star in front: * ^...");
	return true;
}

/* ":2" and two lines without stars, as it was written thirty years ago. */
static void
ctlrules_count(struct ctlrules *r, const struct node *n)
{
	const struct piece *p = n->value;

	if (p && p->kind == PIECE_TEXT && p->text[0] >= '1' && p->text[0] <= '9')
		ctltrap_add(r->f, CTLTRAP_HINT, "obsolete", n->line, (struct bytes){ "", 0 },
		    "as many of the next lines are conditions as the number says, without stars",
		    ":0, and a star in front of each condition");
}

static void
ctlrules_recipe(struct ctlrules *r, struct ctlrules_level *level, size_t depth,
    const struct node *n)
{
	ctlrules_reach(r, level, n);
	ctlrules_chain(r, level, depth, n);
	ctlrules_count(r, n);
	ctlrulecond_look(r, n);
	if (n->flags && !ctlrules_star_missing(r, n))
		ctlruleact_look(r, n);
	if (n->action.kind == ACTION_CAPTURE && n->action.variable)
		ctlrules_set(r, n->action.variable, NULL,
		    ctlrules_prints_field(n->action.program->line));
	if (n->flags && n->flags->filter)
		r->scan_asked = false; /* what it writes is scanned anew */
	if (ctlrules_ends(n))
		level->ends = n;
	level->last = n;
}

static void
ctlrules_push(struct ctlrules_walk *w, const struct node *first, struct ctltrap_file *f,
    bool clone, bool conditional)
{
	if (w->n == w->room) {
		w->room = w->room ? 2 * w->room : 8;
		w->levels = mem_resize(w->levels, w->room * sizeof *w->levels);
	}
	w->levels[w->n++] = (struct ctlrules_level){ .next = first, .f = f, .clone = clone,
		.conditional = conditional };
	w->r.f = f;
	w->r.clone = clone;
}

static void
ctlrules_pop(struct ctlrules_walk *w)
{
	w->n--;
	w->r.clone = w->n > 0 && w->levels[w->n - 1].clone;
	if (w->n > 0)
		w->r.f = w->levels[w->n - 1].f;
}

static struct ctltrap_file *
ctlrules_known(struct ctlrules_walk *w, const struct stat *st)
{
	for (struct ctltrap_file *f = w->first; f; f = f->next)
		if (f->dev == st->st_dev && f->ino == st->st_ino)
			return f;
	return NULL;
}

/* A file that was looked at is not looked at again; one that is being read is read without end. */
static void
ctlrules_include(struct ctlrules_walk *w, const struct node *n, const char *path,
    const struct stat *st)
{
	const struct ctlrules_level *level = &w->levels[w->n - 1];
	struct ctltrap_file *f = ctlrules_known(w, st);

	if (f) {
		for (size_t i = 0; i < w->n; i++)
			if (w->levels[i].f == f && !level->conditional) {
				ctlruleinc_loop(&w->r, n);
				return;
			}
		return;
	}
	f = ctltrap_include(w->r.f, path);
	if (!f)
		return;
	f->dev = st->st_dev;
	f->ino = st->st_ino;
	ctlrules_push(w, f->tree->first, f, level->clone, level->conditional);
}

static void
ctlrules_file(struct ctlrules_walk *w, const struct node *n)
{
	struct ctlrules_level *level = &w->levels[w->n - 1];
	const struct ctlrules_variable *v = ctlrules_variable(&w->r, n->name);
	const bool leaves = strcmp(n->name, "SWITCHRC") == 0;
	const char *path;
	struct stat st;

	if (!v || !v->value)
		return; /* only a message will tell */
	path = *v->value ? ctlruleinc_look(&w->r, n, v->value, level->conditional, &st) : NULL;
	if (leaves && (path || !*v->value || strcmp(v->value, "/dev/null") == 0))
		level->left = n;
	if (path)
		ctlrules_include(w, n, path, &st);
}

static void
ctlrules_behind(struct ctlrules *r, struct ctlrules_level *level, const struct node *n)
{
	if (!level->left || level->told)
		return;
	level->told = true;
	ctlruleinc_behind(r, n, level->left);
}

/* A file named relative to MAILDIR or HOME is each user's own, if the site names it. */
static const char *
ctlrules_home(const char *name)
{
	return strncmp(name, "/etc/", 5) == 0 ? NULL : getenv("HOME");
}

static void
ctlrules_start(struct ctlrules_walk *w, struct ctltrap_file *f)
{
	struct stat st;

	w->first = f;
	w->r.home = ctlrules_home(f->name);
	if (stat(f->name, &st) == 0) {
		f->dev = st.st_dev;
		f->ino = st.st_ino;
	}
	ctlrules_push(w, f->tree->first, f, false, false);
}

static void
ctlrules_node(struct ctlrules_walk *w, const struct node *n, const struct node *before)
{
	struct ctlrules_level *level = &w->levels[w->n - 1];

	ctlrules_behind(&w->r, level, n);
	if (n->kind == NODE_ASSIGN)
		ctlrules_assign(&w->r, n);
	else if (n->kind == NODE_UNSET)
		ctlrules_unset(&w->r, n, before);
	else if (n->kind == NODE_RECIPE)
		ctlrules_recipe(&w->r, level, w->n, n);
	if (n->kind == NODE_RECIPE && n->action.kind == ACTION_BLOCK)
		ctlrules_push(w, n->action.block, level->f,
		    level->clone || (n->flags && n->flags->copy), level->conditional || n->conds
		    || (n->flags && ctlrules_is_chained(n->flags)));
	else if (n->kind != NODE_RECIPE && ctlruleinc_is(n))
		ctlrules_file(w, n);
}

void
ctlrules_look(struct ctltrap_file *f)
{
	struct ctlrules_walk w = { .first = NULL };
	const struct node *before = NULL;

	ctlrules_start(&w, f);
	while (w.n > 0) {
		struct ctlrules_level *level = &w.levels[w.n - 1];
		const struct node *n = level->next;

		if (!n) {
			ctlrules_pop(&w);
			before = NULL;
			continue;
		}
		level->next = n->next;
		ctlrules_node(&w, n, before);
		before = n;
	}
	free(w.levels);
	free(w.r.vars);
}
