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
	int fd;
	off_t length;
	pid_t group;
	char path[UNDO_PATH_MAX];
} undos[UNDO_MAX];

/* Set last, cleared first: a signal sees whole entries only. Apart from the entries: to go through
 * all of them is not to touch a page for each. */
static volatile sig_atomic_t undo_kinds[UNDO_MAX];

static int
undo_slot(void)
{
	for (int i = 0; i < UNDO_MAX; i++)
		if (undo_kinds[i] == UNDO_FREE)
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
	undo_kinds[i] = UNDO_UNLINK;
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
	undo_kinds[i] = UNDO_TRUNCATE;
	return i;
}

int
undo_kill(pid_t group)
{
	int i = undo_slot();

	if (i < 0)
		return -1;
	undos[i].group = group;
	undo_kinds[i] = UNDO_KILL;
	return i;
}

void
undo_forget(int handle)
{
	if (handle >= 0 && handle < UNDO_MAX)
		undo_kinds[handle] = UNDO_FREE;
}

void
undo_forget_all(void)
{
	for (int i = 0; i < UNDO_MAX; i++)
		undo_kinds[i] = UNDO_FREE;
}

void
undo_all(void)
{
	int saved = errno;

	/* Youngest first: a mailbox is cut back while its lock still stands. */
	for (int i = UNDO_MAX - 1; i >= 0; i--) {
		const struct undo *u = &undos[i];
		enum undo_kind kind = (enum undo_kind)undo_kinds[i];

		if (kind == UNDO_TRUNCATE && ftruncate(u->fd, u->length) < 0)
			errno = 0;
		if (kind == UNDO_UNLINK)
			unlinkat(u->fd, u->path, 0);
		if (kind == UNDO_KILL)
			kill(-u->group, SIGTERM);
		undo_kinds[i] = UNDO_FREE;
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
