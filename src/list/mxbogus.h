/*
 * mxbogus.h - domains that cannot get mail: no answer to a bounce would ever reach them.
 */
#ifndef LIST_MXBOGUS_H
#define LIST_MXBOGUS_H

#include "list/resolve.h"

/* A line for each bogus mail exchanger of the domain (or of a mail address's domain):
 *
 *	DOMAIN none                  neither mail exchanger nor address (RFC 5321, 5.1)
 *	DOMAIN null                  says itself that it takes no mail (RFC 7505)
 *	HOST no-address
 *	HOST ADDRESS WHAT            an address no public mail host can have (list/special.h)
 *
 * 0; -1 with why: some server did not answer, and out may have less lines than there are. */
int mxbogus_find(struct resolve *r, const char *domain, struct buf *out, struct fail *why);

#endif
