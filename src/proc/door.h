/*
 * door.h - where monitors that wait get a peer: of those at the same sockets one is woken.
 *
 * The master hears, by a number on one pipe, who has got a peer and who waits again; its end, on
 * another, says that nobody is to come any more.
 */
#ifndef PROC_DOOR_H
#define PROC_DOOR_H

#include <signal.h>
#include <stdbool.h>

#include "core/fail.h"

#define DOOR_REST 10     /* seconds that a monitor with a connection behind it waits for another */
#define DOOR_AGAIN (-1)  /* a signal came */
#define DOOR_SHUT (-2)   /* nobody comes any more, or not in time */

/* One monitor's; all descriptors are taken over, -1 for none. */
struct door {
	int listener[2];  /* for the MTA alone, a Unix socket; for whoever reaches it, TCP */
	int told, life;
	int epoll;        /* door.c's */
};

int door_open(struct door *d, struct fail *why);
/* A peer for this process, or DOOR_*. mask is for the time of waiting, NULL for the usual one;
 * seconds: -1 for any time. *again_r: the peer is the MTA, so that another may follow in this
 * process, and from now on it is never somebody else. */
int door_wait(struct door *d, int seconds, const sigset_t *mask, bool *again_r);
/* The master is to count this process as waiting, no longer as busy. -1: it cannot be told. */
int door_rest(const struct door *d);
void door_close(struct door *d);

#endif
