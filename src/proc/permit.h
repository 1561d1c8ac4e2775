/*
 * permit.h - what a delivery may ask of the process that still has root's rights, and how often.
 *
 * A request is one byte and one socket; the answer comes on that socket from a child of the keeper
 * that has given its rights up first, or is one byte.  The keeper itself reads nothing else: no
 * byte of a message, no text.
 */
#ifndef PROC_PERMIT_H
#define PROC_PERMIT_H

#include <stdbool.h>

enum permit_request {
	PERMIT_SCANNER = 'S',     /* a scanner: the message's descriptor follows on the socket */
	PERMIT_QUARANTINE = 'Q',  /* keep a message: descriptor and metadata follow on the socket */
	PERMIT_LOOKUP = 'L',      /* a process that asks the DNS and the block list */
	PERMIT_MAILBOX = 'M',     /* make the recipient's empty system mailbox */
	/* Of the message that all its recipients share: */
	PERMIT_PARTS = 'P',       /* its parts */
	PERMIT_VERDICT = 'V',     /* its verdict */
};

#define PERMIT_KINDS 6

/* What one delivery has asked so far; all zero for a new one. */
struct permit {
	int asked[PERMIT_KINDS];
	bool shared;              /* there is a message of all recipients (proc/ward.h) */
};

/* Counts the request. False: not allowed (unknown, or asked too often): end the asker. */
bool permit_ask(struct permit *p, unsigned char request);

#endif
