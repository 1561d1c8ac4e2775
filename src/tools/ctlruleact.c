/*
 * ctlruleact.c - rules about actions: locks, flags, programs and what strangers can put into them.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "recipe/regex.h"
#include "recipe/verb.h"
#include "tools/ctlrules.h"

#define CTLRULEACT_METAS "&|<>~;?*["   /* SHELLMETAS, unless an rcfile changes it */

/* ---- what the shell makes of a stranger's words ---- */

struct ctlruleact_shell {
	const char *p;
	bool single, twice;         /* inside quotes */
	bool evaluated;             /* the text is read by a shell once more */
};

/* Steps over one character of a shell line; true at a $ that is expanded. */
static bool
ctlruleact_step(struct ctlruleact_shell *s)
{
	char c = *s->p++;

	if (c == '\\' && !s->single && *s->p)
		s->p++;
	else if (c == '\'' && !s->twice)
		s->single = !s->single;
	else if (c == '"' && !s->single)
		s->twice = !s->twice;
	return c == '$' && !s->single;
}

static size_t
ctlruleact_name(const char *p, char *name, size_t size)
{
	size_t n = 0;

	p += *p == '{';
	while (n + 1 < size && (str_is_alnum(p[n]) || p[n] == '_'))
		n++;
	memcpy(name, p, n);
	name[n] = '\0';
	return n;
}

static void
ctlruleact_shell_line(struct ctlrules *r, const struct program *p, int line)
{
	struct ctlruleact_shell s = { .p = p->line,
		.evaluated = strstr(p->line, "eval ") || strstr(p->line, "sh -c \"") };

	while (*s.p) {
		char name[64];

		if (!ctlruleact_step(&s) || !ctlruleact_name(s.p, name, sizeof name)
		    || !ctlrules_is_stranger(r, name))
			continue;
		if (s.evaluated)
			ctltrap_add(r->f, CTLTRAP_TRAP, "stranger-in-shell", line,
			    ctlrules_token(r, line, name), "a stranger's words are read as "
			    "commands here", "no eval and no sh -c around it");
		else if (!s.twice)
			ctltrap_add(r->f, CTLTRAP_TRAP, "unquoted", line,
			    ctlrules_token(r, line, name), "a stranger's words without quotes: "
			    "they become several words, options, and names of files",
			    ctltrap_say(r->f, "\"$%s\"", name));
	}
}

void
ctlruleact_program(struct ctlrules *r, const struct program *p, int line)
{
	const char *name;

	if (strpbrk(p->line, CTLRULEACT_METAS)) {
		ctlruleact_shell_line(r, p, line);
		return;
	}
	name = ctlrules_stranger_in(r, p->words, true);
	if (name)
		ctltrap_add(r->f, CTLTRAP_TRAP, "unquoted", line, ctlrules_token(r, line, name),
		    "a stranger's words without quotes: they become several words, and options "
		    "of the program", ctltrap_say(r->f, "\"$%s\"", name));
}

/* ---- programs ---- */

static const char *
ctlruleact_base(const char *line, size_t *n)
{
	const char *base;

	line += strspn(line, " \t");
	*n = strcspn(line, " \t|;<>\n");
	for (base = line + *n; base > line && base[-1] != '/'; base--)
		;
	*n -= (size_t)(base - line);
	return base;
}

static bool
ctlruleact_is(const char *line, const char *name)
{
	size_t n;
	const char *base = ctlruleact_base(line, &n);

	return n == strlen(name) && strncmp(base, name, n) == 0;
}

/* Programs that write the message: their output must go somewhere. */
static bool
ctlruleact_is_filter(const char *line)
{
	if (strpbrk(line, ">|"))
		return false;
	if (ctlruleact_is(line, "formail"))
		return !strstr(line, " -D") && !strstr(line, " -s") && (strstr(line, " -I")
		    || strstr(line, " -A") || strstr(line, " -a") || strstr(line, " -i"));
	if (ctlruleact_is(line, "spamc"))
		return !strstr(line, " -c") && !strstr(line, " -L") && !strstr(line, " -C");
	if (ctlruleact_is(line, "spamassassin"))
		return !strstr(line, " -r") && !strstr(line, " -k") && !strstr(line, " -W");
	return false;
}

static bool
ctlruleact_is_reply(const char *line)
{
	return ctlruleact_is(line, "vacation") || (strstr(line, "formail") && strstr(line, "-r")
	    && (strstr(line, "sendmail") || strstr(line, "SENDMAIL")));
}

static void
ctlruleact_deliver(struct ctlrules *r, const struct node *n)
{
	const struct flags *f = n->flags;
	const struct action *a = &n->action;
	const char *line = a->program->line;

	if (ctlruleact_is_filter(line)) {
		ctltrap_add(r->f, CTLTRAP_TRAP, "f-missing", n->line, (struct bytes){ "", 0 },
		    "the program writes the message to nobody, and the mail is gone: this is a "
		    "delivery, not a filter", ":0 fw");
		return;
	}
	if (ctlruleact_is_reply(line) && !f->copy && !r->clone) {
		ctltrap_add(r->f, CTLTRAP_TRAP, "c-missing", n->line, (struct bytes){ "", 0 },
		    "the answer is sent, and the message itself is kept nowhere", ":0 c");
		return;
	}
	if (!f->copy && !r->clone && !f->wait && !f->quiet && !f->lock)
		ctltrap_add(r->f, CTLTRAP_TRAP, "w-missing", n->line, (struct bytes){ "", 0 },
		    "nobody waits for the program: if it fails, the mail is gone", ":0 w");
}

static void
ctlruleact_filter(struct ctlrules *r, const struct node *n)
{
	const struct flags *f = n->flags;

	if (f->wait || f->quiet || f->lock || ctlruleact_is(n->action.program->line, "formail"))
		return;
	ctltrap_add(r->f, CTLTRAP_TRAP, "w-missing", n->line, (struct bytes){ "", 0 },
	    "nobody waits for the filter: if it fails half way, what it wrote so far replaces the "
	    "message", f->feed_body && f->feed_head ? ":0 fw" : f->feed_head ? ":0 fhw"
	    : ":0 fbw");
}

/* A >> in a program line is a mailbox of one's own making. */
static void
ctlruleact_append(struct ctlrules *r, const struct node *n)
{
	const struct flags *f = n->flags;
	const char *line = n->action.program->line, *at = strstr(line, ">>");

	if (!at || r->lockfile || strncmp(at + 2 + strspn(at + 2, " \t"), "/dev/null", 9) == 0)
		return;
	if (!f->lock)
		ctltrap_add(r->f, CTLTRAP_TRAP, "lock-missing", n->action.line, bytes_of(">>"),
		    "two deliveries at the same time write into each other",
		    ctlruleact_is(line, "cat") ? ":0: and the file's name alone as action"
		    : "a second colon on the recipe's first line: :0 w:");
}

static void
ctlruleact_run(struct ctlrules *r, const struct node *n)
{
	const struct action *a = &n->action;

	ctlruleact_program(r, a->program, a->line);
	if (n->flags->lock && !n->flags->lockname && !strstr(a->program->line, ">>"))
		ctltrap_add(r->f, CTLTRAP_TRAP, "lock-name", n->line, (struct bytes){ "", 0 },
		    "there is no file to name the lockfile after, so none is used",
		    "write a name behind the second colon, such as :0 w: program.lock");
	if (a->kind == ACTION_PROGRAM && n->flags->filter)
		ctlruleact_filter(r, n);
	else if (a->kind == ACTION_PROGRAM)
		ctlruleact_deliver(r, n);
	if (a->kind == ACTION_PROGRAM && !n->flags->filter)
		ctlruleact_append(r, n);
}

/* ---- folders ---- */

/* The place as it would be here and now; NULL where that cannot be known. */
static const char *
ctlruleact_place(struct ctlrules *r, const char *folder)
{
	const struct ctlrules_variable *dir = ctlrules_variable(r, "MAILDIR");

	if (folder[0] == '/')
		return folder;
	if (!dir || !dir->value || dir->value[0] != '/')
		return NULL;
	return ctltrap_say(r->f, "%s/%s", dir->value, folder);
}

static bool
ctlruleact_is_mbox(struct ctlrules *r, const struct action *a)
{
	const struct piece *last = a->words;
	struct buf folder = BUF_INIT;
	const char *place;
	struct stat st;
	size_t n;
	bool mbox;

	while (last && last->next)
		last = last->next;
	n = last ? strlen(last->text) : 0;
	if (!last || last->kind == PIECE_BLANK || (last->kind == PIECE_TEXT && n > 0
	    && (last->text[n - 1] == '/' || strcmp(last->text + n - (n > 1 ? 2 : 1), "/.") == 0)))
		return false;
	if (!ctlrules_constant(r, a->words, &folder))
		mbox = last->kind == PIECE_TEXT && n > 1;
	else
		mbox = folder.len > 0 && strcmp(folder.p, "/dev/null") != 0
		    && folder.p[folder.len - 1] != '/' && !strchr(folder.p, ' ');
	place = mbox && folder.len ? ctlruleact_place(r, folder.p) : NULL;
	if (place && stat(place, &st) == 0 && S_ISDIR(st.st_mode))
		mbox = false;
	buf_clear(&folder);
	return mbox;
}

static void
ctlruleact_folder(struct ctlrules *r, const struct node *n)
{
	const struct action *a = &n->action;
	const char *name = ctlrules_stranger_in(r, a->words, false);
	bool match = false;

	for (const struct piece *p = a->words; p; p = p->next)
		match |= p->kind == PIECE_VAR && strcmp(p->text, "MATCH") == 0;
	if (!name && match && !r->match_is_name)
		name = "MATCH";
	if (name)
		ctltrap_add(r->f, CTLTRAP_TRAP, "stranger-in-path", a->line,
		    ctlrules_token(r, a->line, name), "a stranger's words choose the folder: a "
		    "slash, two dots or a blank in them lead anywhere",
		    "let only letters and digits through first: * VAR ?? ()\\/[a-z0-9]+ and "
		    "then $MATCH");
	if (!n->flags->lock && !r->lockfile && ctlruleact_is_mbox(r, a))
		ctltrap_add(r->f, CTLTRAP_TRAP, "lock-missing", n->line, (struct bytes){ "", 0 },
		    "the mailbox is written without a lockfile: two deliveries, or a mail "
		    "program, may write into each other", n->flags->copy ? ":0 c:" : ":0:");
	if (n->flags->filter)
		ctltrap_add(r->f, CTLTRAP_HINT, "f-useless", n->line, (struct bytes){ "", 0 },
		    "a folder is no filter: f has no effect", "leave f out");
}

static void
ctlruleact_forward(struct ctlrules *r, const struct node *n)
{
	const char *name = ctlrules_stranger_in(r, n->action.words, true);

	if (name)
		ctltrap_add(r->f, CTLTRAP_TRAP, "unquoted", n->action.line,
		    ctlrules_token(r, n->action.line, name), "a stranger's words without quotes: "
		    "they become several addresses, and options of sendmail",
		    ctltrap_say(r->f, "\"$%s\"", name));
}

/* ---- verbs ---- */

static bool
ctlruleact_asks_malware(const struct node *n)
{
	for (const struct cond *c = n->conds; c; c = c->next)
		if (c->area == COND_AREA_SELECTOR && c->variable && !c->negated
		    && (strcmp(c->variable, "scan:virus") == 0
		    || (strcmp(c->variable, "scan:status") == 0 && strstr(c->text, "infected"))))
			return true;
	return false;
}

static void
ctlruleact_strip(struct ctlrules *r, const struct action *a)
{
	struct buf text = BUF_INIT;
	const char *complaint = NULL;
	struct regex *re;

	if (ctlrules_constant(r, a->words, &text)) {
		re = regex_new(buf_view(&text), false, &complaint, NULL);
		regex_free(&re);
	}
	if (complaint)
		ctltrap_add(r->f, CTLTRAP_ERROR, "expression", a->line, bytes_of("strip"),
		    complaint, "an expression without that mistake: until then the mail waits");
	buf_clear(&text);
}

static void
ctlruleact_verb(struct ctlrules *r, const struct node *n)
{
	const struct action *a = &n->action;
	const struct verb_info *info = a->verb == VERB_NONE ? NULL
	    : verb_info((enum verb)a->verb);
	struct buf text = BUF_INIT;

	if (!info)
		return; /* the parser has said so */
	if (info->needs_text && !a->words)
		ctltrap_add(r->f, CTLTRAP_ERROR, "verb-text", a->line, bytes_of(info->name),
		    "the verb needs a text behind it, and does nothing without", info->field
		    ? ctltrap_say(r->f, "@%s Name: value", info->name)
		    : ctltrap_say(r->f, "@%s text", info->name));
	else if (info->field && a->verb != VERB_REMOVE && ctlrules_constant(r, a->words, &text)
	    && !strchr(text.p, ':'))
		ctltrap_add(r->f, CTLTRAP_ERROR, "verb-text", a->line, bytes_of(info->name),
		    "a field is a name, a colon and a value",
		    ctltrap_say(r->f, "@%s Name: value", info->name));
	if (a->verb == VERB_STRIP)
		ctlruleact_strip(r, a);
	if (a->verb == VERB_REJECT && ctlruleact_asks_malware(n))
		ctltrap_add(r->f, CTLTRAP_TRAP, "bounce", a->line, bytes_of("@reject"),
		    "malware has a forged sender: the bounce goes to somebody who has nothing to "
		    "do with it", "@quarantine $VIRUS");
	buf_clear(&text);
}

void
ctlruleact_look(struct ctlrules *r, const struct node *n)
{
	switch (n->action.kind) {
	case ACTION_FOLDER:
		ctlruleact_folder(r, n);
		break;
	case ACTION_FORWARD:
	case ACTION_CAPTURE_FORWARD:
		ctlruleact_forward(r, n);
		break;
	case ACTION_PROGRAM:
	case ACTION_CAPTURE:
		ctlruleact_run(r, n);
		break;
	case ACTION_VERB:
		ctlruleact_verb(r, n);
		break;
	case ACTION_BLOCK:
		if (n->flags->lock)
			ctltrap_add(r->f, CTLTRAP_TRAP, "lock-on-block", n->line,
			    (struct bytes){ "", 0 }, "a lockfile on a block has no effect",
			    "a colon on each recipe in it, or LOCKFILE=... around it");
		break;
	case ACTION_NONE:
	case ACTION_STDOUT:
		break;
	}
}
