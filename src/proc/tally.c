#include "proc/tally.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"

#define TALLY_ENVIRON "BIVALVED_TALLY"
#define TALLY_FD_MIN 128   /* high up, where no listening socket is put over it */

static const char *const tally_names[TALLY_OUTCOMES] = {
	[TALLY_DELIVERED] = "delivered", [TALLY_DROPPED] = "dropped",
	[TALLY_QUARANTINED] = "quarantined", [TALLY_REJECTED] = "rejected",
	[TALLY_DEFERRED] = "deferred", [TALLY_CRASHED] = "crashed",
};

static struct tally *tally_shared;  /* NULL: nobody counts */
static int tally_fd = -1;           /* the memfd behind it, the master's only */

static int
tally_adopt(void)
{
	const char *text = getenv(TALLY_ENVIRON);
	struct stat st;
	long fd;

	if (!text || !str_long(text, TALLY_FD_MIN, 65535, &fd) || fstat((int)fd, &st) < 0
	    || st.st_size != (off_t)sizeof *tally_shared)
		return -1;
	unsetenv(TALLY_ENVIRON);
	return fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0 ? -1 : (int)fd;
}

void
tally_begin(void)
{
	void *p = MAP_FAILED;

	tally_fd = tally_adopt();
	if (tally_fd < 0) {
		tally_fd = memfd_create("tally", MFD_CLOEXEC);
		if (tally_fd >= 0 && ftruncate(tally_fd, sizeof *tally_shared) < 0)
			fd_close(&tally_fd);
	}
	if (tally_fd >= 0)
		p = mmap(NULL, sizeof *tally_shared, PROT_READ | PROT_WRITE, MAP_SHARED,
		    tally_fd, 0);
	if (p == MAP_FAILED)
		log_warning("deliveries are not counted: %s", strerror(errno));
	else
		tally_shared = p;
}

void
tally_hand_over(void)
{
	char text[16];

	if (tally_fd < 0)
		return;
	snprintf(text, sizeof text, "%d", fcntl(tally_fd, F_DUPFD, TALLY_FD_MIN));
	setenv(TALLY_ENVIRON, text, 1);
}

static uint64_t
tally_load(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static void
tally_add(uint64_t *p, uint64_t n)
{
	__atomic_fetch_add(p, n, __ATOMIC_RELAXED);
}

void
tally_read(struct tally *out)
{
	const struct tally *t = tally_shared;

	memset(out, 0, sizeof *out);
	for (int i = 0; t && i < TALLY_OUTCOMES; i++)
		out->outcomes[i] = tally_load(&t->outcomes[i]);
	for (int i = 0; t && i < POOLSTAT_BUCKETS; i++) {
		out->times.bucket[i] = tally_load(&t->times.bucket[i]);
		out->times.count += out->times.bucket[i];
	}
	if (t)
		out->times.total_us = tally_load(&t->times.total_us);
}

uint64_t
tally_sum(const struct tally *t)
{
	uint64_t sum = 0;

	for (int i = 0; i < TALLY_OUTCOMES; i++)
		sum += t->outcomes[i];
	return sum;
}

void
tally_keep(void)
{
	tally_fd = -1; /* spawn_child has closed it, and the number may be another's now */
	/* A delivery that could count might count what it likes. */
	if (tally_shared && madvise(tally_shared, sizeof *tally_shared, MADV_DONTFORK) < 0) {
		munmap(tally_shared, sizeof *tally_shared);
		tally_shared = NULL;
	}
}

void
tally_count(int status, int64_t us)
{
	enum tally_outcome outcome = TALLY_DEFERRED;

	if (!tally_shared)
		return;
	if (WIFSIGNALED(status))
		outcome = TALLY_CRASHED;
	else if (WEXITSTATUS(status) < TALLY_CRASHED)
		outcome = (enum tally_outcome)WEXITSTATUS(status);
	tally_add(&tally_shared->outcomes[outcome], 1);
	tally_add(&tally_shared->times.bucket[poolstat_bucket(us)], 1);
	tally_add(&tally_shared->times.total_us, us > 0 ? (uint64_t)us : 0);
}

enum tally_outcome
tally_outcome(const struct outcome *out, const struct fail *why)
{
	if (why->kind != FAIL_NONE)
		return fail_is_permanent(why) ? TALLY_REJECTED : TALLY_DEFERRED;
	switch (out->code) {
	case OUTCOME_DROPPED:
		return TALLY_DROPPED;
	case OUTCOME_QUARANTINED:
		return TALLY_QUARANTINED;
	case OUTCOME_DELIVERED:
	case OUTCOME_FAILED: /* EXITCODE=0 */
	case OUTCOME_OPEN:
		break;
	}
	return TALLY_DELIVERED;
}

const char *
tally_name(enum tally_outcome outcome)
{
	return tally_names[outcome];
}
