#include "proc/tally.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

#define TALLY_TURN 64           /* records */
#define TALLY_PATIENCE 50000    /* us that a delivery waits to be counted */

/* On the socket. */
struct tally_record {
	uint32_t outcome, us;
};

static const char *const tally_names[TALLY_OUTCOMES] = {
	[TALLY_DELIVERED] = "delivered", [TALLY_DROPPED] = "dropped",
	[TALLY_QUARANTINED] = "quarantined", [TALLY_REJECTED] = "rejected",
	[TALLY_DEFERRED] = "deferred", [TALLY_CRASHED] = "crashed",
	[TALLY_REFUSED] = "refused_limit",
};

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
tally_read(const struct tally *t, struct tally *out)
{
	memset(out, 0, sizeof *out);
	for (int i = 0; i < TALLY_OUTCOMES; i++)
		out->outcomes[i] = tally_load(&t->outcomes[i]);
	for (int i = 0; i < POOLSTAT_BUCKETS; i++) {
		out->times.bucket[i] = tally_load(&t->times.bucket[i]);
		out->times.count += out->times.bucket[i];
	}
	out->times.total_us = tally_load(&t->times.total_us);
}

static void
tally_note(struct tally *t, enum tally_outcome outcome, int64_t us)
{
	tally_add(&t->outcomes[outcome], 1);
	tally_add(&t->times.bucket[poolstat_bucket(us)], 1);
	tally_add(&t->times.total_us, us > 0 ? (uint64_t)us : 0);
}

enum tally_outcome
tally_of_status(int status)
{
	enum tally_outcome outcome = TALLY_DEFERRED;

	if (WIFSIGNALED(status))
		outcome = TALLY_CRASHED;
	else if (WEXITSTATUS(status) < TALLY_CRASHED)
		outcome = (enum tally_outcome)WEXITSTATUS(status);
	return outcome;
}

void
tally_count(struct tally *t, int status, int64_t us)
{
	tally_note(t, tally_of_status(status), us);
}

/* All in one go, but no more than a few: others wait, too. */
void
tally_hear(struct tally *t, int sock)
{
	struct tally_record r;

	for (int i = 0; i < TALLY_TURN; i++) {
		ssize_t n = recv(sock, &r, sizeof r, MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0)
			return;
		if (n == (ssize_t)sizeof r && r.outcome < TALLY_OUTCOMES)
			tally_note(t, (enum tally_outcome)r.outcome, r.us);
	}
}

void
tally_tell(const char *path, enum tally_outcome outcome, int64_t us)
{
	const struct timeval limit = { .tv_usec = TALLY_PATIENCE };
	struct tally_record r = { (uint32_t)outcome, us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX
	    : (uint32_t)us };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int sock = -1;

	if (!*path || strlen(path) >= sizeof a.sun_path)
		return;
	memcpy(a.sun_path, path, strlen(path));
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* Few fit in at a time. */
	if (sock >= 0 && sendto(sock, &r, sizeof r, MSG_DONTWAIT, (struct sockaddr *)&a,
	    sizeof a) < 0 && errno == EAGAIN
	    && setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0)
		(void)!sendto(sock, &r, sizeof r, 0, (struct sockaddr *)&a, sizeof a);
	fd_close(&sock);
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
tally_refused(struct tally *t)
{
	tally_add(&t->outcomes[TALLY_REFUSED], 1);
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
