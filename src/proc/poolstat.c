#include "proc/poolstat.h"

#define POOLSTAT_FIRST 64  /* us */

uint64_t
poolstat_limit(int i)
{
	uint64_t whole = (uint64_t)POOLSTAT_FIRST << (i + 1) / 2;

	/* Every second limit lies between two powers of two: their quotient is the root of 2. */
	return i % 2 ? whole : whole * 181 / 128;
}

int
poolstat_bucket(int64_t us)
{
	int i = 0;

	while (i < POOLSTAT_BUCKETS - 1 && us >= 0 && (uint64_t)us >= poolstat_limit(i))
		i++;
	return i;
}

void
poolstat_add(struct poolstat_times *t, int64_t us)
{
	t->bucket[poolstat_bucket(us)]++;
	t->count++;
	t->total_us += us > 0 ? (uint64_t)us : 0;
}

uint64_t
poolstat_quantile(const struct poolstat_times *t, double share)
{
	uint64_t seen = 0;

	if (t->count == 0)
		return 0;
	for (int i = 0; i < POOLSTAT_BUCKETS; i++) {
		seen += t->bucket[i];
		if ((double)seen >= share * (double)t->count)
			return poolstat_limit(i);
	}
	return poolstat_limit(POOLSTAT_BUCKETS - 1);
}
