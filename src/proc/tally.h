/*
 * tally.h - how deliveries over LMTP ended, and how long they took: counters in memory that the
 * master shares with its monitors, and with nobody else.
 *
 * A delivery has the recipient's rights and says by its exit status how it ended: one number, which
 * its monitor counts.  So nothing that a stranger or a recipient wrote comes near root.
 */
#ifndef PROC_TALLY_H
#define PROC_TALLY_H

#include <stdint.h>

#include "core/outcome.h"
#include "proc/poolstat.h"

/* What a delivery exits with; any other status is TALLY_DEFERRED. */
enum tally_outcome {
	TALLY_DELIVERED, TALLY_DROPPED, TALLY_QUARANTINED, TALLY_REJECTED, TALLY_DEFERRED,
	TALLY_CRASHED,          /* by a signal; its monitor says so */
	TALLY_OUTCOMES
};

struct tally {
	uint64_t outcomes[TALLY_OUTCOMES];
	struct poolstat_times times;
};

/* The master's side: makes the counters, or takes over those that tally_hand_over left in the
 * environment. Without memory for them nothing is counted, and the log says so. */
void tally_begin(void);
/* Before an exec: they go on in the next program, and in monitors that still have them. */
void tally_hand_over(void);
void tally_read(struct tally *out);
uint64_t tally_sum(const struct tally *t);

/* In a monitor, which spawn_child made: no process that it forks has them. */
void tally_keep(void);
/* Nothing where there are no counters. status: as waitpid(2) gave it. */
void tally_count(int status, int64_t us);

enum tally_outcome tally_outcome(const struct outcome *out, const struct fail *why);
const char *tally_name(enum tally_outcome outcome);

#endif
