#include "flow/flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/undo.h"
#include "flow/state.h"
#include "formail/idcache.h"
#include "mail/contentlength.h"
#include "mail/fromline.h"

/* An empty line at the end is what mailboxes put between messages, and no part of them. */
static size_t
flow_counted_body(const struct flow *f)
{
	struct bytes head = f->msg.head, body = f->msg.body;
	char before = body.len > 1 ? body.p[body.len - 2] : head.len ? head.p[head.len - 1] : '\0';

	if (body.len > 0 && body.p[body.len - 1] == '\n' && before == '\n')
		return body.len - 1;
	return body.len;
}

void
flow_settle(struct flow *f)
{
	struct buf head = BUF_INIT;

	f->content_length = -1;
	if (f->d->berkeley)
		return;
	f->content_length = contentlength_fit(f->msg.head, flow_counted_body(f), &head);
	if (f->content_length >= 0 && (head.len != f->msg.head.len
	    || memcmp(head.p, f->msg.head.p, head.len) != 0))
		message_set_head(&f->msg, store_from_buf(&head));
	buf_clear(&head);
}

/* An MTA that has no -f for us may still have put no From_ line in front: in a mailbox the message
 * would melt into the one before it. */
static void
flow_from_line(struct flow *f)
{
	const char *invoker = f->d->invoker ? f->d->invoker : f->d->account->name;
	const char *sender = f->d->from;
	struct buf head = BUF_INIT;
	struct fromline line;

	if (!sender && f->d->for_mta && !fromline_parse(f->msg.head, &line))
		sender = invoker;
	if (!sender)
		return;
	fromline_apply(f->msg.head, sender, invoker, time(NULL), &head);
	message_set_head(&f->msg, store_from_buf(&head));
}

/* -p keeps the caller's environment, but for what changes how programs are loaded or parsed, for
 * what would be our own exit status or our own last folder, and, unless with -m, for variables that
 * have a default. It is there to be seen: no setting follows it. */
static void
flow_keep_environ(struct flow *f)
{
	static const char *const never[] = { "LD_", "IFS=", "ENV=", "PWD=", "_RLD_", "LIBPATH=",
		"SHLIB_PATH=", "GCONV_PATH=", "MALLOC_", "BASH_", "GLIBC_",
		"EXITCODE=", "TRAP=", "MAILDIR=", "LASTFOLDER=", NULL };
	char *const *e = f->d->environ;

	for (; e && *e; e++) {
		const char *eq = strchr(*e, '=');
		const char *const *n = never;
		char *name;

		while (*n && strncmp(*e, *n, strlen(*n)) != 0)
			n++;
		if (*n || !eq || eq == *e)
			continue;
		name = mem_copy((struct bytes){ *e, (size_t)(eq - *e) });
		if (f->d->filter_mode || !interp_get(f->in, name))
			interp_show(f->in, name, eq + 1);
		free(name);
	}
	if (!f->d->environ && getenv("TZ"))
		interp_preset(f->in, "TZ", getenv("TZ"));
}

/* A mail account often has a shell that lets nobody in: it would run no recipe's command line, and
 * say so to nobody. */
static const char *
flow_shell(const char *shell)
{
	const char *name = strrchr(shell, '/');

	name = name ? name + 1 : shell;
	return strcmp(name, "nologin") == 0 || strcmp(name, "false") == 0 ? "/bin/sh" : shell;
}

static void
flow_presets(struct flow *f)
{
	const struct account *a = f->d->account;
	const struct envelope *env = f->d->env;
	struct buf b = BUF_INIT;

	flow_keep_environ(f);
	interp_preset(f->in, "LOGNAME", a->name);
	interp_preset(f->in, "HOME", a->home);
	interp_preset(f->in, "SHELL", flow_shell(a->shell));
	interp_preset(f->in, "HOST", f->host.hostname(f));
	buf_printf(&b, "%s/bin:/usr/local/bin:/usr/bin:/bin", a->home);
	if (!f->d->filter_mode || !interp_get(f->in, "PATH"))
		interp_preset(f->in, "PATH", b.p);
	buf_cut(&b, 0);
	buf_printf(&b, "%s/%s", f->d->conf->mail_spool, a->name);
	interp_preset(f->in, "ORGMAIL", f->d->filter_mode ? NULL : b.p);
	interp_preset(f->in, "DEFAULT", f->d->filter_mode ? NULL : b.p);
	interp_preset(f->in, "SENDER", env->sender);
	interp_preset(f->in, "RECIPIENT", env->rcpt);
	interp_preset(f->in, "DETAIL", env->detail);
	interp_preset(f->in, "CLIENT", env->client);
	buf_clear(&b);
	interp_arguments(f->in, f->d->arguments);
}

static void
flow_assignments(struct flow *f)
{
	struct fail why = { 0 };

	for (const char *const *a = f->d->assignments; *a && f->out->code == OUTCOME_OPEN; a++) {
		int rc = interp_assign_argument(f->in, *a, &why);

		if (rc < 0)
			log_user("argument ignored: %s", why.text);
		else if (rc > 0)
			f->out->code = OUTCOME_DROPPED; /* as procmail: for another host */
	}
}

/* Runs one rcfile. True when processing is over: decided, or it cannot go on now. */
static bool
flow_rcfile(struct flow *f, enum rcfile_kind kind, const char *path, enum interp_end *end)
{
	struct buf text = BUF_INIT;
	int rc = rcfile_read(f, kind, path, &text, &f->out->why);

	if (rc < 0)
		f->out->code = OUTCOME_FAILED;
	else if (rc == 0)
		*end = interp_run(f->in, path, buf_view(&text), f->out);
	buf_clear(&text);
	return rc <= 0;
}

static const char *
flow_below_home(struct flow *f, const char *name)
{
	const char *home = interp_get(f->in, "HOME");

	return arena_printf(f->arena, "%s/%s", home ? home : "", name);
}

/* A relative name is looked up in HOME, unless it begins with "./" or -m is given. */
static const char *
flow_rcfile_path(struct flow *f, const char *name)
{
	if (name[0] != '/' && strncmp(name, "./", 2) != 0 && !f->d->filter_mode)
		return flow_below_home(f, name);
	return name;
}

static void
flow_start_dir(struct flow *f, const char *rcfile)
{
	const char *dir;
	struct fail why = { 0 };

	if (f->maildir_given)
		return;
	/* A relative name with -m: where we were started. */
	if (!interp_get(f->in, "MAILDIR"))
		interp_preset(f->in, "MAILDIR", f->d->filter_mode && rcfile && rcfile[0] != '/'
		    ? "." : interp_get(f->in, "HOME"));
	dir = interp_get(f->in, "MAILDIR");
	if (rcfile && strncmp(rcfile, "./", 2) == 0)
		interp_preset(f->in, "MAILDIR", ".");
	else if (dir && f->host.set_maildir(f, dir, &why) < 0)
		interp_preset(f->in, "MAILDIR", ".");
	f->maildir_given = false;
}

/* The files named on the command line: the first that can be opened counts, the next one only if
 * HOST sent that away. */
static enum interp_end
flow_named(struct flow *f)
{
	enum interp_end end = INTERP_FELL_OFF;

	for (const char *const *name = f->d->rcfiles; *name; name++) {
		flow_start_dir(f, *name);
		if (flow_rcfile(f, RCFILE_NAMED, flow_rcfile_path(f, *name), &end)
		    && end != INTERP_HOST)
			break;
	}
	return end;
}

static enum interp_end
flow_own(struct flow *f)
{
	static const char *const names[] = { ".bivalverc", ".procmailrc" };
	enum interp_end end = INTERP_FELL_OFF;

	flow_start_dir(f, NULL);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *path = flow_below_home(f, names[i]);

		/* One that is there, but may not be read, is not replaced by what it replaced. */
		if (flow_rcfile(f, RCFILE_OWN, path, &end) || access(path, F_OK) == 0)
			break;
	}
	return end;
}

static void
flow_recipes(struct flow *f)
{
	enum interp_end end = INTERP_FELL_OFF;
	const char *site = f->d->conf->site_recipes;

	if (!f->d->filter_mode && *site) {
		flow_start_dir(f, NULL);
		f->in_site = true;
		interp_strict(f->in, true);
		flow_rcfile(f, RCFILE_SITE, site, &end);
		interp_strict(f->in, false);
		f->in_site = false;
	}
	if (f->out->code != OUTCOME_OPEN)
		return;
	end = f->d->rcfiles[0] ? flow_named(f) : flow_own(f);
	if (f->out->code != OUTCOME_OPEN)
		return;
	if (end == INTERP_HOST) {
		/* As procmail: the way rcfiles say "this is all". */
		f->out->code = OUTCOME_DROPPED;
		return;
	}
	finish_default(f);
}

static void
flow_begin(struct flow *f, const struct delivery *d, struct store *message, struct outcome *out)
{
	const struct conf *c = d->conf;

	memset(f, 0, sizeof *f);
	f->d = d;
	f->began_us = clock_us();
	f->out = out;
	f->arena = arena_new();
	idcache_hold();
	f->log_fd = -1;
	f->only_unmakeable = true;
	f->spool = (struct spool_options){ c->spool_dir, (size_t)c->spool_memory << 10, 0 };
	buf_init(&f->folder);
	inspect_init(&f->inspect, d->services, &f->spool, c->scan_timeout, c->scan_wait);
	lookups_begin(f);
	message_set(&f->msg, message);
	world_init(f);
	f->in = interp_new(&f->host, &f->msg);
}

static void
flow_end(struct flow *f)
{
	lock_drop(&f->lockfile);
	inspect_reset(&f->inspect);
	lookups_leave(f);
	seen_leave(f);
	interp_free(&f->in);
	message_clear(&f->msg);
	buf_clear(&f->folder);
	fd_close(&f->log_fd);
	arena_free(&f->arena);
}

static void
flow_abstract(struct flow *f)
{
	const struct settings *set = interp_settings(f->in);
	bool failed = f->out->code == OUTCOME_FAILED;
	const char *last = interp_get(f->in, "LASTFOLDER"), *folder = f->folder.p;

	/* HOST ended it: what the rcfile said of the folder counts. */
	if (f->out->code == OUTCOME_DROPPED && last)
		folder = last;
	if (set->logabstract == ABSTRACT_NO)
		return;
	if (set->logabstract == ABSTRACT_ALL && f->out->code == OUTCOME_DELIVERED && f->out->line)
		return; /* said already, with each delivery */
	if (failed)
		record_abstract(f, f->early ? "**Lost**" : fail_is_permanent(&f->out->why)
		    ? "**Bounced**" : "**Requeued**", f->size);
	else
		record_abstract(f, folder, f->size);
}

int
flow_deliver(const struct delivery *d, struct store *message, struct outcome *out)
{
	struct flow f;
	bool taken;
	int status;

	memset(out, 0, sizeof *out);
	out->file = "";
	umask(077);
	flow_begin(&f, d, message, out);
	flow_presets(&f);
	flow_from_line(&f);
	flow_settle(&f);
	flow_assignments(&f);
	if (out->code == OUTCOME_OPEN)
		flow_recipes(&f);
	if (!d->trial)
		flow_abstract(&f); /* before TRAP's own words, as procmail has it */
	status = finish_exit(&f);
	if (d->trial)
		trial_end(&f);
	else
		record_end(&f, status);
	taken = !d->trial && out->code != OUTCOME_FAILED && status != EX_TEMPFAIL;
	seen_end(&f, taken);
	idcache_let_go(taken);
	if (f.is_clone) {
		undo_all();
		_exit(status);
	}
	out->file = "";
	flow_end(&f);
	return status;
}
