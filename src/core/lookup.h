/*
 * lookup.h - questions to the process that looks things up, and its answers.
 *
 * bivalve-lookup links the resolver and Berkeley DB; a delivery does not.  One packet each way over
 * a SOCK_SEQPACKET socket, any number of times until the asker closes it.
 */
#ifndef CORE_LOOKUP_H
#define CORE_LOOKUP_H

#include <stdbool.h>

#include "base/buf.h"
#include "core/fail.h"

#define LOOKUP_QUESTION_MAX 4096  /* bytes */
#define LOOKUP_ANSWER_MAX 16384   /* bytes; longer answers are cut at a line */

enum lookup_kind {
	LOOKUP_DNS = 'D',     /* subject: zone; key: an address */
	LOOKUP_RHS = 'R',     /* subject: zone; key: a domain or mail address */
	LOOKUP_MX = 'X',      /* key: a domain or mail address */
	LOOKUP_MAP = 'M',     /* subject: btree, hash or cdb; key; name: the file's; fd */
	LOOKUP_BLOCK = 'B'    /* key: the address for the relay block list */
};

struct lookup {
	enum lookup_kind kind;
	const char *subject, *key, *name;  /* NULL: "" */
	int fd;                            /* the map, -1 for none */
};

#define LOOKUP_LOST (-2)

/* The asker. 0: out has the lines of the answer, perhaps none. -1 with why: the answer is that it
 * failed; the next question may be asked. LOOKUP_LOST with why: no answer. One that comes late
 * would be taken for the next one: close sock. seconds: how long to wait. */
int lookup_ask(int sock, const struct lookup *question, long seconds, struct buf *out,
    struct fail *why);

/* The other side. room holds LOOKUP_QUESTION_MAX bytes that question borrows from; question->fd is
 * yours to close. 1; 0 at the end of the socket; -1: no question that we know, end. */
int lookup_receive(int sock, char *room, struct lookup *question);
/* The lines, or why when it is filled. -1: nobody listens. */
int lookup_answer(int sock, struct bytes lines, const struct fail *why);

#endif
