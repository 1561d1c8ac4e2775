#include "proc/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/undo.h"
#include "proc/drop.h"
#include "proc/keeper.h"
#include "proc/parent.h"
#include "proc/request.h"

/* ---- this process becomes the recipient ---- */

/* Nothing of ours but the socket: an MTA waits until the last process has closed its pipes. */
static int
supervisor_descriptors(int *sock)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0
	    || dup2(*sock, 3) < 0)
		return -1;
	*sock = 3;
	return close_range(4, ~0U, 0);
}

/* Root's rights stay here; the delivery is our parent. It ends with us and so do its helpers, whose
 * statuses nobody asks for. */
static _Noreturn void
supervisor_keeper(const struct conf *conf, const struct account *account, int sock, pid_t delivery)
{
	struct keeper k = { .conf = conf, .account = account, .pidfd = -1 };

	if (supervisor_descriptors(&sock) < 0 || setsid() < 0) {
		log_error("keeper of a delivery: %s", strerror(errno));
		_exit(EX_TEMPFAIL);
	}
	k.sock = sock;
	/* While it is our parent its number is nobody else's. It may be done by now, and a clone of
	 * it still have questions. */
	k.pidfd = pidfd_open(delivery, 0);
	if (getppid() != delivery)
		fd_close(&k.pidfd);
	keeper_serve(&k);
	_exit(EX_OK);
}

static int
supervisor_take_on(const struct account *account, struct fail *why)
{
	if (drop_to(account, why) < 0)
		return -1;
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return fail_errno(why, "programs of %s can look into the delivery", account->name);
	return 0;
}

int
supervisor_become(const struct conf *conf, const struct account *account,
    struct services *s_r, struct fail *why)
{
	pid_t self = getpid(), pid;
	int pair[2];

	if (keeper_pair(pair, why) < 0)
		return -1;
	/* Nothing is to be undone yet, and no other thread has locks: a bare fork will do. */
	pid = _Fork();
	if (pid == 0)
		supervisor_keeper(conf, account, pair[0], self);
	fd_close(&pair[0]);
	if (pid < 0)
		return fail_errno(why, "process for root's part");
	request_services(s_r, conf, pair[1]);
	return supervisor_take_on(account, why);
}

/* ---- a child becomes the recipient ---- */

static _Noreturn void
supervisor_child(const struct conf *conf, const struct account *account, int sock,
    supervisor_work *work, void *ctx)
{
	struct services services;
	struct fail why = { 0 };

	undo_forget_all();
	/* Dropping rights forgets the death signal. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || supervisor_take_on(account, &why) < 0
	    || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0) {
		log_error("%s", why.kind ? why.text : strerror(errno));
		_exit(EX_TEMPFAIL);
	}
	parent_renew();
	request_services(&services, conf, sock);
	undo_on_signals();
	alarm((unsigned)conf->timeout);
	_exit(work(ctx, &services));
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
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		sigaction(ends[i], &sa, NULL);
		sigaddset(&block, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &block, unblocked);
}

static int
supervisor_wait(pid_t child, const struct account *account)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return EX_TEMPFAIL;
	keeper_reap();
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	log_error("the delivery for %s died of signal %d: the mail stays queued", account->name,
	    WTERMSIG(status));
	return EX_TEMPFAIL;
}

int
supervisor_run(const struct conf *conf, const struct account *account,
    supervisor_work *work, void *ctx, struct fail *why)
{
	sigset_t unblocked;
	struct keeper k = { .conf = conf, .account = account, .mask = &unblocked,
		.told = &supervisor_told };
	unsigned left;
	int pair[2], status = -1;
	pid_t child;

	if (keeper_pair(pair, why) < 0)
		return -1;
	left = alarm(0); /* ours is not to end while a delivery goes on: it is watched instead */
	supervisor_signals(&unblocked);
	parent_share(NULL);
	child = fork();
	if (child == 0) {
		fd_close(&pair[0]);
		supervisor_child(conf, account, pair[1], work, ctx);
	}
	fd_close(&pair[1]);
	if (child < 0) {
		fail_errno(why, "process for the delivery");
	} else {
		k.sock = pair[0];
		k.pidfd = pidfd_open(child, 0);
		if (k.pidfd < 0)
			kill(child, SIGKILL); /* it could not be ended later */
		keeper_serve(&k);
		status = supervisor_wait(child, account);
		fd_close(&k.pidfd);
	}
	fd_close(&pair[0]);
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
	alarm(left);
	return status;
}
