#include "flow/trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/place.h"
#include "base/fd.h"
#include "flow/state.h"
#include "recipe/select.h"
#include "recipe/verb.h"

#define TRIAL_COPY_MAX (16u << 20)  /* bytes that the process of a copy may say */

static void
trial_say(struct flow *f, struct trial_event e)
{
	f->d->trial->event(f->d->trial->ctx, &e);
}

/* ---- where mail would go ---- */

static int
trial_may_write(const char *path, const char *what, struct fail *why)
{
	if (access(path, W_OK) < 0)
		return fail_errno(why, "%s %s", what, path);
	return 0;
}

/* The directory that a new file would be made in. */
static int
trial_parent(const char *path, struct fail *why)
{
	struct buf dir = BUF_INIT;
	size_t n = strlen(path);
	int rc;

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	buf_add(&dir, path, n);
	if (n == 0)
		buf_byte(&dir, '.');
	rc = trial_may_write(dir.p, "directory", why);
	buf_clear(&dir);
	return rc;
}

/* Would it work? As far as that can be known without doing it. */
static int
trial_path(struct flow *f, const char *path, const char *kind, struct fail *why)
{
	struct act_env env;
	struct place place;
	struct stat st;

	flow_act_env(f, &env);
	if (env.confine) {
		if (place_find(&place, &env, path, why) < 0)
			return -1;
		place_clear(&place);
	}
	if (stat(path, &st) < 0)
		return errno == ENOENT ? trial_parent(path, why) : fail_errno(why, "%s", path);
	if (strcmp(kind, "mbox") == 0 && S_ISDIR(st.st_mode)) {
		why->err = EISDIR;
		return fail_temp(why, "mailbox %s: is a directory", path);
	}
	return trial_may_write(path, "mailbox", why);
}

static int
trial_place(struct flow *f, const char *name, const char *kind, struct fail *why)
{
	char *path = mem_string(name);
	size_t n = strlen(path);
	int rc;

	/* What says "MH folder" or "Maildir" is no part of the name. */
	if (n > 2 && strcmp(path + n - 2, "/.") == 0)
		path[n -= 2] = '\0';
	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	rc = trial_path(f, path, kind, why);
	free(path);
	return rc;
}

static bool
trial_is_own_mailbox(struct flow *f, const char *path)
{
	struct buf own = BUF_INIT;
	bool same;

	buf_printf(&own, "%s/%s", f->d->conf->mail_spool, f->d->account->name);
	same = strcmp(own.p, path) == 0;
	buf_clear(&own);
	return same;
}

static void
trial_goes(struct flow *f, const struct host_action *a, const char *kind, const char *text,
    bool works)
{
	trial_say(f, (struct trial_event){ .what = TRIAL_ACTION, .file = a->file ? a->file : "",
		.line = a->line, .held = works, .copy = a->copy, .kind = kind,
		.text = bytes_of(text) });
}

static int
trial_program(struct flow *f, const struct host_action *a, struct fail *why)
{
	if (f->d->conf->programs == CONF_PROGRAMS_NONE) {
		fail_temp(why, "programs are not allowed here (programs = none in %s)", CONF_PATH);
		trial_goes(f, a, "program", a->title ? a->title : "", false);
		return -1;
	}
	trial_goes(f, a, a->kind == HOST_FORWARD ? "forward" : "program", a->title ? a->title : "",
	    true);
	buf_cut(&f->folder, 0);
	buf_str(&f->folder, a->title ? a->title : "");
	return 0;
}

int
trial_folder(struct flow *f, const struct host_action *a, struct buf *lastfolder,
    struct fail *why)
{
	const char *folder = a->words[0], *kind;
	int rc;

	if (a->kind == HOST_FORWARD || a->kind == HOST_PROGRAM)
		return trial_program(f, a, why);
	kind = act_for_folder(folder)->name;
	rc = strcmp(kind, "null") == 0 || trial_is_own_mailbox(f, folder) ? 0
	    : trial_place(f, folder, kind, why);
	trial_goes(f, a, kind, folder, rc == 0);
	if (rc < 0)
		return -1;
	/* Only directories get the same message again. */
	for (const char *const *more = a->words + 1; *more; more++)
		if (strcmp(act_for_folder(*more)->name, "mbox") != 0)
			trial_goes(f, a, act_for_folder(*more)->name, *more, true);
	buf_cut(&f->folder, 0);
	buf_str(&f->folder, folder);
	buf_cut(lastfolder, 0);
	buf_str(lastfolder, folder);
	return 0;
}

static int
trial_deliver(void *ctx, const struct host_action *a, struct buf *lastfolder, int *status,
    struct fail *why)
{
	return world_folder(ctx, a, lastfolder, status, why);
}

/* ---- programs ---- */

static void
trial_command_text(const struct host_command *c, struct buf *out)
{
	if (c->shell)
		buf_str(out, c->shell);
	for (size_t i = 0; !c->shell && c->argv[i]; i++)
		buf_printf(out, "%s%s", i ? " " : "", c->argv[i]);
}

/* May it be started? A formail call without -D changes nothing and starts nothing. */
static bool
trial_start(struct flow *f, const struct host_command *c)
{
	struct buf text = BUF_INIT;
	bool formail = programs_is_formail(f, c);
	bool start;

	for (size_t i = 1; formail && c->argv[i]; i++)
		formail = strncmp(c->argv[i], "-D", 2) != 0;
	start = formail || f->d->trial->run_programs;
	trial_command_text(c, &text);
	trial_say(f, (struct trial_event){ .what = TRIAL_PROGRAM, .held = start,
		.text = buf_view(&text) });
	buf_clear(&text);
	f->d->trial->unknown |= !start;
	return start;
}

static int
trial_filter(void *ctx, const struct host_action *a, struct message *m, int *status,
    struct fail *why)
{
	struct host_action unlocked = *a;

	*status = 0;
	unlocked.lock = NULL;
	return trial_start(ctx, &a->command) ? programs_filter(ctx, &unlocked, m, status, why) : 0;
}

static int
trial_capture(void *ctx, const struct host_action *a, struct buf *out, int *status,
    struct fail *why)
{
	struct host_action unlocked = *a;

	*status = 0;
	if (a->kind == HOST_FORWARD) {
		trial_goes(ctx, a, "forward", a->title, true);
		((struct flow *)ctx)->d->trial->unknown = true;
		return 0;
	}
	unlocked.lock = NULL;
	return trial_start(ctx, &a->command) ? programs_capture(ctx, &unlocked, out, status, why)
	    : 0;
}

static int
trial_backquote(void *ctx, const struct host_command *c, struct buf *out, int *status,
    struct fail *why)
{
	*status = 0;
	return trial_start(ctx, c) ? programs_backquote(ctx, c, out, status, why) : 0;
}

static int
trial_test(void *ctx, const struct host_command *c, const struct bytes in[2], int *status,
    struct fail *why)
{
	if (trial_start(ctx, c))
		return programs_test(ctx, c, in, status, why);
	*status = 1;
	return 0;
}

/* ---- verbs and selectors ---- */

static int
trial_verb(void *ctx, int verb, const char *text, struct message *m, struct outcome *out,
    struct fail *why)
{
	const struct verb_info *info = verb_info((enum verb)verb);
	struct flow *f = ctx;
	struct buf said = BUF_INIT;
	int rc = 0;

	buf_printf(&said, "@%s%s%s", info->name, *text ? " " : "", text);
	if (verb == VERB_BLOCKLIST) {
		rc = 0; /* nothing is recorded */
	} else if (verb == VERB_QUARANTINE || verb == VERB_DROP) {
		out->code = verb == VERB_DROP ? OUTCOME_DROPPED : OUTCOME_QUARANTINED;
		buf_cut(&f->folder, 0);
		buf_str(&f->folder, info->name);
	} else {
		rc = verbs_do(ctx, verb, text, m, out, why);
	}
	trial_say(f, (struct trial_event){ .what = info->ends ? TRIAL_ACTION : TRIAL_CHANGE,
		.file = out->file, .line = out->line, .kind = info->name,
		/* @strip and @flatten that cannot be done end it, too. */
		.held = rc == 0 && (info->ends || out->code == OUTCOME_OPEN),
		.text = buf_view(&said) });
	buf_clear(&said);
	return rc;
}

/* Asking would make the file. */
static bool
trial_saw_nothing(struct flow *f)
{
	return access(seen_path(f), F_OK) < 0;
}

static int
trial_lines(void *ctx, int selector, const char *arg, struct buf *out, struct fail *why)
{
	const struct selector_info *info = select_info((enum selector)selector);
	struct flow *f = ctx;

	if (selector == SELECT_SEEN_ID && trial_saw_nothing(f))
		return 0;
	if (!f->d->trial->no_scan || !info->needs_scan)
		return selectors_lines(ctx, selector, arg, out, why);
	f->d->trial->unknown = true;
	if (selector == SELECT_SCAN_STATUS)
		buf_str(out, "clean\n");
	return 0;
}

/* ---- copies ---- */

static int
trial_clone(void *ctx, const char *lock, struct fail *why)
{
	struct flow *f = ctx;
	struct trial *t = f->d->trial;
	struct buf said = BUF_INIT;
	int pair[2];
	pid_t pid;

	(void)lock; /* nothing is written that it would guard */
	if (pipe(pair) < 0)
		return fail_errno(why, "pipe for a copy");
	pid = fork();
	if (pid == 0) {
		fd_close(&pair[0]);
		fd_close(&t->copy_fd);
		t->copy_fd = pair[1];
		f->is_clone = true;
		inspect_leave(&f->inspect);
		t->on_copy(t->ctx);
		return 0;
	}
	fd_close(&pair[1]);
	if (pid < 0)
		fail_errno(why, "process for a copy");
	else if (fd_read_all(pair[0], TRIAL_COPY_MAX, &said) == 0)
		trial_say(f, (struct trial_event){ .what = TRIAL_COPY, .text = buf_view(&said) });
	fd_close(&pair[0]);
	buf_clear(&said);
	return pid;
}

/* ---- what would be written ---- */

static void
trial_no_path(void *ctx, const char *path)
{
	(void)ctx;
	(void)path;
}

static void
trial_complain(void *ctx, bool verbose, const char *file, int line, const char *text)
{
	if (!verbose)
		trial_say(ctx, (struct trial_event){ .what = TRIAL_SAY, .file = file, .line = line,
			.text = bytes_of(text) });
}

static void
trial_log_text(void *ctx, const char *text)
{
	trial_say(ctx, (struct trial_event){ .what = TRIAL_SAY, .file = "LOG",
		.text = bytes_of(text) });
}

static void
trial_on_recipe(void *ctx, const char *file, int line, bool held)
{
	trial_say(ctx, (struct trial_event){ .what = TRIAL_RECIPE, .file = file, .line = line,
		.held = held });
}

static void
trial_on_condition(void *ctx, const struct host_condition *c)
{
	trial_say(ctx, (struct trial_event){ .what = TRIAL_CONDITION, .file = c->file,
		.line = c->line, .held = c->held, .text = bytes_of(c->text), .condition = c });
}

void
trial_init(struct flow *f)
{
	struct host *h = &f->host;

	h->deliver = trial_deliver;
	h->filter = trial_filter;
	h->capture = trial_capture;
	h->backquote = trial_backquote;
	h->test = trial_test;
	h->lines = trial_lines;
	h->verb = trial_verb;
	h->clone = trial_clone;
	h->set_logfile = trial_no_path;
	h->set_lockfile = trial_no_path;
	h->log_text = trial_log_text;
	h->complain = trial_complain;
	h->on_recipe = trial_on_recipe;
	h->on_condition = trial_on_condition;
	f->d->trial->copy_fd = -1;
}

/* The process of a copy tells its parent what it has found, and ends. */
void
trial_end(struct flow *f)
{
	struct trial *t = f->d->trial;
	struct buf said = BUF_INIT;

	if (!f->is_clone)
		return;
	t->on_copy_end(t->ctx, &said);
	if (fd_write_all(t->copy_fd, said.p, said.len) < 0)
		buf_cut(&said, 0); /* the parent shows what it got */
	buf_clear(&said);
}
