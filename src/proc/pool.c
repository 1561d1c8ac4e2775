#include "proc/pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/tempdir.h"
#include "base/title.h"

#define POOL_SILENCE 10000   /* ms an asker may leave a member without a question */
#define POOL_STEP 1000       /* ms between looks at the clock */
#define POOL_STALE_STEP 60000
#define POOL_ENDING 10000    /* ms over a turn's time that the end of all may take */
#define POOL_PAUSE 200       /* ms until the next fork or accept after one that failed */
#define POOL_TURNS 256       /* questions on one connection */
#define POOL_TURNS_LONG 8    /* as many of the longest is all the time that a connection has */
#define POOL_LATER 50        /* ms that a fork waits for a message being read, with others ready */

enum pool_state { POOL_FREE, POOL_IDLE, POOL_SERVING, POOL_WORKING };

struct pool_member {
	enum pool_state state;
	pid_t pid;
	int channel;
	char *temp_dir;
	long number, served, turns;
	uid_t uid;               /* of the asker */
	int64_t begun;           /* us */
	int64_t limit, end;      /* ms: of what it does now; of this connection */
	bool has_digest, doomed;
	unsigned char digest[SUSPECT_DIGEST];
};

struct pool_waiting {
	int fd;
	uid_t uid;
	bool ready;              /* it has said something: a silent one gets no member */
	int64_t since;           /* us */
};

struct pool {
	struct pool_settings s;
	pool_member_fn *member_fn;
	pool_stale_fn *stale_fn;
	void *ctx;
	char *temp_dir;          /* in which the members' lie */
	struct pool_member member[POOL_MEMBERS_MAX];
	struct pool_waiting waiting[POOL_QUEUE_MAX];
	size_t n_waiting;
	struct suspects suspects;
	struct poolstat stat;
	long numbers;            /* members so far */
	int64_t next_fork, next_accept, fill_at, next_stale, end_limit;
	bool accepting, finishing;
	sigset_t unblocked;
};

static volatile sig_atomic_t pool_told;

static void
pool_on_signal(int sig)
{
	if (sig == SIGTERM)
		pool_told = 1;
}

/* ---- members ---- */

static size_t
pool_count(const struct pool *p, enum pool_state state)
{
	size_t n = 0;

	for (long i = 0; i < p->s.members; i++)
		n += p->member[i].state == state;
	return n;
}

/* Ready for a connection. */
static size_t
pool_idle(const struct pool *p)
{
	size_t n = 0;

	for (long i = 0; i < p->s.members; i++)
		n += p->member[i].state == POOL_IDLE && !p->member[i].doomed;
	return n;
}

static size_t
pool_busy(const struct pool *p)
{
	return pool_count(p, POOL_SERVING) + pool_count(p, POOL_WORKING);
}

static _Noreturn void
pool_become(struct pool *p, struct pool_member *m, int channel)
{
	struct seat seat = { .channel = channel, .temp_dir = m->temp_dir };

	signal(SIGTERM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	sigprocmask(SIG_SETMASK, &p->unblocked, NULL);
	title_set("bivalved: scanner");
	p->member_fn(p->ctx, &seat);
	_exit(0);
}

static void
pool_clear_member(struct pool *p, struct pool_member *m)
{
	fd_close(&m->channel);
	if (m->temp_dir && tempdir_sweep(p->temp_dir, (pid_t)m->number) < 0)
		log_warning("%s cannot be removed: %s", m->temp_dir, strerror(errno));
	free(m->temp_dir);
	*m = (struct pool_member){ .channel = -1 };
}

/* False when the machine has no room for one now. */
static bool
pool_fork(struct pool *p, struct pool_member *m)
{
	int pair[2];

	/* In this order: without two descriptors to spare no directory could be removed again. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		log_error("socket to a scanner: %s", strerror(errno));
		return false;
	}
	m->number = ++p->numbers;
	m->channel = pair[0];
	m->temp_dir = tempdir_make(p->temp_dir, (pid_t)m->number);
	if (!m->temp_dir) {
		log_error("scanner: %s: %s", p->temp_dir, strerror(errno));
		fd_close(&pair[1]);
		pool_clear_member(p, m);
		return false;
	}
	m->pid = fork();
	if (m->pid == 0)
		pool_become(p, m, pair[1]);
	fd_close(&pair[1]);
	if (m->pid < 0) {
		log_error("scanner process: %s", strerror(errno));
		pool_clear_member(p, m);
		return false;
	}
	m->state = POOL_IDLE;
	return true;
}

static size_t
pool_ready(const struct pool *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_waiting; i++)
		n += p->waiting[i].ready;
	return n;
}

/* A fork takes time of the processor from whoever is being served: not now, if there is no need. */
static bool
pool_fills_later(const struct pool *p)
{
	return p->fill_at > clock_ms() && pool_idle(p) > pool_ready(p) && pool_busy(p) > 0;
}

/* As many idle ones as are to be kept, and one for each connection that waits. */
static void
pool_fill(struct pool *p)
{
	size_t ready = pool_ready(p), idle = pool_idle(p);
	size_t want = (size_t)p->s.spare > ready ? (size_t)p->s.spare : ready;

	if (p->finishing && p->n_waiting == 0)
		return;
	if (clock_ms() < p->next_fork || pool_fills_later(p))
		return;
	for (long i = 0; i < p->s.members && idle < want; i++) {
		if (p->member[i].state != POOL_FREE)
			continue;
		if (!pool_fork(p, &p->member[i])) {
			p->next_fork = clock_ms() + POOL_PAUSE;
			return;
		}
		idle++;
	}
}

static struct pool_member *
pool_find_idle(struct pool *p)
{
	for (long i = 0; i < p->s.members; i++)
		if (p->member[i].state == POOL_IDLE && !p->member[i].doomed)
			return &p->member[i];
	return NULL;
}

static void
pool_kill(struct pool_member *m)
{
	kill(m->pid, SIGKILL);
	m->doomed = true;
	m->limit = m->end = INT64_MAX;
}

/* A member whose asker's message was being read when it ended, by itself or by us. */
static void
pool_blame(struct pool *p, struct pool_member *m)
{
	if (m->state != POOL_WORKING || !m->has_digest)
		return;
	suspect_note(&p->suspects, m->digest, m->uid, clock_ms());
	if (suspect_is_refused(&p->suspects, m->digest, m->uid, clock_ms()))
		log_warning("a message for uid %lu has ended its scanner %d times: not read again "
		    "for an hour", (unsigned long)m->uid, SUSPECT_DEATHS);
}

static void
pool_ended(struct pool *p, struct pool_member *m, int status)
{
	bool fault = WIFSIGNALED(status) || WEXITSTATUS(status) != 0;

	if (fault && m->state == POOL_IDLE)
		p->next_fork = clock_ms() + POOL_PAUSE; /* not again and again without a pause */
	if (fault) {
		p->stat.died++;
		log_warning("scanner %ld ended with %s %d", (long)m->pid,
		    WIFSIGNALED(status) ? "signal" : "status",
		    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
	pool_blame(p, m);
	pool_clear_member(p, m);
}

static void
pool_reap(struct pool *p)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (long i = 0; i < p->s.members; i++)
			if (p->member[i].state != POOL_FREE && p->member[i].pid == pid) {
				pool_ended(p, &p->member[i], status);
				break;
			}
}

/* ---- connections ---- */

static void
pool_refuse(int *fd, uint64_t *counter)
{
	const char busy = POOL_BUSY;

	++*counter;
	if (send(*fd, &busy, 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EPIPE)
		log_warning("scanner: a refusal got lost: %s", strerror(errno));
	fd_close(fd);
}

static long
pool_served_of(const struct pool *p, uid_t uid)
{
	long n = 0;

	for (long i = 0; i < p->s.members; i++)
		n += p->member[i].state >= POOL_SERVING && p->member[i].uid == uid;
	return n;
}

static long
pool_of_user(const struct pool *p, uid_t uid)
{
	long n = pool_served_of(p, uid);

	for (size_t i = 0; i < p->n_waiting; i++)
		n += p->waiting[i].uid == uid;
	return n;
}

static void
pool_unqueue(struct pool *p, size_t i)
{
	p->n_waiting--;
	memmove(&p->waiting[i], &p->waiting[i + 1], (p->n_waiting - i) * sizeof p->waiting[0]);
}

/* False when the member did not take it. */
static bool
pool_hand_over(struct pool *p, struct pool_member *m, size_t i)
{
	struct pool_waiting w = p->waiting[i];
	struct seat_note note = { .word = SEAT_CONNECTION,
		.flag = suspect_count(&p->suspects, clock_ms()) > 0 };

	if (fd_send(m->channel, &note, sizeof note, w.fd) < 0) {
		pool_kill(m); /* it is gone already, or will not listen */
		return false;
	}
	pool_unqueue(p, i);
	fd_close(&w.fd);
	poolstat_add(&p->stat.times[POOLSTAT_WAIT], clock_us() - w.since);
	m->state = POOL_SERVING;
	m->uid = w.uid;
	m->has_digest = false;
	m->turns = 0;
	m->limit = clock_ms() + POOL_SILENCE;
	m->end = clock_ms() + POOL_TURNS_LONG * p->s.turn * 1000;
	m->served++;
	p->fill_at = clock_ms() + POOL_LATER;
	return true;
}

/* The one that has waited longest; but no user gets the last quarter of all members. */
static void
pool_assign(struct pool *p)
{
	const long share = p->s.members - p->s.members / 4;
	struct pool_member *m = pool_find_idle(p);

	for (size_t i = 0; m && i < p->n_waiting;) {
		if (!p->waiting[i].ready || pool_served_of(p, p->waiting[i].uid) >= share) {
			i++;
			continue;
		}
		pool_hand_over(p, m, i);
		m = pool_find_idle(p);
	}
}

static bool
pool_has_spoken(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void
pool_take(struct pool *p, int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t size = sizeof peer;

	p->stat.connections++;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
		pool_refuse(&fd, &p->stat.refused_user);
	} else if (pool_of_user(p, peer.uid) >= p->s.per_user) {
		pool_refuse(&fd, &p->stat.refused_user);
	} else if (p->n_waiting >= (size_t)p->s.queue + pool_idle(p) ||
	    p->n_waiting >= POOL_QUEUE_MAX) {
		pool_refuse(&fd, &p->stat.refused_busy);
	} else {
		p->waiting[p->n_waiting++] = (struct pool_waiting){ fd, peer.uid,
			pool_has_spoken(fd), clock_us() };
	}
}

static void
pool_accept(struct pool *p)
{
	int fd;

	/* A few at a time: members' news must not wait behind a flood. */
	for (int i = 0; i < 16; i++) {
		fd = accept4(p->s.listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)
				return;
			/* There is no room for a descriptor, nor in the next microsecond. */
			log_error("scanner: accept: %s", strerror(errno));
			p->next_accept = clock_ms() + POOL_PAUSE;
			return;
		}
		pool_take(p, fd);
	}
}

/* ---- what members say ---- */

static void
pool_digest(struct pool *p, struct pool_member *m, const struct seat_note *note)
{
	struct seat_note answer = { .word = SEAT_GO };

	memcpy(m->digest, note->digest, sizeof m->digest);
	m->has_digest = true;
	if (!note->flag)
		return;
	if (suspect_is_refused(&p->suspects, m->digest, m->uid, clock_ms())) {
		answer.word = SEAT_REFUSED;
		p->stat.refused_suspect++;
	}
	if (fd_send(m->channel, &answer, sizeof answer, -1) < 0)
		pool_kill(m);
}

static void
pool_turn_ended(struct pool *p, struct pool_member *m, const struct seat_note *note)
{
	poolstat_add(&p->stat.times[note->flag ? POOLSTAT_SCAN : POOLSTAT_PARSE],
	    clock_us() - m->begun);
	if (note->flag && note->verdict < POOLSTAT_VERDICTS)
		p->stat.verdicts[note->verdict]++;
	m->state = POOL_SERVING;
	m->limit = clock_ms() + POOL_SILENCE;
}

/* False: it may not say so now, and what lies is ended. */
static bool
pool_hear(struct pool *p, struct pool_member *m, const struct seat_note *note)
{
	if (note->word == SEAT_DIGEST && m->state == POOL_SERVING && !m->has_digest) {
		pool_digest(p, m, note);
	} else if (note->word == SEAT_BEGIN && m->state == POOL_SERVING
	    && m->turns++ < POOL_TURNS) {
		m->state = POOL_WORKING;
		m->begun = clock_us();
		m->limit = clock_ms() + p->s.turn * 1000;
	} else if (note->word == SEAT_END && m->state == POOL_WORKING) {
		pool_turn_ended(p, m, note);
	} else if (note->word == SEAT_SERVED && m->state == POOL_SERVING) {
		m->state = POOL_IDLE;
		m->doomed = m->served >= p->s.messages;
		m->limit = clock_ms() + POOL_SILENCE;
		if (m->doomed) /* it sees the end of the channel and ends */
			shutdown(m->channel, SHUT_RDWR);
	} else {
		return false;
	}
	return true;
}

static void
pool_read(struct pool *p, struct pool_member *m)
{
	struct seat_note note;
	ssize_t n;

	while ((n = recv(m->channel, &note, sizeof note, MSG_DONTWAIT)) == (ssize_t)sizeof note)
		if (!pool_hear(p, m, &note)) {
			log_error("scanner %ld says what it may not: ended", (long)m->pid);
			pool_kill(m);
			return;
		}
	if (n > 0)
		pool_kill(m);
	if (n == 0) /* it has ended or is about to; waitpid tells */
		fd_close(&m->channel);
}

/* ---- the clock ---- */

static void
pool_expire_members(struct pool *p, int64_t now)
{
	for (long i = 0; i < p->s.members; i++) {
		struct pool_member *m = &p->member[i];

		if (m->state == POOL_FREE || (m->state == POOL_IDLE && !m->doomed)
		    || (now < m->limit && now < m->end))
			continue;
		++*(m->state == POOL_WORKING ? &p->stat.killed_turn : &p->stat.killed_silent);
		pool_kill(m);
	}
}

static void
pool_expire(struct pool *p)
{
	int64_t now = clock_ms();

	pool_expire_members(p, now);
	while (p->n_waiting > 0 && now - p->waiting[0].since / 1000 > p->s.wait * 1000) {
		int fd = p->waiting[0].fd;

		pool_unqueue(p, 0);
		pool_refuse(&fd, &p->stat.refused_wait);
	}
}

static void
pool_stale(struct pool *p)
{
	const char news = POOL_STALE;

	if (p->finishing || p->s.control < 0 || clock_ms() < p->next_stale)
		return;
	p->next_stale = clock_ms() + POOL_STALE_STEP;
	if (p->stale_fn(p->ctx) && fd_send(p->s.control, &news, 1, -1) < 0)
		log_warning("the master cannot be told of new signatures: %s", strerror(errno));
}

/* ---- the master ---- */

static void
pool_finish(struct pool *p)
{
	if (p->finishing)
		return;
	p->finishing = true;
	p->accepting = false;
	p->end_limit = clock_ms() + p->s.turn * 1000 + POOL_ENDING;
	fd_close(&p->s.listener);
	title_set("bivalved: engine (finishing)");
}

static void
pool_tell_status(struct pool *p)
{
	struct {
		char news[8];
		struct poolstat stat;
	} message = { .news = { POOL_STATUS } };

	p->stat.members = (size_t)p->s.members - pool_count(p, POOL_FREE);
	p->stat.busy = pool_busy(p);
	p->stat.waiting = p->n_waiting;
	p->stat.suspects = suspect_count(&p->suspects, clock_ms());
	message.stat = p->stat;
	if (send(p->s.control, &message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_warning("status: %s", strerror(errno));
}

static void
pool_obey(struct pool *p)
{
	char order;
	ssize_t n = recv(p->s.control, &order, 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		fd_close(&p->s.control);
		pool_finish(p); /* without a master: what was begun, and no more */
	} else if (order == POOL_GO && !p->finishing) {
		p->accepting = true;
	} else if (order == POOL_FINISH) {
		pool_finish(p);
	} else if (order == POOL_ASK) {
		pool_tell_status(p);
	}
}

/* ---- the loop ---- */

struct pool_events {
	struct pollfd fd[2 + POOL_MEMBERS_MAX + POOL_QUEUE_MAX];
	struct pool_member *member[POOL_MEMBERS_MAX];
	size_t n_members;
};

static void
pool_gather(struct pool *p, struct pool_events *e)
{
	const bool accepts = p->accepting && clock_ms() >= p->next_accept;
	size_t n = 0;

	e->fd[n++] = (struct pollfd){ .fd = accepts ? p->s.listener : -1, .events = POLLIN };
	e->fd[n++] = (struct pollfd){ .fd = p->s.control, .events = POLLIN };
	e->n_members = 0;
	for (long i = 0; i < p->s.members; i++)
		if (p->member[i].state != POOL_FREE && p->member[i].channel >= 0) {
			e->member[e->n_members++] = &p->member[i];
			e->fd[n++] = (struct pollfd){ .fd = p->member[i].channel,
				.events = POLLIN };
		}
	for (size_t i = 0; i < p->n_waiting; i++)
		e->fd[n++] = (struct pollfd){ .fd = p->waiting[i].fd,
			.events = p->waiting[i].ready ? POLLRDHUP : POLLRDHUP | POLLIN };
}

/* Who has gone away leaves the queue. */
static void
pool_look_at_queue(struct pool *p, const struct pollfd *fd)
{
	for (size_t i = p->n_waiting; i-- > 0;) {
		if (fd[i].revents & POLLIN)
			p->waiting[i].ready = true;
		if (fd[i].revents & (POLLRDHUP | POLLHUP | POLLERR)) {
			fd_close(&p->waiting[i].fd);
			pool_unqueue(p, i);
		}
	}
}

static void
pool_wait(struct pool *p)
{
	static struct pool_events e;
	const struct timespec step = { POOL_STEP / 1000, 0 };
	const struct timespec soon = { 0, POOL_LATER * 1000000L };
	const int64_t now = clock_ms();
	const bool due = p->next_fork > now || p->next_accept > now || p->fill_at > now;

	pool_gather(p, &e);
	if (ppoll(e.fd, 2 + e.n_members + p->n_waiting, due ? &soon : &step, &p->unblocked) <= 0)
		return;
	for (size_t i = 0; i < e.n_members; i++)
		if (e.fd[2 + i].revents)
			pool_read(p, e.member[i]);
	pool_look_at_queue(p, e.fd + 2 + e.n_members);
	if (e.fd[1].revents)
		pool_obey(p);
	pool_reap(p); /* a death counts before the same asker's next try */
	if (e.fd[0].revents && p->accepting)
		pool_accept(p);
}

static bool
pool_is_done(struct pool *p)
{
	if (pool_told)
		pool_finish(p);
	if (!p->finishing)
		return false;
	return (p->n_waiting == 0 && pool_busy(p) == 0) || clock_ms() > p->end_limit;
}

static void
pool_signals(struct pool *p)
{
	static const int heard[] = { SIGTERM, SIGCHLD };
	struct sigaction sa = { .sa_handler = pool_on_signal };
	sigset_t block;

	sigemptyset(&block);
	for (size_t i = 0; i < sizeof heard / sizeof *heard; i++) {
		sigaction(heard[i], &sa, NULL);
		sigaddset(&block, heard[i]);
	}
	sigprocmask(SIG_BLOCK, &block, &p->unblocked);
	sigdelset(&p->unblocked, SIGTERM);
	sigdelset(&p->unblocked, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* a terminal's ^C is the master's to answer */
}

static void
pool_end(struct pool *p)
{
	for (size_t i = 0; i < p->n_waiting; i++)
		pool_refuse(&p->waiting[i].fd, &p->stat.refused_wait);
	for (long i = 0; i < p->s.members; i++) {
		struct pool_member *m = &p->member[i];

		if (m->state == POOL_FREE)
			continue;
		kill(m->pid, SIGKILL);
		while (waitpid(m->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		pool_clear_member(p, m);
	}
	if (rmdir(p->temp_dir) < 0)
		log_warning("%s: %s", p->temp_dir, strerror(errno));
	free(p->temp_dir);
}

static int
pool_begin(struct pool *p, struct fail *why)
{
	const char news = POOL_LOADED;

	p->temp_dir = tempdir_make_own(p->s.temp_parent);
	if (!p->temp_dir)
		return fail_errno(why, "no temporary directory can be made in %s (temp_dir in "
		    "bivalve.conf)", p->s.temp_parent);
	for (long i = 0; i < POOL_MEMBERS_MAX; i++)
		p->member[i].channel = -1;
	pool_signals(p);
	title_set("bivalved: engine");
	p->next_stale = clock_ms() + POOL_STALE_STEP;
	/* What begins from here on may end, also without a master (engines.c bound us to it). */
	prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	pool_fill(p);
	p->accepting = p->s.control < 0;
	if (p->s.control >= 0 && fd_send(p->s.control, &news, 1, -1) < 0)
		return fail_errno(why, "the master is gone");
	return 0;
}

int
pool_run(const struct pool_settings *s, pool_member_fn *member, pool_stale_fn *stale, void *ctx,
    const struct poolstat *stat, struct fail *why)
{
	struct pool *p = mem_zero(sizeof *p);
	int rc;

	p->s = *s;
	p->member_fn = member;
	p->stale_fn = stale;
	p->ctx = ctx;
	p->stat = *stat;
	rc = pool_begin(p, why);
	while (rc == 0 && !pool_is_done(p)) {
		pool_reap(p);
		pool_expire(p);
		pool_assign(p);
		pool_fill(p);
		pool_assign(p);
		pool_stale(p);
		pool_wait(p);
	}
	if (p->temp_dir)
		pool_end(p);
	free(p);
	return rc;
}
