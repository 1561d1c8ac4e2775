#include "proc/master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/title.h"
#include "proc/engines.h"
#include "proc/expiry.h"
#include "proc/listen.h"
#include "proc/notify.h"
#include "proc/shared.h"
#include "proc/spares.h"
#include "proc/status.h"

#define MASTER_STEP 500       /* ms between looks at the clock, at most */
#define MASTER_OWN 3          /* sockets of our own to look at */
#define MASTER_RATE 60        /* seconds */
#define MASTER_END 60000      /* ms behind the longest scan that an orderly end may take */

/* What was counted at each of the last seconds, in a ring. */
struct master_rate {
	uint64_t then[MASTER_RATE];
	size_t next;
};

struct master {
	const struct conf *conf;
	const struct master_start *start;
	struct listen listen;
	struct engines engines;
	struct spares spares;
	struct expiry expiry;
	sigset_t unblocked;
	time_t started;
	int64_t end_limit, next_life, next_second;
	struct master_rate deliveries, scans;
	uint64_t scans_sum, scans_last;  /* over all engines; the serving one's */
	bool scans_known;
	bool ending, ready;
	char *pid_file;        /* its path, "" for none */
	char program[4096];    /* by its path: an update puts another file there */
};

static volatile sig_atomic_t master_end_told, master_renew_told;

static void
master_on_signal(int sig)
{
	if (sig == SIGHUP)
		master_renew_told = 1;
	else if (sig != SIGCHLD)
		master_end_told = 1;
}

static void
master_signals(struct master *m)
{
	static const int heard[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	struct sigaction sa = { .sa_handler = master_on_signal };
	sigset_t block;

	sigemptyset(&block);
	for (size_t i = 0; i < sizeof heard / sizeof *heard; i++) {
		sigaction(heard[i], &sa, NULL);
		sigaddset(&block, heard[i]);
	}
	signal(SIGPIPE, SIG_IGN);
	/* Whoever we take over from had them blocked. */
	sigemptyset(&m->unblocked);
	sigprocmask(SIG_SETMASK, &block, NULL);
}

static void
master_reap(struct master *m)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (engines_ended(&m->engines, pid, status)
		    || expiry_ended(&m->expiry, pid, status))
			continue;
		/* One from before a reload, too. */
		if (shared_memory())
			places_clear(&shared_memory()->places, pid);
		spares_ended(&m->spares, pid, status);
	}
}

/* ---- status ---- */

static void
master_tally(struct tally *t)
{
	const struct shared *shared = shared_memory();

	memset(t, 0, sizeof *t);
	if (shared)
		tally_read(&shared->tally, t);
}

/* A new engine counts from nothing, and so did the one that a program before us had. */
static void
master_count_scans(struct master *m)
{
	uint64_t n = 0;

	for (int i = 0; i < POOLSTAT_VERDICTS && m->engines.has_stat; i++)
		n += m->engines.stat.verdicts[i];
	/* One that was taken over has counted before. */
	if (m->scans_known || !m->engines.adopted)
		m->scans_sum += n >= m->scans_last ? n - m->scans_last : n;
	m->scans_known |= m->engines.has_stat;
	m->scans_last = n;
}

static uint64_t
master_in_a_minute(const struct master_rate *r, uint64_t now)
{
	return now - r->then[r->next];
}

static void
master_remember(struct master_rate *r, uint64_t now)
{
	r->then[r->next] = now;
	r->next = (r->next + 1) % MASTER_RATE;
}

static void
master_count(struct master *m)
{
	struct tally t;

	if (clock_ms() < m->next_second)
		return;
	m->next_second = clock_ms() + 1000;
	master_tally(&t);
	master_count_scans(m);
	master_remember(&m->deliveries, tally_sum(&t));
	master_remember(&m->scans, m->scans_sum);
}

/* What was delivered before a reload is not of this minute. */
static void
master_count_begins(struct master *m)
{
	struct tally t;

	shared_begin();
	master_tally(&t);
	for (int i = 0; i < MASTER_RATE; i++)
		m->deliveries.then[i] = tally_sum(&t);
}

static void
master_status(struct master *m, struct status *s)
{
	const struct engines *e = &m->engines;

	*s = (struct status){
		.now = time(NULL), .started = m->started, .serving = engines_is_serving(e),
		.refused = e->refused, .engines_started = e->started, .engines_died = e->died,
		.sessions = spares_busy(&m->spares), .connections = m->spares.connections,
		.sessions_refused = m->spares.refused, .monitors_died = m->spares.died,
	};
	master_count_scans(m);
	master_tally(&s->deliveries);
	s->deliveries_minute = master_in_a_minute(&m->deliveries, tally_sum(&s->deliveries));
	s->scans_minute = master_in_a_minute(&m->scans, m->scans_sum);
	if (e->has_stat)
		s->pool = e->stat;
}

/* Said in one piece and not waited for: who connects and does not read harms himself. */
static void
master_tell(struct master *m, enum listen_kind kind)
{
	int peer = accept4(m->listen.fd[kind], NULL, NULL, SOCK_CLOEXEC);
	struct buf text = BUF_INIT;
	struct status s;

	if (peer < 0)
		return;
	master_status(m, &s);
	if (kind == LISTEN_STATUS)
		status_json(&s, &text);
	else
		status_metrics(&s, &text);
	if (send(peer, text.p, text.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EPIPE)
		log_warning("status: %s", strerror(errno));
	buf_clear(&text);
	fd_close(&peer);
}

static void
master_say_ready(struct master *m)
{
	const struct poolstat *s = &m->engines.stat;

	/* Signatures may take a while; until they are there mail waits, and nobody is refused. */
	if (!m->ready)
		notify_say("READY=1\nMAINPID=%ld", (long)getpid());
	m->ready = true;
	if (m->engines.has_stat)
		notify_say("STATUS=%llu signatures, %llu scanners busy, %zu sessions",
		    (unsigned long long)s->signatures, (unsigned long long)s->busy,
		    spares_busy(&m->spares));
}

static void
master_live(struct master *m)
{
	const int64_t step = notify_watchdog();

	if (clock_ms() < m->next_life)
		return;
	m->next_life = clock_ms() + (step ? step : 10000);
	if (step)
		notify_say("WATCHDOG=1");
	master_say_ready(m);
}

/* ---- its number, in a file ---- */

/* "" for none. */
static const char *
master_pid_path(const struct master *m, const struct conf *conf)
{
	return m->start->pid_file ? m->start->pid_file : conf->pid_file;
}

static int
master_pid_write(const char *path, struct fail *why)
{
	struct buf text = BUF_INIT;
	int fd, rc;

	if (!*path)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	buf_printf(&text, "%ld\n", (long)getpid());
	rc = fd < 0 ? -1 : fd_write_all(fd, text.p, text.len);
	buf_clear(&text);
	if (rc < 0)
		fail_errno(why, "pid_file %s", path);
	fd_close(&fd);
	return rc;
}

/* Another program's that has taken the path is not ours to remove. */
static bool
master_pid_is_ours(const char *path)
{
	struct buf text = BUF_INIT;
	char own[24];
	bool ours;

	snprintf(own, sizeof own, "%ld\n", (long)getpid());
	ours = *path && fd_read_file(path, sizeof own, &text) == 0
	    && bytes_is(buf_view(&text), own);
	buf_clear(&text);
	return ours;
}

/* kept: one that is to stay, and may be the same by another name; NULL for none. */
static void
master_pid_remove(const char *path, const char *kept)
{
	struct stat gone, stays;

	if (!master_pid_is_ours(path) || (kept && stat(path, &gone) == 0
	    && stat(kept, &stays) == 0 && gone.st_dev == stays.st_dev
	    && gone.st_ino == stays.st_ino))
		return;
	if (unlink(path) < 0)
		log_warning("%s: %s", path, strerror(errno));
}

/* ---- another program or configuration in our place ---- */

/* The process number, the listening sockets, the sessions and the engine stay: nobody is refused.
 * Returns only when it cannot be done. */
static void
master_replace(struct master *m)
{
	struct fail why = { 0 };
	struct conf next;
	bool right = conf_load(&next, m->start->conf_path, m->start->conf_must_exist, &why) == 0;
	char *pid_file = mem_string(right ? master_pid_path(m, &next) : "");

	master_renew_told = 0;
	/* The new program ends where it cannot have these. */
	right = right && master_pid_write(pid_file, &why) == 0 &&
	    listen_add(&m->listen, &next, &why) == 0;
	conf_clear(&next);
	master_pid_remove(right ? m->pid_file : pid_file, right ? pid_file : m->pid_file);
	if (!right) {
		log_error("not reloaded: %s", why.text);
		free(pid_file);
		return;
	}
	free(m->pid_file);
	m->pid_file = pid_file;
	log_notice("reloading");
	notify_say("RELOADING=1");
	shared_hand_over();
	engines_hand_over(&m->engines);
	spares_hand_over(&m->spares);
	listen_hand_over(&m->listen); /* last: it takes the numbers that it needs */
	execv(m->program, m->start->argv);
	/* What was handed over is ours still, under other numbers: better a new start than half. */
	log_error("not reloaded: %s", strerror(errno));
	m->ending = true;
}

/* ---- the loop ---- */

struct master_events {
	struct pollfd fd[MASTER_OWN + 3 + ENGINES_MAX];
	size_t n_spares, n_engines;
};

static void
master_gather(const struct master *m, struct master_events *e)
{
	e->fd[0] = (struct pollfd){ .fd = m->listen.fd[LISTEN_STATUS], .events = POLLIN };
	e->fd[1] = (struct pollfd){ .fd = m->listen.fd[LISTEN_METRICS], .events = POLLIN };
	e->fd[2] = (struct pollfd){ .fd = m->listen.fd[LISTEN_COUNTS], .events = POLLIN };
	e->n_spares = spares_gather(&m->spares, e->fd + MASTER_OWN);
	e->n_engines = engines_gather(&m->engines, e->fd + MASTER_OWN + e->n_spares);
}

static void
master_wait(struct master *m, int64_t ms)
{
	struct master_events e;
	struct timespec limit;

	master_gather(m, &e);
	if (ms > MASTER_STEP)
		ms = MASTER_STEP;
	if (ms < 1)
		ms = 1;
	limit = (struct timespec){ ms / 1000, ms % 1000 * 1000000 };
	if (ppoll(e.fd, MASTER_OWN + e.n_spares + e.n_engines, &limit, &m->unblocked) <= 0)
		return;
	if (e.fd[0].revents)
		master_tell(m, LISTEN_STATUS);
	if (e.fd[1].revents)
		master_tell(m, LISTEN_METRICS);
	if (e.fd[2].revents && shared_memory())
		tally_hear(&shared_memory()->tally, e.fd[2].fd);
	spares_hear(&m->spares, e.fd + MASTER_OWN, e.n_spares);
	for (size_t i = 0; i < e.n_engines; i++)
		if (e.fd[MASTER_OWN + e.n_spares + i].revents)
			engines_hear(&m->engines, e.fd[MASTER_OWN + e.n_spares + i].fd);
}

static bool
master_goes_on(struct master *m)
{
	if (master_end_told && !m->ending) {
		m->ending = true;
		log_notice("ending");
		notify_say("STOPPING=1");
		spares_finish(&m->spares);
		m->end_limit = clock_ms() + m->conf->scan_timeout * 1000 + MASTER_END;
	}
	if (!m->ending)
		return true;
	/* Sessions may still need a scanner for the message they are at. */
	if (!spares_is_over(&m->spares))
		return clock_ms() < m->end_limit;
	if (!m->engines.ending)
		engines_finish(&m->engines);
	return !engines_is_over(&m->engines) && clock_ms() < m->end_limit;
}

static int
master_begin(struct master *m, struct fail *why)
{
	umask(022);
	if (readlink("/proc/self/exe", m->program, sizeof m->program - 1) < 0)
		return fail_errno(why, "/proc/self/exe");
	m->started = time(NULL);
	master_count_begins(m);
	if (listen_open(&m->listen, m->conf, why) < 0)
		return -1;
	if (master_pid_write(master_pid_path(m, m->conf), why) < 0)
		return -1;
	m->pid_file = mem_string(master_pid_path(m, m->conf));
	if (spares_begin(&m->spares, m->conf, m->listen.fd[LISTEN_LMTP],
	    m->listen.fd[LISTEN_LMTP_TCP], why) < 0)
		return -1;
	master_signals(m);
	engines_begin(&m->engines, m->conf, m->listen.fd[LISTEN_SCAN]);
	expiry_begin(&m->expiry, m->conf);
	title_set("bivalved: master");
	return 0;
}

int
master_run(const struct conf *conf, const struct master_start *start)
{
	struct master *m = mem_zero(sizeof *m);
	struct fail why = { 0 };
	int status = EX_OK;

	m->conf = conf;
	m->start = start;
	if (master_begin(m, &why) < 0) {
		log_error("%s", why.text);
		status = EX_TEMPFAIL;
	}
	while (status == EX_OK && master_goes_on(m)) {
		int64_t next;

		if (master_renew_told && !m->ending)
			master_replace(m);
		next = engines_tend(&m->engines);
		spares_tend(&m->spares);
		if (!m->ending)
			expiry_tend(&m->expiry);
		master_live(m);
		master_count(m);
		master_wait(m, next);
		master_reap(m);
	}
	listen_close(&m->listen);
	if (status == EX_OK)
		master_pid_remove(m->pid_file, NULL);
	free(m->pid_file);
	free(m);
	return status;
}
