/*
 * eval.c - the flow of rcfiles: chains, blocks, clones, includes.
 *
 * An explicit stack, for rcfiles and blocks alike: how deep they nest is the user's choice, how
 * much C stack we have is not.
 */
#include "recipe/eval.h"

#include <stdlib.h>

#include "recipe/action.h"
#include "recipe/cond.h"
#include "recipe/expand.h"
#include "recipe/interp.h"
#include "recipe/parse.h"

/* Where to go on: in a block, or in an rcfile. */
struct eval_frame {
	const struct node *next;
	struct tree *tree;           /* an rcfile's own; a block's is its rcfile's */
	bool is_file;
	const char *outer_file;      /* of the including rcfile */
	bool closed;                 /* a block whose closing brace is reached */
	bool held, held_chain;       /* what the block's own recipe said, for what follows it */
};

struct eval {
	struct interp *in;
	struct eval_frame *frames;
	size_t n, room;
	size_t depth, files;         /* rcfiles on the stack, and opened in all */
	bool given_up;               /* a recipe's first line did not fit: no more rcfiles */
};

static struct eval_frame *
eval_push(struct eval *ev)
{
	struct eval_frame *f;

	if (ev->n == ev->room) {
		ev->room = ev->room ? 2 * ev->room : 16;
		ev->frames = mem_resize(ev->frames, ev->room * sizeof *ev->frames);
	}
	f = &ev->frames[ev->n++];
	*f = (struct eval_frame){ 0 };
	return f;
}

/* A block that is closed gives E and A back what its own recipe said; one that ends with its file
 * does not. */
static void
eval_pop(struct eval *ev)
{
	struct eval_frame *f = &ev->frames[--ev->n];
	struct interp *in = ev->in;

	if (f->is_file) {
		in->file = f->outer_file;
		ast_free(&f->tree);
		ev->depth--;
	} else if (f->closed) {
		in->held = f->held;
		in->held_chain = f->held_chain;
	}
}

/* What $_ says: with a MAILDIR that is no relative one, the whole path. */
static const char *
eval_full_name(struct interp *in, const char *name)
{
	const char *dir = vars_get(&in->vars, "MAILDIR");

	if (name[0] == '/' || !dir || dir[0] != '/')
		return arena_string(in->arena, name);
	return arena_printf(in->arena, "%s/%s", dir, name);
}

/* A site's policy of which nobody knows all: what it lacks may be the scan. No mail is decided by
 * the rest of it, for that could be repeated with each try. */
static void
eval_torn(struct interp *in, const struct complaint *torn)
{
	struct fail why = { 0 };

	in->line = torn->line;
	fail_temp(&why, "%s:%d: %s; the site's recipes are not known for sure, so mail "
	    "waits: correct the file, bivalvectl check shows what is wrong", in->file, in->line,
	    torn->text);
	interp_fail(in, &why);
}

static void
eval_missing(struct interp *in, const struct fail *reason)
{
	struct fail why = { 0 };

	if (in->out->code == OUTCOME_FAILED)
		return;
	fail_temp(&why, "%s:%d: %s; the site's recipes name this file, and mail waits for it",
	    in->file, in->line, reason->text);
	interp_fail(in, &why);
}

static void
eval_push_file(struct eval *ev, const char *name, struct bytes text)
{
	struct interp *in = ev->in;
	struct eval_frame *f = eval_push(ev);

	f->is_file = true;
	f->outer_file = in->file;
	in->file = eval_full_name(in, name);
	f->tree = parse(in->file, text);
	f->next = f->tree->first;
	for (const struct complaint *c = f->tree->complaints; c; c = c->next) {
		in->line = c->line;
		if (c->hint && !in->strict)
			interp_verbose(in, "%s", c->text);
		else
			interp_complain(in, "%s", c->text);
	}
	if (in->strict && f->tree->torn)
		eval_torn(in, f->tree->torn);
	ev->depth++;
	ev->files++;
}

static void
eval_push_block(struct eval *ev, const struct action *a)
{
	struct tree *tree = ev->frames[ev->n - 1].tree;
	struct eval_frame *f = eval_push(ev);

	f->tree = tree;
	f->next = a->block;
	f->closed = a->closed;
	f->held = ev->in->held;
	f->held_chain = ev->in->held_chain;
	ev->in->succeeded = true;
}

/* Leaves the current rcfile with all its blocks; no closing brace of theirs is reached. */
static void
eval_leave_file(struct eval *ev)
{
	while (!ev->frames[ev->n - 1].is_file) {
		ev->frames[ev->n - 1].closed = false;
		eval_pop(ev);
	}
	eval_pop(ev);
}

/* False: no such rcfile, or too many of them; processing goes on in the current one. fixed: the
 * rcfile that names it says the whole path. One that a site's has made up from variables may be
 * there for some users only, as one below where the user's mail is; others are its policy. */
static bool
eval_open(struct eval *ev, const char *path, bool fixed, struct buf *text)
{
	struct interp *in = ev->in;
	struct fail why = { 0 };

	if (ev->depth >= INTERP_DEPTH_MAX || ev->files >= INTERP_FILES_MAX) {
		fail_temp(&why, "%s is not read: rcfiles include each other without end", path);
		fixed = true;
	} else if (in->host->open_rcfile(in->host->ctx, path, text, &why) == 0) {
		return true;
	}
	interp_complain(in, "%s", why.text);
	if (in->strict && fixed && path[0] == '/')
		eval_missing(in, &why);
	return false;
}

static void
eval_include(struct eval *ev, const char *path, bool fixed)
{
	struct buf text = BUF_INIT;

	if (path && *path && eval_open(ev, path, fixed, &text))
		eval_push_file(ev, path, buf_view(&text));
	buf_clear(&text);
}

/* The named rcfile takes the current one's place; none ends the current one. */
static void
eval_switch(struct eval *ev, const char *path, bool fixed)
{
	struct buf text = BUF_INIT;
	char *name = path ? mem_string(path) : NULL;

	if (!name || !*name || strcmp(name, "/dev/null") == 0) {
		eval_leave_file(ev);
	} else if (eval_open(ev, name, fixed, &text)) {
		eval_leave_file(ev);
		eval_push_file(ev, name, buf_view(&text));
	}
	buf_clear(&text);
	free(name);
}

/* Does what the last assignment, or capture, asked for; fixed: its value was a constant. */
static void
eval_follow(struct eval *ev, bool fixed)
{
	struct interp *in = ev->in;

	if (in->flow == INTERP_FLOW_INCLUDE)
		eval_include(ev, vars_get(&in->vars, "INCLUDERC"), fixed);
	else if (in->flow == INTERP_FLOW_SWITCH)
		eval_switch(ev, vars_get(&in->vars, "SWITCHRC"), fixed);
	if (in->flow != INTERP_FLOW_HOST)
		in->flow = INTERP_FLOW_NONE;
}

static void
eval_assign(struct eval *ev, const struct node *n)
{
	struct interp *in = ev->in;
	struct buf value = BUF_INIT;
	bool written = false;

	if (n->kind == NODE_ASSIGN)
		written = expand_text(in, n->value, strlen(n->name) + 1, false, &value);
	in->flow = INTERP_FLOW_NONE;
	if (n->kind == NODE_UNSET || interp_fits(in, strlen(n->name) + 1 + value.len)) {
		if (strcmp(n->name, "SENDMAILFLAGS") == 0)
			in->foreign_flags = n->kind == NODE_ASSIGN && in->foreign_words;
		vars_assign(in, n->name, n->kind == NODE_ASSIGN ? value.p : NULL);
		if (written)
			vars_note_written(&in->vars, n->name);
	}
	buf_clear(&value);
	eval_follow(ev, n->kind == NODE_ASSIGN && ast_is_constant(n->value));
}

/*
 * May the recipe's conditions be asked at all? held: the conditions of the recipe before held (E);
 * held_chain: those of the last recipe without A or a; succeeded: the last action did.
 */
static bool
eval_is_due(const struct interp *in, const struct flags *f)
{
	bool due = true;

	if (f->or_error) {
		due = in->held && !in->succeeded;
	} else {
		if (f->or_else)
			due = !in->held;
		if (f->and_ok)
			due = due && in->held_chain && in->succeeded;
	}
	return due && (!f->and_then || in->held_chain);
}

/* procmail reads the recipes of a block that it skips, and forgets the score over them. */
static void
eval_skip_block(struct interp *in, const struct action *a)
{
	const struct node *n = a->kind == ACTION_BLOCK ? a->block : NULL;

	while (n && n->kind != NODE_RECIPE)
		n = n->next;
	if (n)
		in->score = 0;
}

static void
eval_block(struct eval *ev, const struct flags *f, const struct action *a)
{
	struct interp *in = ev->in;
	struct fail why = { 0 };
	int pid, status = 0;

	if (f->lock && (!f->copy || !f->lockname))
		interp_complain(in, f->copy ? "a lockfile on a block needs a name"
		    : "a lockfile on a block has no effect");
	if (!f->copy) {
		eval_push_block(ev, a);
		return;
	}
	pid = in->host->clone(in->host->ctx, !f->lock ? NULL : f->lockname ? f->lockname
	    : in->settings.lockext, &why);
	if (pid == 0) {
		eval_push_block(ev, a);
		return;
	}
	in->succeeded = pid > 0;
	if (pid < 0)
		interp_complain(in, "%s", why.text);
	else if (f->wait || f->quiet || f->lock) {
		in->succeeded = in->host->clone_wait(in->host->ctx, pid, &status) == 0 &&
		    status == 0;
		in->status = status;
	}
	eval_skip_block(in, a);
}

static void
eval_recipe_with(struct eval *ev, const struct node *n, const struct flags *f)
{
	struct interp *in = ev->in;
	struct tree *tree = ev->frames[ev->n - 1].tree;
	bool holds;

	in->score = 0; /* $= belongs to this recipe, asked or not */
	holds = eval_is_due(in, f) && cond_all(in, tree, n->conds, f);
	if (in->out->code != OUTCOME_OPEN)
		return;
	holds = holds && (n->action.kind != ACTION_NONE || n->action.cut_off);
	/* e puts a and E out of action, here too */
	if (!f->and_then && (!f->and_ok || f->or_error))
		in->held_chain = holds;
	if (!in->held || !f->or_else || f->or_error)
		in->held = holds;
	in->line = n->line;
	if (in->host->on_recipe)
		in->host->on_recipe(in->host->ctx, in->file, n->line, holds);
	if (!holds) {
		eval_skip_block(in, &n->action);
		return;
	}
	if (n->action.kind == ACTION_NONE)
		return;
	if (n->action.kind == ACTION_BLOCK)
		eval_block(ev, f, &n->action);
	else
		in->succeeded = action_do(in, n, f);
	eval_follow(ev, false);
}

/* A first line with variables in it is read when it is reached. */
static void
eval_recipe(struct eval *ev, const struct node *n)
{
	struct interp *in = ev->in;
	struct expand_words words;
	struct tree *tree;

	if (n->flags) {
		if (interp_fits(in, n->length))
			eval_recipe_with(ev, n, n->flags);
		else
			ev->given_up = true;
		return;
	}
	tree = ast_new(in->file);
	expand_words(in, n->value, false, &words);
	if (interp_fits(in, words.text.len))
		eval_recipe_with(ev, n, parse_flags(tree, buf_view(&words.text), n->line));
	else
		ev->given_up = true;
	expand_words_clear(&words);
	ast_free(&tree);
}

/* Which mail it was meant for, nobody knows: so all that comes here waits. */
static void
eval_stray(struct eval *ev, const struct node *n)
{
	struct fail why = { 0 };

	fail_temp(&why, "%s:%d: \"@%s\" stands outside a recipe; write \":0\" in a line in front "
	    "of it", ev->in->file, n->line, n->name);
	interp_fail(ev->in, &why);
}

static void
eval_step(struct eval *ev)
{
	struct eval_frame *f = &ev->frames[ev->n - 1];
	const struct node *n = f->next;

	if (!n) {
		eval_pop(ev);
		return;
	}
	f->next = n->next;
	ev->in->line = n->line;
	if (n->kind == NODE_RECIPE)
		eval_recipe(ev, n);
	else if (n->kind == NODE_STRAY)
		eval_stray(ev, n);
	else
		eval_assign(ev, n);
}

enum interp_end
eval_run(struct interp *in, const char *name, struct bytes text)
{
	struct eval ev = { .in = in };

	in->held = in->held_chain = in->succeeded = false;
	in->score = 0;
	in->flow = INTERP_FLOW_NONE;
	eval_push_file(&ev, name, text);
	while (ev.n > 0 && in->out->code == OUTCOME_OPEN && in->flow == INTERP_FLOW_NONE &&
	    !ev.given_up)
		eval_step(&ev);
	while (ev.n > 0)
		eval_pop(&ev);
	free(ev.frames);
	in->line = 0;
	if (in->out->code != OUTCOME_OPEN)
		return INTERP_DECIDED;
	return in->flow == INTERP_FLOW_HOST ? INTERP_HOST : INTERP_FELL_OFF;
}
