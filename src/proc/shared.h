/*
 * shared.h - memory that bivalved's master shares with its monitors, and with nobody else: numbers
 * only, so that neither of them reads what came from outside.
 */
#ifndef PROC_SHARED_H
#define PROC_SHARED_H

#include "proc/places.h"
#include "proc/tally.h"

struct shared {
	struct tally tally;
	struct places places;
};

/* The master's side: makes it, or takes over what shared_hand_over left in the environment. Where
 * there is none nothing is counted or limited, and the log says so. */
void shared_begin(void);
/* Before an exec: it goes on in the next program, and in monitors that still have it. */
void shared_hand_over(void);

/* In a monitor, which spawn_child made: no process that it forks has it. */
void shared_keep(void);
/* In a process that was forked since: there is none. */
void shared_forget(void);
/* NULL for none. */
struct shared *shared_memory(void);

#endif
