#include "proc/keeper.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sysexits.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "proc/helper.h"
#include "proc/lookuphelper.h"
#include "proc/mailspool.h"
#include "proc/scanuser.h"

int
keeper_pair(int pair[2], struct fail *why)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(why, "socket for the delivery");
	return 0;
}

static void
keeper_helper(const struct keeper *k, enum permit_request request, int sock)
{
	const char *dir = *k->conf->quarantine ? k->conf->quarantine : STATEDIR "/quarantine";
	struct fail why = { 0 };
	pid_t pid = fork();

	if (pid < 0)
		log_error("helper process: %s", strerror(errno));
	if (pid != 0)
		return;
	/* A hang-up must be seen while it works, and nobody is to be ended through it. */
	close(k->sock);
	if (k->pidfd >= 0)
		close(k->pidfd);
	if (scanuser_become(k->conf, &why) < 0) {
		log_error("%s", why.text);
		_exit(EX_TEMPFAIL);
	}
	if (request == PERMIT_SCANNER)
		helper_scanner(k->conf, sock);
	if (request == PERMIT_LOOKUP)
		lookuphelper_become(k->conf, false, sock);
	helper_quarantine(dir, sock);
}

/* Whatever the asker has sent us as a socket: it may be full, and we wait for nobody. */
static void
keeper_answer(int sock, bool yes)
{
	if (send(sock, yes ? "Y" : "N", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
		log_warning("an answer to the delivery got lost: %s", strerror(errno));
}

static void
keeper_mailbox(const struct keeper *k, int sock)
{
	struct fail why = { 0 };
	bool made = mailspool_make(k->conf->mail_spool, k->account, &why) == 0;

	if (!made)
		log_error("%s", why.text);
	keeper_answer(sock, made);
}

/* One request. False: the asker is to be ended. */
static bool
keeper_request(struct keeper *k)
{
	unsigned char request[2];
	int sock;
	ssize_t n = fd_recv(k->sock, request, sizeof request, &sock);
	bool fair = n == 1 && sock >= 0 && permit_ask(&k->permit, request[0]);

	if (!fair)
		log_error("a delivery for %s asked for what it may not have: ended",
		    k->account->name);
	else if (request[0] == PERMIT_MAILBOX)
		keeper_mailbox(k, sock);
	else
		keeper_helper(k, request[0], sock);
	fd_close(&sock);
	return fair;
}

static time_t
keeper_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* Serves until it is over (true), or the delivery has to be ended. */
static bool
keeper_listen(struct keeper *k)
{
	struct pollfd p[2] = { { k->sock, POLLIN, 0 }, { k->pidfd, POLLIN, 0 } };
	time_t limit = keeper_now() + k->conf->timeout + k->conf->grace;

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		time_t left = limit - keeper_now();
		struct timespec most = { left, 0 };
		int n;

		if (left <= 0 || (k->told && *k->told))
			return false;
		n = ppoll(p, 2, &most, k->mask);
		if (n < 0 && errno != EINTR)
			return false;
		if (n <= 0)
			continue;
		/* Nobody is left to get an answer, whatever has been asked. */
		if (p[0].revents & (POLLHUP | POLLERR))
			p[0].fd = -1;
		else if (p[0].revents && !keeper_request(k))
			return false;
		if (p[1].revents)
			p[1].fd = -1;
	}
	return true;
}

/* TERM lets the delivery undo what it has begun; KILL comes for one that does not end. A clone
 * that outlives its time is on its own: it has an alarm. */
static void
keeper_end(const struct keeper *k)
{
	struct pollfd p = { k->pidfd, POLLIN, 0 };
	int n;

	if (k->pidfd < 0 || pidfd_send_signal(k->pidfd, SIGTERM, NULL, 0) < 0)
		return;
	do
		n = poll(&p, 1, (int)k->conf->grace * 1000);
	while (n < 0 && errno == EINTR);
	if (n <= 0 && pidfd_send_signal(k->pidfd, SIGKILL, NULL, 0) == 0)
		log_error("the delivery for %s did not end when told to: killed",
		    k->account->name);
}

void
keeper_serve(struct keeper *k)
{
	k->permit = (struct permit){ 0 };
	if (keeper_listen(k))
		return;
	/* Nobody is to wait for an answer that does not come any more. */
	shutdown(k->sock, SHUT_RDWR);
	keeper_end(k);
}

void
keeper_reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}
