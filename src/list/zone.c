#include "list/zone.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define ZONE_TTL 300  /* seconds that a resolver may keep an answer: entries come and go */

static void
zone_head(const char *name, time_t now, struct buf *out)
{
	buf_printf(out, "$SOA %d %s hostmaster.%s %jd %d %d %d %d\n$NS %d %s\n$TTL %d\n", ZONE_TTL,
	    name, name, (intmax_t)now, 3600, 900, 86400, ZONE_TTL, ZONE_TTL, name, ZONE_TTL);
	buf_str(out, ":127.0.0.2:sent malware: $\n");
}

/* RFC 5782, 5: 127.0.0.2 is listed and 127.0.0.1 is not, of IPv6 their mapped forms. In an ip6tset
 * both are in one network, so the second is taken out of it. */
static const char *const zone_tests[] = {
	[ZONE_IP4TSET] = "127.0.0.2\n",
	[ZONE_IP6TSET] = "0:0:0:0\n!::ffff:7f00:1\n",
	[ZONE_IP6TRIE] = "::ffff:7f00:2/128\n",
	[ZONE_TEXT] = "# address, seconds since 1970 when it was listed\n",
};

/* The first 64 bits. */
static void
zone_network(const struct ip *ip, char text[IP_TEXT_MAX])
{
	const unsigned char *p = ip->byte;

	snprintf(text, IP_TEXT_MAX, "%x:%x:%x:%x", p[0] << 8 | p[1], p[2] << 8 | p[3],
	    p[4] << 8 | p[5], p[6] << 8 | p[7]);
}

void
zone_export(enum zone_form form, const struct blocklist_entry *entry, size_t count,
    const char *name, time_t now, struct buf *out)
{
	const int bits = form == ZONE_IP4TSET ? 32 : 128;
	char text[IP_TEXT_MAX], last[IP_TEXT_MAX] = "";

	if (form != ZONE_TEXT)
		zone_head(name, now, out);
	buf_str(out, zone_tests[form]);
	for (size_t i = 0; i < count; i++) {
		ip_text(&entry[i].address, text);
		if (form == ZONE_TEXT) {
			buf_printf(out, "%s %jd\n", text, (intmax_t)entry[i].when);
			continue;
		}
		if (entry[i].address.bits != bits)
			continue;
		if (form == ZONE_IP6TSET)
			zone_network(&entry[i].address, text);
		/* Of one network several may be listed; they stand together. */
		if (strcmp(text, last) != 0)
			buf_printf(out, "%s%s\n", text, form == ZONE_IP6TRIE ? "/128" : "");
		memcpy(last, text, sizeof last);
	}
}

int
zone_import_line(struct bytes line, time_t now, struct blocklist_entry *e)
{
	struct bytes rest = line, word = bytes_word(&rest);

	e->when = now;
	if (word.len == 0 || strchr("#;$!", word.p[0]) || (word.p[0] == ':' && word.len > 1
	    && word.p[1] != ':'))
		return 0;
	if (word.len > 4 && bytes_is(bytes_from(word, word.len - 4), "/128"))
		word.len -= 4;
	if (bytes_is(word, "127.0.0.2") || bytes_is(word, "::ffff:7f00:2")
	    || bytes_is(word, "0:0:0:0"))
		return 0;
	if (!ip_parse(word, &e->address))
		return -1;
	word = bytes_word(&rest);
	if (word.len > 0 && !blocklist_time(word, &e->when))
		e->when = now;
	return 1;
}
