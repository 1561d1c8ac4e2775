/*
 * places.h - how many deliveries over LMTP go on at the same time, in all and for one user.
 *
 * Each monitor writes its own row, and counts what stands in all.  The master clears the row of a
 * monitor that has ended, however it did.
 */
#ifndef PROC_PLACES_H
#define PROC_PLACES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PLACES_MONITORS 1024   /* at once: max_sessions, and those from before a reload */
#define PLACES_DELIVERIES 64   /* of one monitor: parallel_deliveries */

struct places {
	int32_t monitor[PLACES_MONITORS];                      /* pid; 0: free */
	uint32_t uid[PLACES_MONITORS][PLACES_DELIVERIES];      /* 0: none */
};

enum places_answer { PLACES_TAKEN, PLACES_FULL, PLACES_USER_FULL };

/* Is there one left, of so many in all? */
bool places_any(const struct places *p, long most);
/* One for a delivery to uid, which is not 0: *place_r is for places_give. */
enum places_answer places_take(struct places *p, pid_t monitor, uint32_t uid, long most,
    long per_user, int *place_r);
void places_give(struct places *p, pid_t monitor, int place);
/* All of a monitor that has ended. */
void places_clear(struct places *p, pid_t monitor);

#endif
