#include "proc/engines.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "base/tempdir.h"
#include "base/title.h"
#include "proc/helper.h"
#include "proc/pool.h"
#include "proc/scanuser.h"
#include "proc/scratch.h"
#include "proc/spawn.h"

#define ENGINES_ENVIRON "BIVALVED_ENGINE"
#define ENGINES_ASK 1000           /* ms between questions for the counters */
#define ENGINES_SILENCE 60000      /* ms without an answer: it hangs */
#define ENGINES_LOAD 900000        /* ms that loading may take */
#define ENGINES_FINISH_GRACE 60000 /* ms behind the longest scan */
#define ENGINES_PAUSE_MAX 60000    /* ms */
#define ENGINES_RETRY 250          /* ms until the next try when none could be started */
#define ENGINES_SOON 10000         /* ms: after a shorter life the next waits longer */

/* ---- one ---- */

static struct engines_one *
engines_find(struct engines *e, enum engines_state state)
{
	for (int i = 0; i < ENGINES_MAX; i++)
		if (e->one[i].state == state)
			return &e->one[i];
	return NULL;
}

static void
engines_order(struct engines_one *one, enum pool_order order)
{
	const char byte = (char)order;

	if (send(one->control, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		return;
	log_error("engine %ld cannot be told anything: %s", (long)one->pid, strerror(errno));
	kill(one->pid, SIGKILL);
}

static void
engines_retire(struct engines_one *one)
{
	engines_order(one, POOL_FINISH);
	one->state = ENGINES_FINISHING;
	one->started = clock_ms(); /* of its end */
}

/* Until it serves it hears nothing of us: without this it would load on without a master, and hold
 * the socket that the next one is to listen at.  The pool lifts it. */
static void
engines_bind_life(pid_t master)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != master)
		_exit(EX_TEMPFAIL);
}

static _Noreturn void
engines_become(const struct engines *e, int control, pid_t master)
{
	struct fail why = { 0 };
	char room[4096];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	scratch_make(e->conf, helper_scanner_path(e->conf, room, sizeof room));
	if (scanuser_become(e->conf, &why) < 0) {
		log_error("%s", why.text);
		_exit(EX_TEMPFAIL);
	}
	/* Behind the change of identity, which forgets it. */
	engines_bind_life(master);
	helper_engine(e->conf, e->listener, control);
}

/* False when the machine has no room for one now. */
static bool
engines_start(struct engines *e)
{
	struct engines_one *one = engines_find(e, ENGINES_FREE);
	const pid_t self = getpid();
	int pair[2];

	if (!one || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		log_error("no engine can be started: %s", one ? strerror(errno) : "too many");
		return false;
	}
	one->pid = fork();
	if (one->pid == 0)
		engines_become(e, pair[1], self);
	fd_close(&pair[1]);
	if (one->pid < 0) {
		log_error("engine process: %s", strerror(errno));
		fd_close(&pair[0]);
		return false;
	}
	one->control = pair[0];
	one->state = ENGINES_LOADING;
	one->started = clock_ms();
	e->started++;
	return true;
}

/* ---- what they say ---- */

static void
engines_loaded(struct engines *e, struct engines_one *one)
{
	struct engines_one *old = engines_find(e, ENGINES_SERVING);

	/* Both accept for a moment; between them there is no moment without one. */
	engines_order(one, POOL_GO);
	if (old)
		engines_retire(old);
	one->state = ENGINES_SERVING;
	e->refused = false;
	engines_order(one, POOL_ASK);
}

static void
engines_status(struct engines *e, struct engines_one *one, const char *p)
{
	one->waits = 0;
	if (one->state != ENGINES_SERVING)
		return;
	memcpy(&e->stat, p, sizeof e->stat);
	e->has_stat = true;
}

/* It is weaker than we are: what makes no sense ends it. */
static void
engines_news(struct engines *e, struct engines_one *one)
{
	struct {
		char news[8];
		struct poolstat stat;
	} m;
	ssize_t n = recv(one->control, &m, sizeof m, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* Its end is a reset where it had not read our last word. */
	if (n == 0 || (n < 0 && errno == ECONNRESET)) {
		fd_close(&one->control); /* waitpid has more to say */
	} else if (n == 1 && m.news[0] == POOL_LOADED && one->state == ENGINES_LOADING) {
		engines_loaded(e, one);
	} else if (n == 1 && m.news[0] == POOL_STALE) {
		log_notice("the signatures in %s have changed", e->conf->database);
		engines_renew(e);
	} else if (n == (ssize_t)sizeof m && m.news[0] == POOL_STATUS) {
		engines_status(e, one, (const char *)&m.stat);
	} else {
		log_error("engine %ld says what it may not: ended", (long)one->pid);
		kill(one->pid, SIGKILL);
		fd_close(&one->control);
	}
}

void
engines_hear(struct engines *e, int control)
{
	for (int i = 0; i < ENGINES_MAX; i++)
		if (e->one[i].state != ENGINES_FREE && e->one[i].control == control) {
			engines_news(e, &e->one[i]);
			return;
		}
}

size_t
engines_gather(const struct engines *e, struct pollfd *fd)
{
	size_t n = 0;

	for (int i = 0; i < ENGINES_MAX; i++)
		if (e->one[i].state != ENGINES_FREE && e->one[i].control >= 0)
			fd[n++] = (struct pollfd){ .fd = e->one[i].control, .events = POLLIN };
	return n;
}

/* ---- their end ---- */

/* What a killed engine left in temp_dir; by a process with its rights, for we touch no file of
 * such an owner with root's.  It may take long, and outlive us: it has none of our sockets. */
static void
engines_sweep(const struct engines *e, pid_t pid)
{
	struct fail why = { 0 };
	pid_t child = spawn_child(NULL, 0);

	if (child < 0)
		log_warning("%s/bivalve-%ld-* stays for now: %s", e->conf->temp_dir, (long)pid,
		    strerror(errno));
	if (child != 0)
		return;
	title_set("bivalved: sweeper");
	if (scanuser_become(e->conf, &why) < 0 || tempdir_sweep(e->conf->temp_dir, pid) < 0)
		log_warning("%s/bivalve-%ld-* cannot be removed", e->conf->temp_dir, (long)pid);
	_exit(EX_OK);
}

static void
engines_lost(struct engines *e, const struct engines_one *one)
{
	int64_t age = clock_ms() - one->started;

	if (one->state == ENGINES_FINISHING)
		return;
	e->died++;
	if (one->state == ENGINES_LOADING && engines_find(e, ENGINES_SERVING)) {
		log_error("the signatures in %s are refused: the old ones stay", e->conf->database);
		e->refused = true;
		return;
	}
	e->wanted = true;
	/* One that served could load: only what fails to is tried ever more seldom. */
	if (age > ENGINES_SOON || one->state == ENGINES_SERVING)
		e->pause = 0;
	e->next_start = clock_ms() + e->pause;
	e->pause = e->pause == 0 ? 250 : e->pause * 2;
	if (e->pause > ENGINES_PAUSE_MAX)
		e->pause = ENGINES_PAUSE_MAX;
}

bool
engines_ended(struct engines *e, pid_t pid, int status)
{
	bool fault = WIFSIGNALED(status) || WEXITSTATUS(status) != EX_OK;

	for (int i = 0; i < ENGINES_MAX; i++) {
		struct engines_one *one = &e->one[i];

		if (one->state == ENGINES_FREE || one->pid != pid)
			continue;
		if (fault)
			log_error("engine %ld ended with %s %d", (long)pid,
			    WIFSIGNALED(status) ? "signal" : "status",
			    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		if (WIFSIGNALED(status))
			engines_sweep(e, pid);
		if (one->state == ENGINES_SERVING)
			e->has_stat = false;
		engines_lost(e, one);
		fd_close(&one->control);
		*one = (struct engines_one){ .control = -1 };
		return true;
	}
	return false;
}

/* ---- in time ---- */

/* It has been asked and did not answer. That nobody asked for as long, for we were stopped, is not
 * its fault. */
static bool
engines_is_silent(const struct engines_one *one, int64_t now)
{
	return one->state == ENGINES_SERVING && one->waits && now - one->waits > ENGINES_SILENCE;
}

static void
engines_watch(struct engines_one *one, const struct conf *conf)
{
	const int64_t now = clock_ms();

	if (one->state == ENGINES_SERVING && now - one->asked >= ENGINES_ASK) {
		one->asked = now;
		if (!one->waits)
			one->waits = now;
		engines_order(one, POOL_ASK);
	}
	if (engines_is_silent(one, now) ||
	    (one->state == ENGINES_LOADING && now - one->started > ENGINES_LOAD) ||
	    (one->state == ENGINES_FINISHING &&
	    now - one->started > conf->scan_timeout * 1000 + ENGINES_FINISH_GRACE)) {
		log_error("engine %ld does not answer: killed", (long)one->pid);
		kill(one->pid, SIGKILL);
		one->started = one->waits = now;
	}
}

/* On a small machine the old one makes room first: mail waits for as long as loading takes. */
static bool
engines_must_wait(struct engines *e)
{
	struct engines_one *old = engines_find(e, ENGINES_SERVING);

	if (engines_find(e, ENGINES_LOADING))
		return true;
	if (e->conf->reload != CONF_RELOAD_STOP)
		return false;
	if (old)
		engines_retire(old);
	return engines_find(e, ENGINES_FINISHING) != NULL;
}

int64_t
engines_tend(struct engines *e)
{
	for (int i = 0; i < ENGINES_MAX; i++)
		engines_watch(&e->one[i], e->conf);
	if (!e->wanted || e->ending)
		return ENGINES_ASK;
	if (clock_ms() < e->next_start)
		return e->next_start - clock_ms();
	if (engines_must_wait(e))
		return ENGINES_ASK;
	e->wanted = !engines_start(e);
	if (e->wanted)
		e->next_start = clock_ms() + ENGINES_RETRY;
	return e->wanted ? ENGINES_RETRY : ENGINES_ASK;
}

void
engines_renew(struct engines *e)
{
	e->wanted = true;
	e->next_start = clock_ms();
}

bool
engines_is_serving(const struct engines *e)
{
	for (int i = 0; i < ENGINES_MAX; i++)
		if (e->one[i].state == ENGINES_SERVING)
			return true;
	return false;
}

void
engines_finish(struct engines *e)
{
	e->ending = true;
	for (int i = 0; i < ENGINES_MAX; i++) {
		struct engines_one *one = &e->one[i];

		if (one->state == ENGINES_LOADING)
			kill(one->pid, SIGKILL);
		if (one->state == ENGINES_SERVING)
			engines_retire(one);
	}
}

bool
engines_is_over(const struct engines *e)
{
	for (int i = 0; i < ENGINES_MAX; i++)
		if (e->one[i].state != ENGINES_FREE)
			return false;
	return true;
}

/* ---- over an exec ---- */

static void
engines_adopt(struct engines *e)
{
	const char *text = getenv(ENGINES_ENVIRON), *colon = text ? strchr(text, ':') : NULL;
	struct engines_one *one = &e->one[0];
	char pid_text[24];
	long pid, fd;

	if (!colon || (size_t)(colon - text) >= sizeof pid_text)
		return;
	snprintf(pid_text, sizeof pid_text, "%.*s", (int)(colon - text), text);
	if (str_long(pid_text, 2, 1L << 30, &pid) && str_long(colon + 1, 3, 65535, &fd) &&
	    fcntl((int)fd, F_SETFD, FD_CLOEXEC) == 0) {
		e->adopted = true;
		one->state = ENGINES_SERVING;
		one->pid = (pid_t)pid;
		one->control = (int)fd;
		one->started = clock_ms();
	}
	unsetenv(ENGINES_ENVIRON);
}

void
engines_hand_over(const struct engines *e)
{
	for (int i = 0; i < ENGINES_MAX; i++) {
		const struct engines_one *one = &e->one[i];
		char text[64];

		if (one->state == ENGINES_LOADING)
			kill(one->pid, SIGKILL);
		if (one->state != ENGINES_SERVING)
			continue;
		/* High up, where no listening socket is put over it. */
		snprintf(text, sizeof text, "%ld:%d", (long)one->pid,
		    fcntl(one->control, F_DUPFD, 128));
		setenv(ENGINES_ENVIRON, text, 1);
	}
}

void
engines_begin(struct engines *e, const struct conf *conf, int listener)
{
	memset(e, 0, sizeof *e);
	e->conf = conf;
	e->listener = listener;
	for (int i = 0; i < ENGINES_MAX; i++)
		e->one[i].control = -1;
	if (listener < 0)
		return;
	engines_adopt(e);
	engines_renew(e);
}
