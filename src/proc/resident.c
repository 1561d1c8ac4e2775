#include "proc/resident.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "proc/pool.h"

#define RESIDENT_GRACE 5  /* seconds in which the resident says itself that the wait was too long */

/* Nobody but root or we ourselves may have made the socket: another would only say "clean". */
static bool
resident_is_trusted(int sock, const char *path)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	    (peer.uid == 0 || peer.uid == geteuid()))
		return true;
	log_warning("scan_socket %s was made by neither root nor us: not used", path);
	return false;
}

/* The connection; -1 with errno, ENOENT when there is nobody to ask. */
static int
resident_connect(const struct conf *conf)
{
	struct timeval limit = { .tv_sec = conf->scan_wait + RESIDENT_GRACE };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int sock, saved;

	if (strlen(conf->scan_socket) >= sizeof a.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(a.sun_path, conf->scan_socket, strlen(conf->scan_socket));
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -1;
	/* The first limits connecting, too: a queue of connections that nobody takes is full. */
	if (setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
	    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
	    connect(sock, (struct sockaddr *)&a, sizeof a) == 0) {
		if (resident_is_trusted(sock, conf->scan_socket))
			return sock;
		errno = ENOENT;
	}
	saved = errno;
	close(sock);
	errno = saved == ECONNREFUSED ? ENOENT : saved;
	return -1;
}

static int
resident_greeted(int sock, struct fail *why)
{
	char greeting;
	ssize_t n;

	do
		n = recv(sock, &greeting, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n == 1 && greeting == POOL_READY)
		return 0;
	if (n == 1 && greeting == POOL_BUSY)
		return fail_set(why, FAIL_SCAN, "the resident scanner is busy (scanners, "
		    "scan_queue, scan_per_user in bivalve.conf)");
	if (n == 0)
		return fail_set(why, FAIL_SCAN, "the resident scanner ended before it took the "
		    "message");
	if (n < 0 && errno == EAGAIN)
		return fail_set(why, FAIL_SCAN, "the resident scanner does not answer: it has no "
		    "signatures yet, or is not well (\"bivalvectl status\" says)");
	return fail_set(why, FAIL_SCAN, "the resident scanner does not answer: %s (is bivalved "
	    "well?)", n < 0 ? strerror(errno) : "it says what makes no sense");
}

int
resident_scanner(const struct conf *conf, int message_fd, bool *absent_r, struct fail *why)
{
	int sock = -1;

	*absent_r = false;
	errno = ENOENT;
	if (*conf->scan_socket)
		sock = resident_connect(conf);
	if (sock < 0) {
		if (errno == ENOENT && !conf->require_resident)
			*absent_r = true;
		else
			fail_set(why, FAIL_SCAN, "the resident scanner at %s cannot be asked: %s "
			    "(start bivalved)", conf->scan_socket, strerror(errno));
		return -1;
	}
	/* Who is refused at once finds the connection closed, and the reason in it. */
	if ((fd_send(sock, "F", 1, message_fd) < 0 && errno != EPIPE) ||
	    resident_greeted(sock, why) < 0) {
		fail_set(why, FAIL_SCAN, "the resident scanner cannot be handed the message: %s",
		    strerror(errno));
		fd_close(&sock);
	}
	return sock;
}
