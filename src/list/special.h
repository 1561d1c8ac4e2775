/*
 * special.h - addresses that no public mail host can have.
 *
 * The IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates), multicast,
 * and what of IPv6 is not global unicast (RFC 4291).
 */
#ifndef LIST_SPECIAL_H
#define LIST_SPECIAL_H

#include "list/ip.h"

/* What the address is, "loopback" or "private use", or NULL for one that anybody may have. Of an
 * IPv6 address that holds an IPv4 one (6to4, NAT64) both count. */
const char *special_name(const struct ip *address);

#endif
