#include "proc/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"

#define SHARED_ENVIRON "BIVALVED_SHARED"
#define SHARED_FD_MIN 128   /* high up, where no listening socket is put over it */

static struct shared *shared_here;   /* NULL: nobody counts */
static int shared_fd = -1;           /* the memfd behind it, the master's only */

/* Another version's has another size, and begins anew. */
static int
shared_adopt(void)
{
	const char *text = getenv(SHARED_ENVIRON);
	struct stat st;
	long fd;

	if (!text || !str_long(text, SHARED_FD_MIN, 65535, &fd))
		return -1;
	unsetenv(SHARED_ENVIRON);
	if (fstat((int)fd, &st) < 0 || st.st_size != (off_t)sizeof *shared_here)
		return -1;
	return fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0 ? -1 : (int)fd;
}

void
shared_begin(void)
{
	void *p = MAP_FAILED;

	shared_fd = shared_adopt();
	if (shared_fd < 0) {
		shared_fd = memfd_create("shared", MFD_CLOEXEC);
		if (shared_fd >= 0 && ftruncate(shared_fd, sizeof *shared_here) < 0)
			fd_close(&shared_fd);
	}
	if (shared_fd >= 0)
		p = mmap(NULL, sizeof *shared_here, PROT_READ | PROT_WRITE, MAP_SHARED, shared_fd,
		    0);
	if (p == MAP_FAILED)
		log_warning("deliveries are neither counted nor limited: %s", strerror(errno));
	else
		shared_here = p;
}

void
shared_hand_over(void)
{
	char text[16];

	if (shared_fd < 0)
		return;
	snprintf(text, sizeof text, "%d", fcntl(shared_fd, F_DUPFD, SHARED_FD_MIN));
	setenv(SHARED_ENVIRON, text, 1);
}

void
shared_keep(void)
{
	shared_fd = -1; /* spawn_child has closed it, and the number may be another's now */
	/* A delivery that could count might count what it likes. */
	if (shared_here && madvise(shared_here, sizeof *shared_here, MADV_DONTFORK) < 0) {
		munmap(shared_here, sizeof *shared_here);
		shared_here = NULL;
	}
}

void
shared_forget(void)
{
	shared_here = NULL;
}

struct shared *
shared_memory(void)
{
	return shared_here;
}
