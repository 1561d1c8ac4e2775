#include "proc/parent.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/fd.h"

static struct {
	bool begun;
	pid_t parent;                  /* -1: it was gone before we knew it */
	pid_t self;                    /* its child; 0: another process than this one */
	int pidfd;                     /* the parent; -1: the kernel gives none */
	volatile sig_atomic_t *seen;   /* shared with clones: it was alive after end of input */
} watch = { .pidfd = -1 };

void
parent_renew(void)
{
	void *page = mmap(NULL, sizeof *watch.seen, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	watch.self = 0;
	watch.seen = page == MAP_FAILED ? NULL : page;
}

void
parent_begin(void)
{
	watch.begun = true;
	watch.parent = getppid();
	watch.pidfd = pidfd_open(watch.parent, 0);
	if (getppid() != watch.parent) {
		/* That number may be a stranger's by now. */
		fd_close(&watch.pidfd);
		watch.parent = -1;
	}
	parent_renew();
	watch.self = getpid();
}

static bool
parent_is_alive(void)
{
	struct pollfd p = { watch.pidfd, POLLIN, 0 };

	/* Another parent is the first sign. A clone's is the first of us: it has the second one. */
	if (watch.parent < 0 || (getpid() == watch.self && getppid() != watch.parent))
		return false;
	return watch.pidfd < 0 || poll(&p, 1, 0) == 0;
}

void
parent_note(void)
{
	if (watch.begun && watch.seen && parent_is_alive())
		*watch.seen = 1;
}

int
parent_still_there(void *ctx, struct fail *why)
{
	(void)ctx;
	if (!watch.begun)
		return 0;
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
