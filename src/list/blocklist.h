/*
 * blocklist.h - the relay block list: addresses that sent what a recipe objects to, with the time.
 *
 * A Berkeley DB btree that sendmail reads ("Kvirbl btree -a.FOUND FILE").  Key: the address as
 * sendmail looks it up, of IPv6 in both of its spellings.  Value: seconds since 1970 in decimal.
 * Also read: keys and values with a NUL behind (makemap -N), the time as a binary integer.
 */
#ifndef LIST_BLOCKLIST_H
#define LIST_BLOCKLIST_H

#include <stdbool.h>
#include <time.h>

#include "core/fail.h"
#include "list/ip.h"

struct blocklist {
	const char *path;      /* of the map, with ".db" */
	const char *exempt;    /* networks that are never listed, blanks or commas between them; the
	                        * word special stands for all of list/special.h */
	long expire;           /* seconds an entry counts */
};

struct blocklist_entry {
	struct ip address;
	time_t when;
};

/* Is text (the key of @blocklist, the client's address) one that may be listed? -1 with why, which
 * names the reason: no address, exempt, an address of this machine. */
int blocklist_may(const struct blocklist *l, struct bytes text, struct ip *ip_r, struct fail *why);
/* Each 0, or -1 with why. A file that is damaged is set aside as FILE.damaged by blocklist_add. */
int blocklist_add(const struct blocklist *l, const struct ip *address, time_t when,
    struct fail *why);
/* *found_r: it was there. */
int blocklist_remove(const struct blocklist *l, const struct ip *address, bool *found_r,
    struct fail *why);
/* Takes out what is older than expire, or has no time that could be read; *count_r of them. */
int blocklist_expire(const struct blocklist *l, time_t now, long *count_r, struct fail *why);
/* All addresses, each once, in order; *entries_r is yours to free. A missing file is an empty list.
 * now not 0: without those that are older than expire. */
int blocklist_read(const struct blocklist *l, time_t now, struct blocklist_entry **entries_r,
    size_t *count_r, struct fail *why);
/* Makes the file where there is none, so that sendmail finds it. */
int blocklist_make(const struct blocklist *l, struct fail *why);

/* The time in a value as others wrote it; false: none. */
bool blocklist_time(struct bytes value, time_t *when_r);

#endif
