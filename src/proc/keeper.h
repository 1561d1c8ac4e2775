/*
 * keeper.h - root's rights at the service of one delivery that has none: answers its requests
 * (proc/permit.h) until it is over, and ends it when its time is up.
 *
 * The serving process reads one byte of a request and nothing else.  What needs more is done by a
 * helper that it forks, with the rights of scan_user.  The other side is proc/request.h.
 */
#ifndef PROC_KEEPER_H
#define PROC_KEEPER_H

#include <signal.h>

#include "core/conf.h"
#include "core/envelope.h"
#include "core/fail.h"
#include "proc/permit.h"

/* One delivery, all borrowed. Zero what is not needed; permit is keeper.c's. */
struct keeper {
	const struct conf *conf;         /* timeout, and what helpers need */
	const struct account *account;   /* the recipient: whose mailbox may be made */
	int sock;                        /* our end of keeper_pair */
	int pidfd;                       /* the delivery's process; -1: its time is its own */
	/* For ppoll(2), if not NULL: the signals that may interrupt; told, set by their handler,
	 * says that the delivery is to be ended. */
	const sigset_t *mask;
	const volatile sig_atomic_t *told;
	struct permit permit;
};

/* The sockets of a delivery, close-on-exec: pair[0] is the keeper's, pair[1] the delivery's. */
int keeper_pair(int pair[2], struct fail *why);

/*
 * Serves until the delivery has ended and no clone of it has its socket any more.  Ends it (TERM,
 * and KILL conf->grace seconds later) when it asks what it may not, has taken conf->timeout and as
 * many more seconds, or told says so.  Closes neither sock nor pidfd, and waits for no child: the
 * delivery's status is the caller's to take, if it is his child.  Helpers are children of the
 * caller: keeper_reap, or SIGCHLD ignored.
 */
void keeper_serve(struct keeper *k);

/* Takes the statuses of helpers that have ended; call it when the delivery's own was taken. */
void keeper_reap(void);

#endif
