/*
 * dnslist.h - DNS block and allow lists of addresses and of domains (RFC 5782).
 */
#ifndef LIST_DNSLIST_H
#define LIST_DNSLIST_H

#include "list/resolve.h"

/* What the list zone says about an address, a line for each A and TXT record. 0, also when it is
 * not listed (no line); -1 with why: the list does not answer, or refuses to. */
int dnslist_address(struct resolve *r, const char *zone, const char *address, struct buf *out,
    struct fail *why);
/* The same about a domain; a mail address stands for its domain. No domain: no line. */
int dnslist_domain(struct resolve *r, const char *zone, const char *domain, struct buf *out,
    struct fail *why);

#endif
