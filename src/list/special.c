#include "list/special.h"

#include <string.h>

struct special {
	const char *network, *name;
};

/* The first that fits tells. */
static const struct special special_four[] = {
	{ "0.0.0.0/8", "this network" },
	{ "10.0.0.0/8", "private use" },
	{ "100.64.0.0/10", "shared address space" },
	{ "127.0.0.0/8", "loopback" },
	{ "169.254.0.0/16", "link local" },
	{ "172.16.0.0/12", "private use" },
	{ "192.0.0.0/24", "IETF protocol assignments" },
	{ "192.0.2.0/24", "documentation" },
	{ "192.31.196.0/24", "AS112" },
	{ "192.52.193.0/24", "AMT" },
	{ "192.88.99.0/24", "6to4 relay anycast" },
	{ "192.168.0.0/16", "private use" },
	{ "192.175.48.0/24", "AS112" },
	{ "198.18.0.0/15", "benchmarking" },
	{ "198.51.100.0/24", "documentation" },
	{ "203.0.113.0/24", "documentation" },
	{ "224.0.0.0/4", "multicast" },
	{ "255.255.255.255/32", "limited broadcast" },
	{ "240.0.0.0/4", "reserved" },
};

static const struct special special_six[] = {
	{ "::1/128", "loopback" },
	{ "::/128", "unspecified" },
	{ "64:ff9b:1::/48", "local-use translation" },
	{ "64:ff9b::/96", NULL },
	{ "100::/64", "discard only" },
	{ "100:0:0:1::/64", "dummy prefix" },
	{ "2001::/32", "Teredo" },
	{ "2001:2::/48", "benchmarking" },
	{ "2001:10::/28", "ORCHID" },
	{ "2001:20::/28", "ORCHIDv2" },
	{ "2001::/23", "IETF protocol assignments" },
	{ "2001:db8::/32", "documentation" },
	{ "2002::/16", NULL },
	{ "2620:4f:8000::/48", "AS112" },
	{ "3fff::/20", "documentation" },
	{ "2000::/3", NULL },
	{ "5f00::/16", "segment routing" },
	{ "fc00::/7", "unique local" },
	{ "fe80::/10", "link local" },
	{ "fec0::/10", "site local" },
	{ "ff00::/8", "multicast" },
	{ "::/0", "not global unicast" },
};

static const char *
special_find(const struct ip *address, const struct special *table, size_t n)
{
	struct ip network;

	for (size_t i = 0; i < n; i++)
		if (ip_parse_network(bytes_of(table[i].network), &network)
		    && ip_is_in(address, &network))
			return table[i].name;
	return NULL;
}

const char *
special_name(const struct ip *a)
{
	static const unsigned char nat64[12] = { 0, 0x64, 0xff, 0x9b };
	const char *name;
	struct ip inner;

	if (a->bits == 32)
		return special_find(a, special_four, sizeof special_four / sizeof *special_four);
	name = special_find(a, special_six, sizeof special_six / sizeof *special_six);
	if (name)
		return name;
	if (a->byte[0] == 0x20 && a->byte[1] == 0x02)
		ip_from_bytes(&inner, a->byte + 2, 32);
	else if (memcmp(a->byte, nat64, sizeof nat64) == 0)
		ip_from_bytes(&inner, a->byte + 12, 32);
	else
		return NULL;
	return special_name(&inner);
}
