/*
 * permit.h - what a delivery may ask of the supervisor that still has root's rights, and how often.
 *
 * A request is one byte and one socket; the answer comes on that socket from a child of the
 * supervisor that has given its rights up first, or is one byte.  The supervisor itself reads
 * nothing else: no byte of a message, no text.
 */
#ifndef PROC_PERMIT_H
#define PROC_PERMIT_H

#include <stdbool.h>

enum permit_request {
	PERMIT_STILL_THERE = 'P', /* is the MTA that started us alive? */
	PERMIT_SCANNER = 'S',     /* a scanner: the message's descriptor follows on the socket */
	PERMIT_QUARANTINE = 'Q',  /* keep a message: descriptor and metadata follow on the socket */
	PERMIT_MAILBOX = 'M',     /* make the recipient's empty system mailbox */
};

/* A new delivery: it may ask as often as any other. */
void permit_begin(void);
/* Counts the request. False: not allowed (unknown, or asked too often): end the asker. */
bool permit_ask(unsigned char request);

#endif
