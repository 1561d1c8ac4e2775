/*
 * zone.h - the block list in the forms of others: rbldnsd(8) data and a text zone.
 */
#ifndef LIST_ZONE_H
#define LIST_ZONE_H

#include "base/buf.h"
#include "list/blocklist.h"

enum zone_form {
	ZONE_IP4TSET,  /* rbldnsd ip4tset: IPv4 addresses, one answer for all */
	ZONE_IP6TSET,  /* rbldnsd ip6tset: it knows whole /64 networks alone */
	ZONE_IP6TRIE,  /* rbldnsd ip6trie: IPv6 addresses */
	ZONE_TEXT      /* "ADDRESS TIME", which zone_import reads */
};

/* The whole file for count entries.  rbldnsd files have SOA, NS, the answer and, as RFC 5782 wants,
 * the test entry 127.0.0.2 and not 127.0.0.1. name: the name server's, for NS and SOA. */
void zone_export(enum zone_form form, const struct blocklist_entry *entry, size_t count,
    const char *name, time_t now, struct buf *out);
/* One line of a text zone, an rbldnsd file, or a plain list: an address, perhaps a time behind it.
 * 1: *e_r has it (when is now where none was written); 0: no address in it; -1: not to be read. */
int zone_import_line(struct bytes line, time_t now, struct blocklist_entry *e_r);

#endif
