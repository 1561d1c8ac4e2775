#include "list/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

static const unsigned char ip_mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

void
ip_from_bytes(struct ip *ip, const void *p, int bits)
{
	memset(ip, 0, sizeof *ip);
	if (bits == 128 && memcmp(p, ip_mapped, sizeof ip_mapped) == 0) {
		p = (const char *)p + sizeof ip_mapped;
		bits = 32;
	}
	memcpy(ip->byte, p, (size_t)bits / 8);
	ip->bits = ip->prefix = bits;
}

bool
ip_parse(struct bytes text, struct ip *ip)
{
	unsigned char bytes[16];
	char room[IP_TEXT_MAX];

	if (bytes_starts_nocase(text, "IPv6:"))
		text = bytes_from(text, 5);
	if (text.len == 0 || text.len >= sizeof room || memchr(text.p, '\0', text.len))
		return false;
	memcpy(room, text.p, text.len);
	room[text.len] = '\0';
	if (inet_pton(AF_INET, room, bytes) == 1)
		ip_from_bytes(ip, bytes, 32);
	else if (inet_pton(AF_INET6, room, bytes) == 1)
		ip_from_bytes(ip, bytes, 128);
	else
		return false;
	return true;
}

static bool
ip_bit(const struct ip *ip, int n)
{
	return ip->byte[n / 8] >> (7 - n % 8) & 1;
}

bool
ip_parse_network(struct bytes text, struct ip *ip)
{
	const char *slash = text.len ? memchr(text.p, '/', text.len) : NULL;
	size_t n = slash ? (size_t)(slash - text.p) : text.len;
	char number[8];
	long prefix;

	if (!ip_parse(bytes_first(text, n), ip))
		return false;
	if (!slash)
		return true;
	snprintf(number, sizeof number, "%.*s", (int)(text.len - n - 1), slash + 1);
	if (!str_long(number, 0, ip->bits, &prefix))
		return false;
	ip->prefix = (int)prefix;
	for (int i = ip->prefix; i < ip->bits; i++)
		ip->byte[i / 8] &= (unsigned char)~(1u << (7 - i % 8));
	return true;
}

bool
ip_is_in(const struct ip *address, const struct ip *network)
{
	if (address->bits != network->bits)
		return false;
	for (int i = 0; i < network->prefix; i++)
		if (ip_bit(address, i) != ip_bit(network, i))
			return false;
	return true;
}

void
ip_text(const struct ip *ip, char text[IP_TEXT_MAX])
{
	if (!inet_ntop(ip->bits == 32 ? AF_INET : AF_INET6, ip->byte, text, IP_TEXT_MAX))
		snprintf(text, IP_TEXT_MAX, "?");
	if (ip->prefix != ip->bits)
		snprintf(text + strlen(text), IP_TEXT_MAX - strlen(text), "/%d", ip->prefix);
}

void
ip_key(const struct ip *ip, bool long_form, char text[IP_TEXT_MAX])
{
	const unsigned char *b = ip->byte;

	if (ip->bits == 32) {
		snprintf(text, IP_TEXT_MAX, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	} else if (long_form) {
		snprintf(text, IP_TEXT_MAX, "ipv6:%x:%x:%x:%x:%x:%x:%x:%x", b[0] << 8 | b[1],
		    b[2] << 8 | b[3], b[4] << 8 | b[5], b[6] << 8 | b[7], b[8] << 8 | b[9],
		    b[10] << 8 | b[11], b[12] << 8 | b[13], b[14] << 8 | b[15]);
	} else {
		snprintf(text, IP_TEXT_MAX, "ipv6:");
		inet_ntop(AF_INET6, b, text + 5, IP_TEXT_MAX - 5);
	}
}

void
ip_reverse(const struct ip *ip, struct buf *out)
{
	for (int i = ip->bits / 8 - 1; i >= 0; i--)
		if (ip->bits == 32)
			buf_printf(out, "%u.", ip->byte[i]);
		else
			buf_printf(out, "%x.%x.", ip->byte[i] & 15u, ip->byte[i] >> 4);
}
