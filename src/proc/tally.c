#include "proc/tally.h"

#include <string.h>
#include <sys/wait.h>

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

uint64_t
tally_sum(const struct tally *t)
{
	uint64_t sum = 0;

	for (int i = 0; i < TALLY_OUTCOMES; i++)
		sum += t->outcomes[i];
	return sum;
}

void
tally_count(struct tally *t, int status, int64_t us)
{
	enum tally_outcome outcome = TALLY_DEFERRED;

	if (WIFSIGNALED(status))
		outcome = TALLY_CRASHED;
	else if (WEXITSTATUS(status) < TALLY_CRASHED)
		outcome = (enum tally_outcome)WEXITSTATUS(status);
	tally_add(&t->outcomes[outcome], 1);
	tally_add(&t->times.bucket[poolstat_bucket(us)], 1);
	tally_add(&t->times.total_us, us > 0 ? (uint64_t)us : 0);
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
