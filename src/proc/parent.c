#include "proc/parent.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/fd.h"

static struct {
	pid_t self, parent;            /* parent 0: nobody is watched; -1: it is gone */
	int pidfd;                     /* the parent's, for clones; -1: none */
	volatile sig_atomic_t *seen;   /* shared with clones: it was alive after end of input */
} watch = { .pidfd = -1 };

void
parent_begin(void)
{
	watch.self = getpid();
	watch.parent = getppid();
}

static bool
parent_is_alive(void)
{
	struct pollfd p = { watch.pidfd, POLLIN, 0 };

	if (watch.parent == 0)
		return true;
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
