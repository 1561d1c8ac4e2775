#include "proc/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/undo.h"
#include "proc/drop.h"
#include "proc/helper.h"
#include "proc/mailspool.h"
#include "proc/permit.h"
#include "proc/resident.h"
#include "proc/users.h"

#define SUPERVISOR_GRACE 10      /* seconds between TERM and KILL */
#define SUPERVISOR_POLL 1000     /* ms between looks at the clock */

struct supervisor {
	const struct conf *conf;
	const struct account *account;
	pid_t parent, child;     /* child: the delivery, -1 once it has ended */
	int status;              /* its wait status then */
	int sock;                /* requests: SOCK_SEQPACKET */
};

/* ---- the recipient's side ---- */

/* Sends a request with one end of a fresh socket pair; the other end is returned. */
static int
supervisor_ask(void *ctx, enum permit_request request, int type, struct fail *why)
{
	struct supervisor *s = ctx;
	unsigned char byte = (unsigned char)request;
	int pair[2], rc;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(why, "socket to the supervisor");
	rc = fd_send(s->sock, &byte, 1, pair[1]);
	if (rc < 0)
		fail_errno(why, "the supervisor cannot be asked");
	fd_close(&pair[1]);
	if (rc < 0)
		fd_close(&pair[0]);
	return pair[0];
}

/* A request whose answer is one byte: 'Y', or anything else for no. */
static int
supervisor_ask_yes(void *ctx, enum permit_request request, const char *no, struct fail *why)
{
	int sock = supervisor_ask(ctx, request, SOCK_SEQPACKET, why);
	char answer = 'N';
	ssize_t n;

	if (sock < 0)
		return -1;
	n = fd_read_full(sock, &answer, 1);
	fd_close(&sock);
	return n == 1 && answer == 'Y' ? 0 : fail_temp(why, "%s", no);
}

static int
supervisor_ask_scanner(void *ctx, int message_fd, struct fail *why)
{
	struct supervisor *s = ctx;
	bool absent;
	int sock = resident_scanner(s->conf, message_fd, &absent, why);

	if (!absent)
		return sock;
	sock = supervisor_ask(ctx, PERMIT_SCANNER, SOCK_STREAM, why);
	if (sock >= 0 && helper_hand_message(sock, message_fd, why) < 0)
		fd_close(&sock);
	return sock;
}

static int
supervisor_ask_quarantine(void *ctx, const struct quarantine_entry *e, int message_fd,
    char id_r[QUARANTINE_ID_SIZE], struct fail *why)
{
	int sock = supervisor_ask(ctx, PERMIT_QUARANTINE, SOCK_SEQPACKET, why), rc;

	if (sock < 0)
		return -1;
	rc = helper_ask_quarantine(sock, e, message_fd, id_r, why);
	fd_close(&sock);
	return rc;
}

static int
supervisor_ask_mailbox(void *ctx, struct fail *why)
{
	return supervisor_ask_yes(ctx, PERMIT_MAILBOX, "the system mailbox cannot be made", why);
}

static int
supervisor_ask_parent(void *ctx, struct fail *why)
{
	return supervisor_ask_yes(ctx, PERMIT_STILL_THERE, "the program that handed us the message "
	    "is gone: its end may be missing, so it is not delivered", why);
}

static _Noreturn void
supervisor_child(struct supervisor *s, supervisor_work *work, void *ctx)
{
	const struct services services = { s, supervisor_ask_scanner, supervisor_ask_quarantine,
		supervisor_ask_mailbox, supervisor_ask_parent };
	struct fail why = { 0 };

	undo_forget_all();
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || drop_to(s->account, &why) < 0) {
		log_error("%s", why.kind ? why.text : strerror(errno));
		_exit(EX_TEMPFAIL);
	}
	/* Dropping rights forgets the death signal. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		_exit(EX_TEMPFAIL);
	undo_on_signals();
	alarm((unsigned)s->conf->timeout);
	_exit(work(ctx, &services));
}

/* ---- root's side ---- */

/* The scanner's and the quarantine's account: neither root's rights nor the recipient's. */
static int
supervisor_become(const struct conf *conf, struct fail *why)
{
	struct account a = { 0 };
	struct fail none = { 0 };
	int rc = users_find(conf->scan_user, &a, &none);

	if (rc < 0 && none.kind == FAIL_NOUSER && strcmp(conf->scan_user, "bivalve") == 0) {
		fail_clear(&none);
		rc = users_find("nobody", &a, &none); /* not installed yet: as safe, less apart */
	}
	if (rc < 0)
		return fail_temp(why, "scan_user %s: %s", conf->scan_user, none.text);
	rc = drop_to(&a, why);
	users_clear(&a);
	return rc;
}

static void
supervisor_helper(struct supervisor *s, enum permit_request request, int sock)
{
	const char *dir = *s->conf->quarantine ? s->conf->quarantine : STATEDIR "/quarantine";
	struct fail why = { 0 };
	pid_t pid = fork();

	if (pid < 0)
		log_error("helper process: %s", strerror(errno));
	if (pid != 0)
		return;
	fd_close(&s->sock);
	if (supervisor_become(s->conf, &why) < 0) {
		log_error("%s", why.text);
		_exit(EX_TEMPFAIL);
	}
	if (request == PERMIT_SCANNER)
		helper_scanner(s->conf, sock);
	helper_quarantine(dir, sock);
}

/* Whatever the asker has sent us as a socket: it may be full, and we wait for nobody. */
static void
supervisor_answer(int sock, bool yes)
{
	if (send(sock, yes ? "Y" : "N", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
		log_warning("an answer to the delivery got lost: %s", strerror(errno));
}

static void
supervisor_mailbox(struct supervisor *s, int sock)
{
	struct fail why = { 0 };
	bool made = mailspool_make(s->conf->mail_spool, s->account, &why) == 0;

	if (!made)
		log_error("%s", why.text);
	supervisor_answer(sock, made);
}

/* One request. False: the asker is to be ended. */
static bool
supervisor_serve(struct supervisor *s)
{
	unsigned char request[2];
	int sock;
	ssize_t n = fd_recv(s->sock, request, sizeof request, &sock);

	if (n == 0) {
		s->sock = -1; /* nobody is left to ask */
		return true;
	}
	if (n != 1 || sock < 0 || !permit_ask(request[0])) {
		fd_close(&sock);
		log_error("a delivery for %s asked for what it may not have: ended",
		    s->account->name);
		return false;
	}
	if (request[0] == PERMIT_STILL_THERE)
		supervisor_answer(sock, getppid() == s->parent);
	else if (request[0] == PERMIT_MAILBOX)
		supervisor_mailbox(s, sock);
	else
		supervisor_helper(s, request[0], sock);
	fd_close(&sock);
	return true;
}

static time_t
supervisor_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* Takes note of ended processes: the delivery itself, and helpers. */
static void
supervisor_reap(struct supervisor *s)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != s->child)
			continue;
		s->status = status;
		s->child = -1;
	}
}

/* Over when the delivery has ended and no clone of it holds the socket any more. */
static bool
supervisor_is_done(struct supervisor *s)
{
	supervisor_reap(s);
	return s->child < 0 && s->sock < 0;
}

static void
supervisor_child_ended(int sig)
{
	(void)sig; /* only there to interrupt poll */
}

static volatile sig_atomic_t supervisor_told;

static void
supervisor_told_to_end(int sig)
{
	(void)sig;
	supervisor_told = 1;
}

/* The MTA may end us; the delivery then undoes what it has begun, and the mail stays queued. */
static void
supervisor_signals(sigset_t *unblocked)
{
	static const int ends[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	struct sigaction sa = { .sa_handler = supervisor_told_to_end };
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		sigaction(ends[i], &sa, NULL);
		sigaddset(&block, ends[i]);
	}
	sa.sa_handler = supervisor_child_ended;
	sigaction(SIGCHLD, &sa, NULL);
	sigprocmask(SIG_BLOCK, &block, unblocked);
}

/* TERM lets the delivery undo what it has begun; KILL comes for one that does not end. */
static void
supervisor_end(struct supervisor *s, int sig, time_t *limit)
{
	if (s->child > 0)
		kill(s->child, sig);
	else
		s->sock = -1; /* a clone that outlives its time is on its own */
	*limit = supervisor_now() + SUPERVISOR_GRACE;
}

static int
supervisor_watch(struct supervisor *s, const sigset_t *unblocked)
{
	time_t limit = supervisor_now() + s->conf->timeout + SUPERVISOR_GRACE;
	struct timespec step = { SUPERVISOR_POLL / 1000, 0 };
	bool ended = false;

	while (!supervisor_is_done(s)) {
		struct pollfd p = { .fd = s->sock, .events = POLLIN };
		bool stop = false;

		if (ppoll(&p, 1, &step, unblocked) > 0) {
			if (p.revents & POLLIN)
				stop = !supervisor_serve(s);
			else if (p.revents & (POLLHUP | POLLERR))
				s->sock = -1;
		}
		stop = stop || supervisor_told || supervisor_now() > limit;
		if (stop && (!ended || supervisor_now() > limit)) {
			supervisor_end(s, ended ? SIGKILL : SIGTERM, &limit);
			ended = true;
		}
	}
	if (WIFEXITED(s->status))
		return WEXITSTATUS(s->status);
	log_error("the delivery for %s died of signal %d: the mail stays queued", s->account->name,
	    WTERMSIG(s->status));
	return EX_TEMPFAIL;
}

int
supervisor_run(const struct conf *conf, const struct account *account, int parent,
    supervisor_work *work, void *ctx, struct fail *why)
{
	struct supervisor s = { .conf = conf, .account = account, .parent = parent };
	sigset_t unblocked;
	unsigned left;
	int pair[2], status;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(why, "socket for the delivery");
	left = alarm(0); /* ours is not to end while a delivery goes on: it is watched instead */
	permit_begin();
	supervisor_signals(&unblocked);
	s.child = fork();
	if (s.child < 0) {
		fail_errno(why, "process for the delivery");
		fd_close(&pair[0]);
		fd_close(&pair[1]);
		sigprocmask(SIG_SETMASK, &unblocked, NULL);
		return -1;
	}
	if (s.child == 0) {
		fd_close(&pair[0]);
		s.sock = pair[1];
		supervisor_child(&s, work, ctx);
	}
	fd_close(&pair[1]);
	s.sock = pair[0];
	status = supervisor_watch(&s, &unblocked);
	fd_close(&pair[0]);
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
	alarm(left);
	return status;
}
