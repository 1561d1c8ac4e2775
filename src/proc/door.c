#include "proc/door.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"

#define DOOR_PAUSE 100  /* ms until another try to accept */

/* EPOLLEXCLUSIVE: all would be woken for each peer, and one get it. */
static int
door_watch(const struct door *d, int fd, uint32_t how)
{
	struct epoll_event e = { .events = EPOLLIN | how, .data.fd = fd };

	return fd < 0 ? 0 : epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &e);
}

int
door_open(struct door *d, struct fail *why)
{
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (d->epoll < 0 || door_watch(d, d->listener[0], EPOLLEXCLUSIVE) < 0
	    || door_watch(d, d->listener[1], EPOLLEXCLUSIVE) < 0 || door_watch(d, d->life, 0) < 0)
		return fail_errno(why, "monitor: the sockets that peers come to");
	return 0;
}

/* Less than PIPE_BUF: it comes whole, between those of others. */
static int
door_tell(const struct door *d, pid_t number)
{
	return write(d->told, &number, sizeof number) == (ssize_t)sizeof number ? 0 : -1;
}

int
door_rest(const struct door *d)
{
	return door_tell(d, -getpid());
}

/* Closed here, TCP's socket would still be watched, for others have it open. */
static void
door_leave_tcp(struct door *d)
{
	if (d->listener[1] >= 0)
		epoll_ctl(d->epoll, EPOLL_CTL_DEL, d->listener[1], NULL);
	fd_close(&d->listener[1]);
}

/* Another has been quicker, or the peer is gone. Else there is no room for a descriptor, and would
 * not be in the next microsecond. */
static void
door_pause(void)
{
	const struct timespec pause = { 0, DOOR_PAUSE * 1000000L };

	if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		nanosleep(&pause, NULL);
}

/* -1: nobody is there any more. */
static int
door_accept(struct door *d, bool *again_r)
{
	int peer = -1;

	for (int i = 0; i < 2 && peer < 0; i++) {
		if (d->listener[i] >= 0)
			peer = accept4(d->listener[i], NULL, NULL, SOCK_CLOEXEC);
		*again_r = i == 0;
	}
	if (peer >= 0 && *again_r)
		door_leave_tcp(d);
	return peer;
}

int
door_wait(struct door *d, int seconds, const sigset_t *mask, bool *again_r)
{
	struct epoll_event event[3];
	int n, peer;

	for (;;) {
		n = epoll_pwait(d->epoll, event, 3, seconds < 0 ? -1 : seconds * 1000, mask);
		if (n < 0)
			return errno == EINTR ? DOOR_AGAIN : DOOR_SHUT;
		for (int i = 0; i < n; i++)
			if (event[i].data.fd == d->life)
				return DOOR_SHUT;
		if (n == 0)
			return DOOR_SHUT;
		peer = door_accept(d, again_r);
		if (peer >= 0)
			break;
		door_pause();
	}
	if (door_tell(d, getpid()) == 0)
		return peer;
	close(peer);
	return DOOR_SHUT;
}

void
door_close(struct door *d)
{
	fd_close(&d->epoll);
	fd_close(&d->listener[0]);
	fd_close(&d->listener[1]);
	fd_close(&d->told);
	fd_close(&d->life);
}
