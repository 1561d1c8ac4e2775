#include "proc/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#define PARENT_STAT_MAX 512   /* bytes of /proc/PID/stat up to its ninth word */
#define PARENT_FLAGS 6        /* words between the state there and the flags */
#define PARENT_EXITING 0x4    /* PF_EXITING of Linux */

static struct {
	pid_t self, parent;            /* parent 0: nobody is watched; -1: it was gone at once */
	int stat;                      /* its /proc/PID/stat; -1: there is none, or not for us */
	int pidfd;                     /* the parent's, for clones; -1: none */
	volatile sig_atomic_t *seen;   /* shared with clones: it was alive after end of input */
} watch = { .stat = -1, .pidfd = -1 };

/* Killed between its fork and our first look, it has left us to another, init as a rule.  A child
 * is in its parent's session, or leads one of its own, as sendmail's and Postfix's do: those init
 * does not hand a message through a pipe. */
static bool
parent_was_lost(void)
{
	const pid_t ours = getsid(0), theirs = getsid(watch.parent);
	struct stat st;

	/* A file has an end of its own. */
	if (watch.parent <= 0 || theirs < 0 || fstat(STDIN_FILENO, &st) < 0 || S_ISREG(st.st_mode))
		return false;
	if (ours == watch.self)
		return watch.parent == 1 && S_ISFIFO(st.st_mode);
	return theirs != ours;
}

void
parent_begin(void)
{
	char path[64];

	watch.self = getpid();
	watch.parent = getppid();
	if (parent_was_lost())
		watch.parent = -1;
	/* Open from now on: with other rights it may be hidden (hidepid in proc(5)). */
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)watch.parent);
	watch.stat = open(path, O_RDONLY | O_CLOEXEC);
}

bool
parent_stat_is_exiting(const char *stat)
{
	const char *p = strrchr(stat, ')'); /* the name before it may hold anything */

	/* A zombie whose children are still its own has other threads, which live. */
	if (!p || p[1] != ' ' || p[2] == 'Z')
		return false;
	p += 2;
	for (int i = 0; i < PARENT_FLAGS && p; i++)
		p = strchr(p + 1, ' ');
	return p && (strtoul(p, NULL, 10) & PARENT_EXITING);
}

/* The kernel closes the files of a process that was killed, and we read the end of input, before it
 * gives the children another parent: a moment, or as long as others have the processor. */
static bool
parent_is_exiting(void)
{
	char text[PARENT_STAT_MAX];
	ssize_t n = watch.stat < 0 ? 0 : pread(watch.stat, text, sizeof text - 1, 0);

	if (n < 0)
		return errno == ESRCH;
	text[n] = '\0';
	return parent_stat_is_exiting(text);
}

static bool
parent_is_alive(void)
{
	struct pollfd p = { watch.pidfd, POLLIN, 0 };

	if (watch.parent == 0)
		return true;
	/* In this order: who is seen to go on has not been exiting before. */
	if (parent_is_exiting())
		return false;
	if (getpid() == watch.self)
		return getppid() == watch.parent;
	/* Without a pidfd the first of us has to look for his clones. */
	return watch.parent > 0 && (watch.pidfd < 0 || poll(&p, 1, 0) == 0);
}

void
parent_renew(void)
{
	void *page = mmap(NULL, sizeof *watch.seen, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	watch.seen = page == MAP_FAILED ? NULL : page;
}

void
parent_share(void *ctx)
{
	(void)ctx;
	if (watch.parent <= 0 || watch.seen)
		return;
	parent_renew();
	watch.pidfd = pidfd_open(watch.parent, 0);
	if (getpid() == watch.self && getppid() != watch.parent) {
		/* Gone before: that number may be a stranger's by now. */
		fd_close(&watch.pidfd);
		watch.parent = -1;
	}
}

void
parent_note(void)
{
	if (watch.seen && parent_is_alive())
		*watch.seen = 1;
}

int
parent_still_there(void *ctx, struct fail *why)
{
	(void)ctx;
	if (parent_is_alive()) {
		if (watch.seen)
			*watch.seen = 1;
		return 0;
	}
	if (getpid() != watch.self && watch.seen && *watch.seen)
		return 0;
	return fail_temp(why, "the program that handed us the message is gone: its end may be "
	    "missing, so it is not delivered");
}
