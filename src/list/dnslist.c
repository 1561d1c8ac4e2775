#include "list/dnslist.h"

#include <string.h>

#include "base/str.h"
#include "list/ip.h"

static bool
dnslist_is_below(struct bytes line, const char *network)
{
	struct ip ip, list;

	return ip_parse(line, &ip) && ip_parse_network(bytes_of(network), &list)
	    && ip_is_in(&ip, &list);
}

/* Lists answer within 127/8; anything else is a resolver or a domain squatter that answers for
 * every name.  127.255.255/24 says that we may not ask (Spamhaus, for public resolvers). */
static int
dnslist_check(const char *zone, struct buf *answers, struct buf *out, struct fail *why)
{
	struct bytes rest = buf_view(answers), line;

	while (bytes_line(&rest, &line)) {
		if (dnslist_is_below(line, "127.255.255.0/24"))
			return fail_temp(why, "DNS list %s refuses to answer (%.*s): it wants "
			    "another resolver than ours, or a registration", zone, (int)line.len,
			    line.p);
		if (!dnslist_is_below(line, "127.0.0.0/8"))
			return fail_temp(why, "DNS list %s answers %.*s, which no list does: is it "
			    "gone?", zone, (int)line.len, line.p);
	}
	buf_bytes(out, buf_view(answers));
	return 0;
}

static int
dnslist_ask(struct resolve *r, const char *zone, struct buf *name, struct buf *out,
    struct fail *why)
{
	struct buf answers = BUF_INIT, full = BUF_INIT;
	struct fail none = { 0 };
	int rc = 0;

	buf_bytes(&full, buf_view(name));
	if (!resolve_name(bytes_of(zone), &full)) {
		rc = fail_temp(why, "DNS list \"%.100s\": no domain name", zone);
		goto out;
	}
	if (full.len > RESOLVE_NAME_MAX)
		goto out; /* no such name can be listed */
	rc = resolve_ask(r, full.p, RESOLVE_A, &answers, why);
	if (rc <= 0)
		goto out;
	rc = dnslist_check(zone, &answers, out, why);
	/* Words are a courtesy. */
	if (rc == 0)
		resolve_ask(r, full.p, RESOLVE_TXT, out, &none);
out:
	buf_clear(&answers);
	buf_clear(&full);
	return rc < 0 ? -1 : 0;
}

int
dnslist_address(struct resolve *r, const char *zone, const char *address, struct buf *out,
    struct fail *why)
{
	struct buf name = BUF_INIT;
	struct ip ip;
	int rc = 0;

	if (ip_parse(bytes_of(address), &ip)) {
		ip_reverse(&ip, &name);
		rc = dnslist_ask(r, zone, &name, out, why);
	}
	buf_clear(&name);
	return rc;
}

int
dnslist_domain(struct resolve *r, const char *zone, const char *domain, struct buf *out,
    struct fail *why)
{
	const char *at = strrchr(domain, '@');
	struct buf name = BUF_INIT;
	int rc = 0;

	if (resolve_name(bytes_of(at ? at + 1 : domain), &name)) {
		buf_byte(&name, '.');
		rc = dnslist_ask(r, zone, &name, out, why);
	}
	buf_clear(&name);
	return rc;
}
