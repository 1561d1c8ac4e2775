#include "list/zone.h"

#include <inttypes.h>
#include <stdint.h>

#include "base/str.h"

#define ZONE_TTL 300  /* seconds that a resolver may keep an answer: entries come and go */

static void
zone_head(const char *name, time_t now, struct buf *out)
{
	buf_printf(out, "$SOA %d %s hostmaster.%s %jd %d %d %d %d\n$NS %d %s\n$TTL %d\n", ZONE_TTL,
	    name, name, (intmax_t)now, 3600, 900, 86400, ZONE_TTL, ZONE_TTL, name, ZONE_TTL);
	buf_str(out, ":127.0.0.2:sent malware: $\n");
}

void
zone_export(enum zone_form form, const struct blocklist_entry *entry, size_t count,
    const char *name, time_t now, struct buf *out)
{
	const int bits = form == ZONE_IP4TSET ? 32 : 128;
	char text[IP_TEXT_MAX];

	if (form == ZONE_TEXT)
		buf_str(out, "# address, seconds since 1970 when it was listed\n");
	else
		zone_head(name, now, out);
	if (form == ZONE_IP4TSET)
		buf_str(out, "127.0.0.2\n");
	if (form == ZONE_IP6TSET)
		buf_str(out, "::ffff:7f00:2\n");
	for (size_t i = 0; i < count; i++) {
		ip_text(&entry[i].address, text);
		if (form == ZONE_TEXT)
			buf_printf(out, "%s %jd\n", text, (intmax_t)entry[i].when);
		else if (entry[i].address.bits == bits)
			buf_printf(out, "%s\n", text);
	}
}

int
zone_import_line(struct bytes line, time_t now, struct blocklist_entry *e)
{
	struct bytes rest = line, word = bytes_word(&rest), test = bytes_of("127.0.0.2");

	e->when = now;
	if (word.len == 0 || strchr("#;$:!", word.p[0]))
		return 0;
	if (bytes_equal_nocase(word, test) || bytes_is(word, "::ffff:7f00:2"))
		return 0;
	if (!ip_parse(word, &e->address))
		return -1;
	word = bytes_word(&rest);
	if (word.len > 0 && !blocklist_time(word, &e->when))
		e->when = now;
	return 1;
}
