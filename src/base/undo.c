#include "base/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum undo_kind { UNDO_FREE, UNDO_UNLINK, UNDO_TRUNCATE, UNDO_KILL };

static struct undo {
	volatile sig_atomic_t kind; /* set last, cleared first: a signal sees whole entries only */
	int fd;
	off_t length;
	pid_t group;
	char path[UNDO_PATH_MAX];
} undos[UNDO_MAX];

static int
undo_slot(void)
{
	for (int i = 0; i < UNDO_MAX; i++)
		if (undos[i].kind == UNDO_FREE)
			return i;
	errno = ENOSPC;
	return -1;
}

int
undo_unlink_at(int dirfd, const char *name)
{
	int i = undo_slot();

	if (i < 0)
		return -1;
	if (strlen(name) >= UNDO_PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	undos[i].fd = dirfd;
	memcpy(undos[i].path, name, strlen(name) + 1);
	undos[i].kind = UNDO_UNLINK;
	return i;
}

int
undo_unlink(const char *path)
{
	return undo_unlink_at(AT_FDCWD, path);
}

int
undo_truncate(int fd, off_t length)
{
	int i = undo_slot();

	if (i < 0)
		return -1;
	undos[i].fd = fd;
	undos[i].length = length;
	undos[i].kind = UNDO_TRUNCATE;
	return i;
}

int
undo_kill(pid_t group)
{
	int i = undo_slot();

	if (i < 0)
		return -1;
	undos[i].group = group;
	undos[i].kind = UNDO_KILL;
	return i;
}

void
undo_forget(int handle)
{
	if (handle >= 0 && handle < UNDO_MAX)
		undos[handle].kind = UNDO_FREE;
}

void
undo_forget_all(void)
{
	for (int i = 0; i < UNDO_MAX; i++)
		undos[i].kind = UNDO_FREE;
}

void
undo_all(void)
{
	int saved = errno;

	/* Youngest first: a mailbox is cut back while its lock still stands. */
	for (int i = UNDO_MAX - 1; i >= 0; i--) {
		struct undo *u = &undos[i];

		if (u->kind == UNDO_TRUNCATE && ftruncate(u->fd, u->length) < 0)
			errno = 0;
		if (u->kind == UNDO_UNLINK)
			unlinkat(u->fd, u->path, 0);
		if (u->kind == UNDO_KILL)
			kill(-u->group, SIGTERM);
		u->kind = UNDO_FREE;
	}
	errno = saved;
}

static void
undo_and_defer(int sig)
{
	(void)sig;
	undo_all();
	_exit(EX_TEMPFAIL);
}

void
undo_on_signals(void)
{
	static const int caught[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGALRM, SIGXCPU, SIGXFSZ };
	struct sigaction sa = { .sa_handler = undo_and_defer };
	sigset_t none;

	sigfillset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
		sigaction(caught[i], &sa, NULL);
	sa.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
