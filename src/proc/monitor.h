/*
 * monitor.h - an LMTP connection, from its greeting to its end, and maybe others behind it.
 *
 * The caller's process becomes the monitor.  Started by root it keeps root's rights and reads
 * nothing that came from outside: a session of its own, without rights and in a sandbox, speaks
 * with the peer, and may ask for what one table allows; one process per recipient, with his
 * rights, delivers.  Started by a user it serves that user only.
 */
#ifndef PROC_MONITOR_H
#define PROC_MONITOR_H

#include <signal.h>

#include "core/conf.h"
#include "core/fail.h"

/* What is known of the peer. Strings are never NULL, and borrowed for the call. */
#define MONITOR_LET_GO SIGUSR1  /* to one that rests: it is to end instead */

struct door;

struct monitor_peer {
	const char *client;  /* -c: who handed our MTA the connection's first message; "" unknown */
	const char *detail;  /* -a: detail of the first message's first recipient; "" none */
	const char *id;      /* --id: the MTA's queue id of the first message; NULL unknown */
	bool once;           /* -a was there: another message is another process's */
	struct door *door;   /* where others come from when it is gone; NULL: from nowhere */
};

/* Before many monitors are forked: what each would do first, and its children again, is done once
 * (modules of the name service, the time zone). */
void monitor_warm(const struct conf *conf);

/* Serves the peer that writes to in and reads from out (one descriptor twice for a socket); takes
 * both over. Returns 0 once the connection and those that came through the door behind it, in all
 * connections_per_session, and all that they began are over; -1 with why when no session could be
 * started: the peer has been told nothing then, and the connection is closed. The door is closed.
 * Reaps every child of this process. SIGTERM ends the connection with a 421 as soon as no message
 * is under way. */
int monitor_run(const struct conf *conf, const struct monitor_peer *peer, int in, int out,
    struct fail *why);

#endif
