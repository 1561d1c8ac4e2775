#include "proc/spares.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/title.h"
#include "proc/door.h"
#include "proc/monitor.h"
#include "proc/shared.h"
#include "proc/spawn.h"

#define SPARES_PAUSE 200   /* ms until the next fork after trouble */
#define SPARES_ENVIRON "BIVALVED_SESSIONS"
#define SPARES_FD_MIN 128  /* high up, where no listening socket is put over it */

/* ---- one of them ---- */

static _Noreturn void
spares_fail(const struct fail *why)
{
	log_error("%s", why->text);
	_exit(EX_TEMPFAIL);
}

static _Noreturn void
spares_become(struct spares *s)
{
	struct door door = { { s->listener[0], s->listener[1] }, s->told[1], s->life[0], -1 };
	struct monitor_peer unknown = { "", "", NULL, false, &door };
	struct fail why = { 0 };
	bool again;
	int peer;

	shared_keep();
	title_set("bivalved: monitor (waiting)");
	if (door_open(&door, &why) < 0)
		spares_fail(&why);
	while ((peer = door_wait(&door, -1, NULL, &again)) == DOOR_AGAIN)
		;
	if (peer < 0)
		_exit(EX_OK);
	title_set("bivalved: monitor");
	if (!again || s->conf->connections_per_session == 1) {
		door_close(&door);
		unknown.door = NULL;
	}
	if (monitor_run(s->conf, &unknown, peer, peer, &why) < 0)
		spares_fail(&why);
	_exit(EX_OK);
}

/* Forks. The child holds what it waits for, and none of the master's other sockets: at one that
 * outlived the master, connections would wait for nobody, and the next master could not listen. */
static pid_t
spares_spawn(struct spares *s)
{
	int *kept[SPAWN_KEEP_MAX] = { &s->told[1], &s->life[0], &s->listener[0], &s->listener[1] };
	int given[SPAWN_KEEP_MAX], n = 0;
	pid_t pid;

	for (int i = 0; i < SPAWN_KEEP_MAX; i++)
		if (*kept[i] >= 0)
			given[n++] = *kept[i];
	pid = spawn_child(given, (size_t)n);
	n = 0;
	for (int i = 0; pid == 0 && i < SPAWN_KEEP_MAX; i++)
		if (*kept[i] >= 0)
			*kept[i] = SPAWN_FIRST + n++;
	return pid;
}

/* ---- the master's side ---- */

static struct spares_one *
spares_find(struct spares *s, pid_t pid)
{
	for (int i = 0; i < SPARES_ROOM; i++)
		if (s->one[i].pid == pid)
			return &s->one[i];
	return NULL;
}

static bool
spares_waits(const struct spares_one *one)
{
	return one->pid > 0 && !one->busy && !one->old;
}

static size_t
spares_waiting(const struct spares *s)
{
	size_t n = 0;

	for (int i = 0; i < SPARES_ROOM; i++)
		n += spares_waits(&s->one[i]);
	return n;
}

/* Ready for any peer: those that rest take none that came over TCP. */
static size_t
spares_ready(const struct spares *s)
{
	size_t n = 0;

	for (int i = 0; i < SPARES_ROOM; i++)
		n += spares_waits(&s->one[i]) && !(s->one[i].rests && s->listener[1] >= 0);
	return n;
}

size_t
spares_busy(const struct spares *s)
{
	size_t n = 0;

	for (int i = 0; i < SPARES_ROOM; i++)
		n += s->one[i].pid > 0 && s->one[i].busy;
	return n;
}

/* One of before a reload may still take a connection as it ends: then there are more. */
static bool
spares_is_full(const struct spares *s)
{
	return spares_busy(s) + spares_waiting(s) >= (size_t)s->conf->max_sessions;
}

static bool
spares_has_listener(const struct spares *s)
{
	return s->listener[0] >= 0 || s->listener[1] >= 0;
}

static bool
spares_fork(struct spares *s, struct spares_one *one)
{
	pid_t pid = spares_spawn(s);

	if (pid == 0)
		spares_become(s);
	if (pid < 0) {
		log_error("monitor process: %s", strerror(errno));
		s->next_fork = clock_ms() + SPARES_PAUSE;
		return false;
	}
	*one = (struct spares_one){ .pid = pid, .begun = clock_ms() };
	return true;
}

/* There may be no more, and none of those that rest would take a peer over TCP: one of them is to
 * end. One that has got a peer meanwhile ends behind it. */
static void
spares_let_go(struct spares *s)
{
	for (int i = 0; i < SPARES_ROOM; i++)
		if (spares_waits(&s->one[i]) && s->one[i].rests) {
			if (!s->one[i].let_go && kill(s->one[i].pid, MONITOR_LET_GO) < 0)
				log_warning("monitor: %s", strerror(errno));
			s->one[i].let_go = true;
			return;
		}
}

void
spares_tend(struct spares *s)
{
	struct spares_one *one;
	size_t enough = (size_t)s->conf->spare_sessions;

	if (s->ending || !spares_has_listener(s) || clock_ms() < s->next_fork)
		return;
	/* Those that wait sleep on; new ones look. */
	if (enough < spares_ready(s) + s->called)
		enough = spares_ready(s) + s->called;
	for (size_t n = spares_ready(s); n < enough; n++) {
		one = spares_is_full(s) ? NULL : spares_find(s, 0);
		if (!one && n == 0)
			spares_let_go(s);
		if (!one || !spares_fork(s, one))
			return;
		s->called -= s->called > 0;
	}
}

/* All are busy: whoever comes is told so at once, rather than left waiting. */
static void
spares_refuse(struct spares *s, int listener)
{
	static const char text[] = "421 4.3.2 too many sessions, try again later\r\n";
	int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (peer < 0)
		return;
	s->refused++;
	if (send(peer, text, sizeof text - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_warning("a refusal got lost: %s", strerror(errno));
	fd_close(&peer);
}

size_t
spares_gather(const struct spares *s, struct pollfd *fd)
{
	const bool full = !s->ending && spares_waiting(s) == 0 && clock_ms() >= s->next_fork;

	fd[0] = (struct pollfd){ .fd = s->told[0], .events = POLLIN };
	for (int i = 0; i < 2; i++)
		fd[1 + i] = (struct pollfd){ .fd = full ? s->listener[i] : -1, .events = POLLIN };
	return 3;
}

static void
spares_read_told(struct spares *s)
{
	struct spares_one *one;
	pid_t pid;

	while (read(s->told[0], &pid, sizeof pid) == (ssize_t)sizeof pid) {
		one = pid != 0 ? spares_find(s, pid > 0 ? pid : -pid) : NULL;
		s->connections += pid > 0;
		if (!one)
			continue;
		one->busy = pid > 0;
		one->rests = pid < 0;
	}
}

void
spares_hear(struct spares *s, const struct pollfd *fd, size_t n)
{
	if (n > 0 && fd[0].revents)
		spares_read_told(s);
	for (size_t i = 1; i < n; i++)
		if (fd[i].fd >= 0 && fd[i].revents && spares_waiting(s) == 0)
			spares_refuse(s, fd[i].fd);
}

bool
spares_ended(struct spares *s, pid_t pid, int status)
{
	struct spares_one *one = spares_find(s, pid);

	if (!one)
		return false;
	if (WIFSIGNALED(status) || WEXITSTATUS(status) != EX_OK) {
		s->died++;
		s->called++;
		if (!s->ending)
			log_warning("monitor %ld ended with %s %d", (long)pid,
			    WIFSIGNALED(status) ? "signal" : "status",
			    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		if (!one->busy && clock_ms() - one->begun < SPARES_PAUSE)
			s->next_fork = clock_ms() + SPARES_PAUSE;
	}
	*one = (struct spares_one){ 0 };
	return true;
}

/* ---- over a reload ---- */

void
spares_hand_over(const struct spares *s)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%d %d", fcntl(s->told[0], F_DUPFD, SPARES_FD_MIN),
	    fcntl(s->told[1], F_DUPFD, SPARES_FD_MIN));
	for (int i = 0; i < SPARES_ROOM; i++)
		if (s->one[i].pid > 0)
			buf_printf(&text, " %d %ld", s->one[i].busy, (long)s->one[i].pid);
	setenv(SPARES_ENVIRON, text.p, 1);
	buf_clear(&text);
}

static bool
spares_number(const char **text, long *n_r)
{
	char *end;

	*n_r = strtol(*text, &end, 10);
	if (end == *text)
		return false;
	*text = end;
	return true;
}

/* A number may be another's, or nobody's, unless it is that of a child. */
static bool
spares_is_child(long pid)
{
	siginfo_t info;

	return pid > 1 && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Those that had a peer go on, and count.  Those that waited end, but may have got one: they say
 * so on the same pipe, which is why that stays. */
static void
spares_adopt(struct spares *s)
{
	const char *text = getenv(SPARES_ENVIRON);
	struct spares_one *one = s->one;
	long told[2], busy, pid;

	if (!text || !spares_number(&text, &told[0]) || !spares_number(&text, &told[1]))
		return;
	for (int i = 0; i < 2; i++)
		if (told[i] >= SPARES_FD_MIN && fcntl((int)told[i], F_SETFD, FD_CLOEXEC) == 0)
			s->told[i] = (int)told[i];
	while (one < s->one + SPARES_ROOM && spares_number(&text, &busy)
	    && spares_number(&text, &pid))
		if (spares_is_child(pid))
			*one++ = (struct spares_one){ .pid = (pid_t)pid, .busy = busy, .old = true,
				.begun = clock_ms() };
	unsetenv(SPARES_ENVIRON);
}

int
spares_begin(struct spares *s, const struct conf *conf, int unix_listener, int tcp_listener,
    struct fail *why)
{
	memset(s, 0, sizeof *s);
	s->conf = conf;
	s->listener[0] = unix_listener;
	s->listener[1] = tcp_listener;
	s->told[0] = s->told[1] = -1;
	spares_adopt(s);
	if (((s->told[0] < 0 || s->told[1] < 0) && pipe2(s->told, O_CLOEXEC) < 0)
	    || pipe2(s->life, O_CLOEXEC) < 0 ||
	    fcntl(s->told[0], F_SETFL, O_NONBLOCK) < 0)
		return fail_errno(why, "pipes for the monitors");
	/* Who has got a peer since the program before us looked: before any is forked. */
	spares_read_told(s);
	if (spares_has_listener(s))
		monitor_warm(conf);
	return 0;
}

void
spares_finish(struct spares *s)
{
	s->ending = true;
	for (int i = 0; i < SPARES_ROOM; i++)
		if (s->one[i].pid > 0)
			kill(s->one[i].pid, SIGTERM);
}

bool
spares_is_over(const struct spares *s)
{
	size_t n = 0;

	for (int i = 0; i < SPARES_ROOM; i++)
		n += s->one[i].pid > 0;
	return n == 0;
}
