/*
 * poolstat.h - the resident scanner's counters, as they travel from the engine to the master.
 *
 * Numbers only: the reader trusts none of them further than to print it.
 */
#ifndef PROC_POOLSTAT_H
#define PROC_POOLSTAT_H

#include <stdint.h>

enum poolstat_verdict {
	POOLSTAT_NONE, POOLSTAT_CLEAN, POOLSTAT_INFECTED, POOLSTAT_UNSCANNABLE, POOLSTAT_ERROR,
	POOLSTAT_VERDICTS
};

enum poolstat_stage { POOLSTAT_WAIT, POOLSTAT_PARSE, POOLSTAT_SCAN, POOLSTAT_STAGES };

/* Bucket i counts times below 2^((i+1)/2) * 64 us: 64 us to some 20 minutes in steps of 1.41. */
#define POOLSTAT_BUCKETS 48

struct poolstat_times {
	uint64_t count, total_us, bucket[POOLSTAT_BUCKETS];
};

struct poolstat {
	uint64_t signatures;
	uint64_t signatures_time;     /* seconds since 1970: the newest file of them */
	uint64_t loaded_time;         /* seconds since 1970 */
	uint64_t load_ms;
	uint64_t memory_kb;           /* resident, of the engine */
	uint64_t huge_kb;             /* of it in huge pages */
	uint64_t members, busy, waiting, connections;
	uint64_t refused_busy, refused_user, refused_wait, refused_suspect;
	uint64_t died, killed_turn, killed_silent, suspects;
	uint64_t verdicts[POOLSTAT_VERDICTS];
	struct poolstat_times times[POOLSTAT_STAGES];
};

/* The bucket of a time, below zero taken for zero. */
int poolstat_bucket(int64_t us);
void poolstat_add(struct poolstat_times *t, int64_t us);
/* Microseconds that a share (0..1) of all times stayed below, to the bucket's upper end; 0: none
 * counted yet. */
uint64_t poolstat_quantile(const struct poolstat_times *t, double share);
/* The upper end of bucket i in microseconds. */
uint64_t poolstat_limit(int i);

#endif
