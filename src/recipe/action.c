#include "recipe/action.h"

#include <stdlib.h>

#include "recipe/expand.h"
#include "recipe/interp.h"
#include "recipe/lex.h"
#include "recipe/progline.h"
#include "recipe/verb.h"

/* One action while it is carried out; host points into what follows it. */
struct action_run {
	struct interp *in;
	const struct node *recipe;
	const struct flags *flags;
	struct host_action host;
	struct expand_words words;
	struct progline line;
	struct buf lock, title;
};

static const char *const action_no_words[] = { NULL };

static void
action_prepare(struct action_run *run)
{
	const struct flags *f = run->flags;

	run->words = (struct expand_words){ .text = BUF_INIT, .args_shown = BUF_INIT };
	run->line.words = run->words;
	buf_init(&run->lock);
	buf_init(&run->title);
	run->host = (struct host_action){
		.head = f->feed_head, .body = f->feed_body, .raw = f->raw,
		.wait = f->wait || f->quiet || f->lock, .quiet = f->quiet,
		.ignore_write_errors = f->ignore, .copy = f->copy,
		.words = action_no_words, .command = { .argv = action_no_words },
		.file = run->in->file, .line = run->recipe->line,
	};
}

static void
action_clear(struct action_run *run)
{
	expand_words_clear(&run->words);
	progline_clear(&run->line);
	buf_clear(&run->lock);
	buf_clear(&run->title);
}

static void
action_ended(struct action_run *run)
{
	struct outcome *out = run->in->out;

	out->code = OUTCOME_DELIVERED;
	out->file = run->host.file;
	out->line = run->host.line;
}

/* The file behind the first >> of a program line, expanded. Where the name ends is procmail's idea,
 * not the shell's: both programs have to take the same lockfile for the same line. */
static void
action_redirected(struct action_run *run, const char *line)
{
	const char *p = strstr(line, ">>");
	struct tree *tree;
	struct lex lx;
	size_t n;

	if (!p)
		return;
	p += 2 + strspn(p + 2, " \t");
	tree = ast_new(run->in->file);
	n = strcspn(p, " \t\n#`'\");");
	n -= n > 0 && p[n - 1] == '\\';
	lex_init(&lx, tree, (struct bytes){ p, n }, run->host.line);
	expand_text(run->in, lex_pieces(&lx, LEX_WORD), 0, false, &run->lock);
	ast_free(&tree);
}

/* The local lockfile's name: given, or made from where the mail goes. */
static void
action_lock(struct action_run *run)
{
	const struct action *a = &run->recipe->action;

	if (!run->flags->lock)
		return;
	if (run->flags->lockname) {
		run->host.lock = run->flags->lockname;
		return;
	}
	if (a->kind == ACTION_FOLDER && run->words.n)
		buf_str(&run->lock, run->words.argv[0]);
	else if (a->program)
		action_redirected(run, a->program->line);
	if (run->lock.len == 0 && a->kind != ACTION_STDOUT)
		interp_complain(run->in, "there is no file to name the lockfile after; write its "
		    "name behind the colon");
	if (a->kind == ACTION_STDOUT || strcmp(run->lock.p, "/dev/null") == 0)
		return; /* without a name the lockfile is LOCKEXT alone, as in procmail */
	buf_str(&run->lock, run->in->settings.lockext);
	run->host.lock = run->lock.p;
}

/* What LASTFOLDER says of a program, run or not; "$@" as it stood before the arguments came. */
static void
action_title(struct action_run *run)
{
	bool forward = run->host.kind == HOST_FORWARD;
	const struct expand_words *words = forward ? &run->words : &run->line.words;
	const struct settings *s = &run->in->settings;

	if (forward) {
		buf_printf(&run->title, "%s%s%s ", s->sendmail, *s->sendmailflags ? " " : "",
		    s->sendmailflags);
	} else if (run->host.command.shell) {
		buf_str(&run->title, run->host.command.shell);
	} else if (!run->host.command.argv[0]) {
		buf_byte(&run->title, '|');
	}
	for (size_t i = 0; i < words->n && !run->host.command.shell; i++) {
		bool arg = i - words->args_at < words->args_n;

		if (arg && i != words->args_at)
			continue;
		if (i)
			buf_byte(&run->title, ' ');
		buf_str(&run->title, arg ? words->args_shown.p : words->argv[i]);
	}
	run->host.title = run->title.p;
}

/* Only who waits for a program learns its exit status: $? stays what it was. */
static void
action_note_status(struct action_run *run, int status)
{
	if (run->host.wait)
		run->in->status = status;
}

/*
 * A filter or capture that nobody waits for is taken to have ended as the last one that somebody
 * waited for, as in procmail.
 */
static bool
action_piped(struct action_run *run, bool ok, int status)
{
	action_note_status(run, status);
	if (run->host.wait)
		run->in->pipe_failed = !ok;
	return ok && !run->in->pipe_failed;
}

static bool
action_deliver(struct action_run *run, enum host_action_kind kind)
{
	struct interp *in = run->in;
	struct buf folder = BUF_INIT;
	struct fail why = { 0 };
	int status = 0, r;

	run->host.kind = kind;
	action_lock(run);
	if (kind != HOST_FOLDER)
		action_title(run);
	r = in->host->deliver(in->host->ctx, &run->host, &folder, &status, &why);
	if (folder.len || run->host.title)
		vars_assign(in, "LASTFOLDER", folder.len ? folder.p : run->host.title);
	if (kind != HOST_FOLDER)
		action_note_status(run, status);
	if (r < 0 && !run->flags->quiet)
		interp_complain(in, "%s", why.text);
	if (r == 0 && !run->flags->copy)
		action_ended(run);
	buf_clear(&folder);
	return r == 0;
}

/* folders, or addresses; their length as one line counts for LINEBUF */
static bool
action_words(struct action_run *run)
{
	size_t len = 0;

	expand_words(run->in, run->recipe->action.words,
	    run->recipe->action.kind != ACTION_FOLDER, &run->words);
	for (size_t i = 0; i < run->words.n; i++)
		len += strlen(run->words.argv[i]) + 1;
	run->host.words = run->words.argv;
	return interp_fits(run->in, len);
}

static bool
action_folder(struct action_run *run)
{
	if (!action_words(run))
		return false;
	if (run->words.n == 0 || !*run->words.argv[0]) {
		interp_complain(run->in, "the folder's name is empty");
		return false;
	}
	if (run->flags->filter)
		run->host.head = run->host.body = true; /* h and b said what to filter */
	return action_deliver(run, HOST_FOLDER);
}

/* False: they cannot be had, or hold what the mail may not say. */
static bool
action_addresses(struct action_run *run)
{
	static const char *const nobody[] = { "", NULL };

	if (!action_words(run))
		return false;
	if (run->words.option) {
		interp_complain(run->in, "\"%s\" came with the mail and would be an option of "
		    "SENDMAIL, no address: not forwarded", run->words.option);
		return false;
	}
	if (run->in->foreign_flags) {
		interp_complain(run->in, "SENDMAILFLAGS has words that came with the mail: "
		    "not forwarded");
		return false;
	}
	if (run->words.n == 0)
		run->host.words = nobody;
	return true;
}

static bool
action_forward(struct action_run *run)
{
	return action_addresses(run) && action_deliver(run, HOST_FORWARD);
}

static bool
action_filter(struct action_run *run)
{
	struct interp *in = run->in;
	struct fail why = { 0 };
	int status = 0, r;

	run->host.kind = HOST_FILTER;
	action_lock(run);
	r = in->host->filter(in->host->ctx, &run->host, in->message, &status, &why);
	if (r < 0 && !run->flags->quiet)
		interp_complain(in, "%s", why.text);
	return action_piped(run, r == 0, status);
}

static bool
action_program(struct action_run *run)
{
	const struct action *a = &run->recipe->action;

	if (a->program) {
		if (!progline_prepare(run->in, a->program, true, &run->line))
			return false;
		run->host.command = run->line.host;
	}
	return run->flags->filter ? action_filter(run) : action_deliver(run, HOST_PROGRAM);
}

/* What is started for a capture. False: nothing can be. */
static bool
action_capture_command(struct action_run *run)
{
	const struct action *a = &run->recipe->action;

	run->host.kind = a->program ? HOST_CAPTURE : HOST_FORWARD;
	if (!a->program)
		return action_addresses(run);
	if (!progline_prepare(run->in, a->program, true, &run->line))
		return false;
	run->host.command = run->line.host;
	return true;
}

/* VAR=| program, VAR=! addresses: exactly one newline is dropped. */
static bool
action_capture(struct action_run *run)
{
	const struct action *a = &run->recipe->action;
	struct interp *in = run->in;
	struct buf text = BUF_INIT;
	struct fail why = { 0 };
	int status = 0, r;

	if (!action_capture_command(run))
		return false;
	action_lock(run);
	if (run->host.kind == HOST_FORWARD)
		action_title(run);
	r = in->host->capture(in->host->ctx, &run->host, &text, &status, &why);
	if (text.len && text.p[text.len - 1] == '\n')
		buf_cut(&text, text.len - 1);
	if (r == 0 && a->variable) {
		in->foreign_flags |= strcmp(a->variable, "SENDMAILFLAGS") == 0;
		vars_assign(in, a->variable, text.p);
	}
	if (r < 0 && !run->flags->quiet)
		interp_complain(in, "%s", why.text);
	buf_clear(&text);
	return action_piped(run, r == 0, status);
}

/* What was to happen to this mail, we do not know: perhaps the quarantine.  So it waits for the
 * recipe to be corrected. */
static bool
action_no_verb(struct action_run *run)
{
	struct interp *in = run->in;
	const char *name = run->recipe->action.name;

	interp_complain(in, "no verb is called \"@%s\"", name);
	in->out->code = OUTCOME_FAILED;
	in->out->file = run->host.file;
	in->out->line = run->host.line;
	fail_temp(&in->out->why, "%s:%d: no verb is called \"@%s\"; correct the recipe, a mailbox "
	    "of that name is written \"./@%s\"", run->host.file, run->host.line, name, name);
	return false;
}

/* However long the text, and whatever is in it: a stranger's words, in MATCH or in VIRUS, must not
 * keep a verb from being done. A field has no place for a line break. */
static void
action_verb_text(struct action_run *run, struct buf *text)
{
	run->in->boundless = true;
	expand_text(run->in, run->recipe->action.words, 0, true, text);
	run->in->boundless = false;
	for (size_t i = 0; i < text->len; i++)
		if (text->p[i] == '\n' || text->p[i] == '\r')
			text->p[i] = ' ';
}

static bool
action_verb(struct action_run *run)
{
	const struct action *a = &run->recipe->action;
	struct interp *in = run->in;
	struct buf text = BUF_INIT;
	struct fail why = { 0 };
	int r = -1;

	if (a->verb == VERB_NONE)
		return action_no_verb(run);
	action_verb_text(run, &text);
	if (a->verb == VERB_DROP && run->flags->copy) {
		/* As with "c" and /dev/null: that was a copy, and the mail itself goes on. */
		interp_complain(in, "flag c: only a copy is dropped, the mail itself goes on");
		r = 0;
	} else if (verb_info((enum verb)a->verb)->needs_text && text.len == 0)
		interp_complain(in, "@%s needs a text behind it", a->name);
	else {
		in->out->file = run->host.file;
		in->out->line = run->host.line;
		r = in->host->verb(in->host->ctx, a->verb, text.p, in->message, in->out, &why);
		if (r < 0)
			interp_complain(in, "%s", why.text);
		if (in->out->code == OUTCOME_QUARANTINED && run->flags->copy)
			in->out->code = OUTCOME_OPEN; /* flag c: that was a copy */
		if (r < 0 || in->out->code == OUTCOME_OPEN)
			*in->out = (struct outcome){ .file = "" };
	}
	buf_clear(&text);
	return r == 0;
}

static bool
action_dispatch(struct action_run *run)
{
	switch (run->recipe->action.kind) {
	case ACTION_FOLDER:
		return action_folder(run);
	case ACTION_FORWARD:
		return action_forward(run);
	case ACTION_PROGRAM:
	case ACTION_STDOUT:
		return action_program(run);
	case ACTION_CAPTURE:
	case ACTION_CAPTURE_FORWARD:
		return action_capture(run);
	case ACTION_VERB:
		return action_verb(run);
	case ACTION_NONE:
	case ACTION_BLOCK:
		break;
	}
	return false;
}

bool
action_do(struct interp *in, const struct node *recipe, const struct flags *flags)
{
	struct action_run run = { .in = in, .recipe = recipe, .flags = flags };
	bool ok = false;

	action_prepare(&run);
	in->line = recipe->line;
	/* A verb has no such limit, however its text is written: what it keeps from the user must
	 * not pass. */
	if (recipe->action.kind == ACTION_VERB || interp_fits(in, recipe->action.length))
		ok = action_dispatch(&run);
	action_clear(&run);
	return ok;
}
