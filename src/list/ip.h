/*
 * ip.h - IP addresses and networks as values: parsed, compared, and written as others want them.
 *
 * IPv4 written as IPv6 (::ffff:192.0.2.1) is IPv4 everywhere.
 */
#ifndef LIST_IP_H
#define LIST_IP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

#define IP_TEXT_MAX 64  /* longest text of an address or network, with "ipv6:" and NUL */

struct ip {
	unsigned char byte[16];  /* network order; IPv4 in the first four */
	int bits;                /* of an address: 32 or 128 */
	int prefix;              /* of a network; as bits for one address */
};

/* An address, with or without sendmail's "IPv6:" in front; false: text is none. */
bool ip_parse(struct bytes text, struct ip *ip_r);
/* ADDRESS or ADDRESS/PREFIX. Bits behind the prefix are cleared. */
bool ip_parse_network(struct bytes text, struct ip *ip_r);
bool ip_is_in(const struct ip *address, const struct ip *network);
/* RFC 5952 form; of a network with its prefix. */
void ip_text(const struct ip *ip, char text[IP_TEXT_MAX]);
/* The key under which sendmail looks ${client_addr} up: "192.0.2.1", "ipv6:2001:db8::1" in lower
 * case; long_form: "ipv6:2001:db8:0:0:0:0:0:1", which is sendmail's own without
 * UseCompressedIPv6Addresses. */
void ip_key(const struct ip *ip, bool long_form, char text[IP_TEXT_MAX]);
/* The name to ask a DNS list for, without the zone: "1.2.0.192." or 32 nibbles (RFC 5782). */
void ip_reverse(const struct ip *ip, struct buf *out);
/* Four or sixteen bytes as they come from the network. */
void ip_from_bytes(struct ip *ip_r, const void *p, int bits);

#endif
