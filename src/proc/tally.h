/*
 * tally.h - how deliveries ended, and how long they took.
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
	TALLY_CRASHED,       /* by a signal; its monitor says so */
	TALLY_REFUSED,       /* it never was one: over a limit */
	TALLY_OUTCOMES
};

struct tally {
	uint64_t outcomes[TALLY_OUTCOMES];
	struct poolstat_times times;
};

/* t is shared with others, who count at the same time (proc/shared.h). */
void tally_read(const struct tally *t, struct tally *out);
/* status: as waitpid(2) gave it. */
enum tally_outcome tally_of_status(int status);
/* A delivery has ended. status: as waitpid(2) gave it. */
void tally_count(struct tally *t, int status, int64_t us);
/* One was not begun, for there were too many. */
void tally_refused(struct tally *t);
/* What others told: records of one number each, and their time. */
void tally_hear(struct tally *t, int sock);
uint64_t tally_sum(const struct tally *t);

/* From a delivery that is none of bivalved's own, to its counts_socket; "" or nobody there: nothing
 * is said. A number that gets lost is lost. */
void tally_tell(const char *path, enum tally_outcome outcome, int64_t us);

enum tally_outcome tally_outcome(const struct outcome *out, const struct fail *why);
const char *tally_name(enum tally_outcome outcome);

#endif
