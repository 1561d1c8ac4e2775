/*
 * world.c - the world as recipes reach it: implements recipe/host.h for a real delivery.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/place.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/undo.h"
#include "flow/state.h"
#include "formail/idcache.h"

#define WORLD_RCFILE_MAX (4u << 20)
#define WORLD_LOG_MODE 0667         /* less the umask */

static int
world_may_commit(void *ctx, struct fail *why)
{
	const struct services *s = ctx;

	return s->still_there(s->ctx, why);
}

void
flow_act_env(struct flow *f, struct act_env *env)
{
	const struct conf *c = f->d->conf;

	memset(env, 0, sizeof *env);
	env->set = interp_settings(f->in);
	env->environ = interp_environ(f->in);
	env->programs = (enum act_programs)c->programs;
	env->smrsh = c->smrsh;
	env->confine = c->programs == CONF_PROGRAMS_ANY ? NULL : f->d->account->home;
	env->may_commit = world_may_commit;
	env->ctx = (void *)(size_t)f->d->services;
}

/* Mail that a recipe wanted scanned, and that could not be, goes nowhere until a recipe says what
 * shall happen to it. */
int
world_may_deliver(struct flow *f, struct fail *why)
{
	if (f->unscanned.kind && !f->scan_decided)
		return fail_set(why, FAIL_SCAN, "%s", f->unscanned.text);
	return 0;
}

void
world_halves(struct flow *f, bool head, bool body, struct bytes in[2])
{
	in[0] = head ? f->msg.head : (struct bytes){ "", 0 };
	in[1] = body ? f->msg.body : (struct bytes){ "", 0 };
}

/* What a large message's body lies in. */
static struct bytes
world_mapping(const struct flow *f)
{
	const struct store *s = f->msg.body_store;

	return s && s->mapped ? (struct bytes){ s->bytes.p, s->mapped } : (struct bytes){ "", 0 };
}

static void
world_job(struct flow *f, const struct host_action *a, struct act_job *job)
{
	struct bytes in[2];

	world_halves(f, a->head, a->body, in);
	*job = (struct act_job){ .head = in[0], .body = in[1], .mapped = world_mapping(f),
		.raw = a->raw, .from_line = bytes_starts(in[0], "From "), .wait = a->wait,
		.quiet = a->quiet, .ignore_write_errors = a->ignore_write_errors,
		.content_length = f->content_length };
	job->words = a->kind == HOST_PROGRAM ? a->command.argv : a->words;
	job->command = a->kind == HOST_PROGRAM ? a->command.shell : NULL;
}

static const struct act *
world_act(const struct host_action *a)
{
	if (a->kind == HOST_FORWARD)
		return &act_forward;
	if (a->kind == HOST_PROGRAM)
		return &act_program;
	return act_for_folder(a->words[0]);
}

/* A place that cannot be: the one failure that waiting does not mend. */
static bool
world_is_unmakeable(const struct fail *why)
{
	return why->err == ENOENT || why->err == ENOTDIR || why->err == EISDIR;
}

static void
world_note(struct flow *f, const char *title, const struct act_result *res, struct buf *lastfolder)
{
	struct bytes folder = title ? bytes_of(title) : buf_view(&res->folder);

	buf_cut(lastfolder, 0);
	buf_bytes(lastfolder, folder);
	buf_cut(&f->folder, 0);
	buf_bytes(&f->folder, folder);
	f->size = res->size;
}

/* The site's own place for a user's mail is his wherever he is confined to. */
static bool
world_is_own_mailbox(struct flow *f, const char *path)
{
	size_t n = strlen(f->d->conf->mail_spool);

	return strncmp(path, f->d->conf->mail_spool, n) == 0 && path[n] == '/'
	    && strcmp(path + n + 1, f->d->account->name) == 0;
}

/* Where the recipes at hand may name files; NULL: anywhere. On restricted sites everything a user's
 * recipes name lies below his home; the site's own recipes go where they want. */
static const char *
world_confine(const struct flow *f)
{
	return f->in_site || f->d->conf->programs == CONF_PROGRAMS_ANY ? NULL
	    : f->d->account->home;
}

static struct lock *
world_take_lock(struct flow *f, const char *path, struct fail *why)
{
	const struct settings *set = interp_settings(f->in);
	size_t len = strlen(path), ext = strlen(set->lockext);
	/* An ending that is a path leads elsewhere. */
	bool beside = len > ext && !strchr(set->lockext, '/');
	char *box = mem_copy((struct bytes){ path, beside ? len - ext : 0 });
	const char *confine = world_confine(f);

	if (world_is_own_mailbox(f, box))
		confine = NULL; /* the lock of what he may write to anyway */
	free(box);
	return lock_take_below(path, confine, set, why);
}

/* A lockfile that cannot be had does not keep mail from being delivered (as procmail). */
struct lock *
world_lock(struct flow *f, const char *path)
{
	struct fail why = { 0 };
	struct lock *lock;

	if (!path || !*path)
		return NULL;
	lock = world_take_lock(f, path, &why);
	if (!lock)
		log_user("lockfile: %s", why.text);
	return lock;
}

/* The lockfile of one delivery. A mailbox that is not there yet must not be made as its own
 * lockfile, which nobody may write to: ":0:inbox", or an empty LOCKEXT. */
static struct lock *
world_delivery_lock(struct flow *f, const struct host_action *a)
{
	if (a->kind == HOST_FOLDER && a->lock && strcmp(a->lock, a->words[0]) == 0) {
		log_user("lockfile: \"%s\" is the mailbox itself", a->lock);
		return NULL;
	}
	return world_lock(f, a->lock);
}

int
world_folder(struct flow *f, const struct host_action *a, struct buf *lastfolder, int *status,
    struct fail *why)
{
	struct act_result res = { .folder = BUF_INIT };
	struct act_env env;
	struct act_job job;
	struct lock *lock;
	int64_t begun;
	int rc;

	if (world_may_deliver(f, why) < 0)
		goto refused;
	if (f->d->trial) {
		*status = 0;
		if (trial_folder(f, a, lastfolder, why) == 0)
			return 0;
		goto refused;
	}
	flow_act_env(f, &env);
	if (a->kind == HOST_FOLDER && world_is_own_mailbox(f, a->words[0]))
		env.confine = NULL;
	world_job(f, a, &job);
	begun = clock_us();
	lock = world_delivery_lock(f, a);
	if (a->kind == HOST_PROGRAM && programs_is_formail(f, &a->command))
		rc = programs_formail(f, a, &res, why);
	else
		rc = world_act(a)->deliver(&env, &job, &res, why);
	lock_drop(&lock);
	f->deliver_us += clock_us() - begun;
	*status = res.status;
	if (rc == 0)
		world_note(f, a->title, &res, lastfolder);
	else
		buf_bytes(lastfolder, buf_view(&res.folder));
	buf_clear(&res.folder);
	if (rc == 0)
		return 0;
refused:
	f->only_unmakeable = f->only_unmakeable && world_is_unmakeable(why);
	f->last = *why;
	return -1;
}

static int
world_deliver(void *ctx, const struct host_action *a, struct buf *lastfolder, int *status,
    struct fail *why)
{
	struct flow *f = ctx;
	int rc = world_folder(f, a, lastfolder, status, why);

	if (rc == 0 && interp_settings(f->in)->logabstract == ABSTRACT_ALL)
		record_abstract(f, f->folder.p, f->size);
	return rc;
}

static bool
world_scan_decided(void *ctx, bool decided)
{
	struct flow *f = ctx;
	bool before = f->scan_decided;

	f->scan_decided = decided;
	return before;
}

static int
world_clone(void *ctx, const char *lock, struct fail *why)
{
	struct flow *f = ctx;
	struct itimerval left = { 0 };
	pid_t pid;

	f->clone_lock = world_lock(f, lock);
	getitimer(ITIMER_REAL, &left);
	f->d->services->cloning(f->d->services->ctx);
	seen_share(f);
	pid = fork();
	if (pid < 0) {
		lock_drop(&f->clone_lock);
		return fail_errno(why, "a copy of the message cannot be processed apart");
	}
	if (pid == 0) {
		/* Locks and temporary files are the parent's, and so is its scanner; the limit of
		 * its time is ours, too, which fork(2) forgets. */
		undo_forget_all();
		setitimer(ITIMER_REAL, &left, NULL);
		idcache_let_go(false);
		f->lockfile = f->clone_lock = NULL;
		f->is_clone = true;
		inspect_leave(&f->inspect);
		lookups_leave(f);
	}
	return (int)pid;
}

static int
world_clone_wait(void *ctx, int pid, int *status)
{
	struct flow *f = ctx;
	pid_t ended;
	int st = 0;

	while ((ended = waitpid(pid, &st, 0)) < 0 && errno == EINTR)
		;
	lock_drop(&f->clone_lock);
	if (ended < 0)
		return -1;
	*status = WIFEXITED(st) ? WEXITSTATUS(st) : -WTERMSIG(st);
	return 0;
}

/* Looked up and opened in one: no link can be put there in between. */
int
world_open(struct flow *f, const char *path, int flags, struct fail *why)
{
	const struct act_env below_home = { .confine = world_confine(f) };
	struct place place;
	int fd;

	flags |= O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	if (!below_home.confine) {
		fd = open(path, flags, WORLD_LOG_MODE);
		return fd < 0 ? fail_errno(why, "%s", path) : fd;
	}
	if (place_find(&place, &below_home, path, why) < 0)
		return -1;
	fd = openat(place.dir, place.name, flags | O_NOFOLLOW, WORLD_LOG_MODE);
	if (fd < 0)
		fail_errno(why, "%s", path);
	place_clear(&place);
	return fd;
}

static int
world_read(struct flow *f, const char *path, struct buf *text, struct fail *why)
{
	int fd = world_open(f, path, O_RDONLY, why), rc = -1;
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		errno = EINVAL;
	else
		rc = fd_read_all(fd, WORLD_RCFILE_MAX, text);
	if (rc < 0)
		fail_errno(why, "%s", path);
	fd_close(&fd);
	return rc;
}

static int
world_open_rcfile(void *ctx, const char *path, struct buf *text, struct fail *why)
{
	struct flow *f = ctx;

	if (world_read(f, path, text, why) == 0)
		return 0;
	/* Where the site's policy names a file, only its absence means that there is none. */
	if (f->in_site && why->err != ENOENT) {
		f->out->code = OUTCOME_FAILED;
		fail_temp(&f->out->why, "site recipes include a file, which the recipient must be "
		    "able to read: %s", why->text);
	}
	return -1;
}

static int
world_set_maildir(void *ctx, const char *dir, struct fail *why)
{
	struct flow *f = ctx;

	f->maildir_given = true;
	return chdir(dir) < 0 ? fail_errno(why, "MAILDIR %s", dir) : 0;
}

static void
world_set_umask(void *ctx, unsigned mask)
{
	(void)ctx;
	umask((mode_t)(mask & 0777));
}

/* The log takes what the recipes' programs write to standard error, too. */
static void
world_set_logfile(void *ctx, const char *path)
{
	struct flow *f = ctx;
	struct fail why = { 0 };
	int fd;

	if (*path)
		fd = world_open(f, path, O_WRONLY | O_APPEND | O_CREAT, &why);
	else
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC); /* as procmail has it */
	if (fd < 0) {
		log_user("LOGFILE %s", why.text);
		return;
	}
	log_user_fd(fd);
	if (dup2(fd, STDERR_FILENO) < 0)
		log_user("LOGFILE %s: %s", path, strerror(errno));
	fd_close(&f->log_fd);
	f->log_fd = fd;
}

static void
world_set_lockfile(void *ctx, const char *path)
{
	struct flow *f = ctx;
	struct fail why = { 0 };

	lock_drop(&f->lockfile);
	if (!path || !*path)
		return;
	f->lockfile = world_take_lock(f, path, &why);
	if (f->lockfile)
		return;
	log_user("LOCKFILE: %s", why.text);
	interp_preset(f->in, "LOCKFILE", NULL);
}

static void
world_delivered_early(void *ctx)
{
	struct flow *f = ctx;

	f->early = true;
}

static void
world_log_text(void *ctx, const char *text)
{
	struct flow *f = ctx;
	int fd = f->log_fd >= 0 ? f->log_fd : f->d->for_mta ? -1 : STDERR_FILENO;

	if (fd >= 0 && fd_write_all(fd, text, strlen(text)) < 0)
		log_warning("LOG: %s", strerror(errno));
}

static const char *
world_hostname(void *ctx)
{
	static struct utsname name;

	(void)ctx;
	return uname(&name) == 0 ? name.nodename : "localhost";
}

static void
world_complain(void *ctx, bool verbose, const char *file, int line, const char *text)
{
	struct flow *f = ctx;

	if (verbose && !interp_settings(f->in)->verbose)
		return;
	/* Under an MTA nobody reads our standard error: the log has it, unless LOGFILE does. */
	if (f->in_site || (f->d->for_mta && f->log_fd < 0))
		log_warning("%s:%d: %s", file, line, text);
	else if (line > 0)
		log_user("%s:%d: %s", file, line, text);
	else
		log_user("%s: %s", file, text);
}

void
world_init(struct flow *f)
{
	f->host = (struct host){
		.ctx = f, .deliver = world_deliver, .filter = programs_filter,
		.capture = programs_capture, .backquote = programs_backquote, .test = programs_test,
		.lines = selectors_lines, .scan_decided = world_scan_decided, .verb = verbs_do,
		.clone = world_clone, .clone_wait = world_clone_wait,
		.open_rcfile = world_open_rcfile, .set_maildir = world_set_maildir,
		.set_umask = world_set_umask, .set_logfile = world_set_logfile,
		.set_lockfile = world_set_lockfile, .delivered_early = world_delivered_early,
		.log_text = world_log_text, .hostname = world_hostname,
		.complain = world_complain,
	};
	if (f->d->trial)
		trial_init(f);
}
