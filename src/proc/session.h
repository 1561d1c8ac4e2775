/*
 * session.h - the process that speaks LMTP with a peer, and holds the message while it comes.
 *
 * All that a stranger sent passes through here, so it has nothing but the two ends of the
 * connection and a socket on which it may ask its monitor (proc/order.h).
 */
#ifndef PROC_SESSION_H
#define PROC_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/conf.h"

/* Descriptor numbers: nothing else is open. The first two are the first connection's. */
#define SESSION_IN 0
#define SESSION_OUT 1
#define SESSION_MONITOR 2

struct session_settings {
	const struct conf *conf;
	const char *host;      /* what we call ourselves */
	const char *client;    /* of the first message; "" unknown */
	const char *detail;    /* of its first recipient; "" none */
	const char *id;        /* ids of messages begin with it */
	const char *first_id;  /* the first message's, from the MTA; "" unknown */
	bool once;             /* the first message is the only one: its detail fits no other */
	bool many;             /* the monitor may have another connection behind this one */
};

/* Before the cell: what takes more than is left in there. */
void session_prepare(void);
/* Bytes that it may need for itself: a peer that sends ever more recipients fills them. */
size_t session_memory(const struct conf *conf);
/* Bytes of a file that it may need; 0: any number. */
size_t session_file(const struct conf *conf);
/* Inside the cell: from the greeting to the end of the last connection, then exits. */
_Noreturn void session_run(const struct session_settings *s);

#endif
