#include "list/mxbogus.h"

#include <string.h>

#include "base/str.h"
#include "list/special.h"

#define MXBOGUS_HOSTS_MAX 10  /* exchangers whose addresses are asked for */

static void
mxbogus_addresses(struct bytes host, struct bytes addresses, struct buf *out)
{
	struct bytes line;
	const char *what;
	struct ip ip;

	while (bytes_line(&addresses, &line)) {
		what = ip_parse(line, &ip) ? special_name(&ip) : NULL;
		if (what)
			buf_printf(out, "%.*s %.*s %s\n", (int)host.len, host.p, (int)line.len,
			    line.p, what);
	}
}

/* 1: the host has addresses; 0: none; -1 with why. */
static int
mxbogus_host(struct resolve *r, const char *host, struct buf *out, struct fail *why)
{
	struct buf addresses = BUF_INIT;
	int four = resolve_ask(r, host, RESOLVE_A, &addresses, why), six = -1;

	if (four >= 0)
		six = resolve_ask(r, host, RESOLVE_AAAA, &addresses, why);
	mxbogus_addresses(bytes_of(host), buf_view(&addresses), out);
	buf_clear(&addresses);
	return six < 0 ? -1 : four || six;
}

/* line: "PREFERENCE HOST". */
static int
mxbogus_exchanger(struct resolve *r, const char *domain, struct bytes line, struct buf *out,
    struct fail *why)
{
	const char *blank = memchr(line.p, ' ', line.len);
	struct bytes host = bytes_from(line, blank ? (size_t)(blank - line.p) + 1 : line.len);
	struct buf name = BUF_INIT;
	struct ip ip;
	int rc = 0;

	if (host.len == 0 || bytes_is(host, ".")) {
		buf_printf(out, "%s null\n", domain);
	} else if (ip_parse(host, &ip) || !resolve_name(host, &name)) {
		buf_printf(out, "%.*s no-address\n", (int)host.len, host.p);
	} else {
		rc = mxbogus_host(r, name.p, out, why);
		if (rc == 0)
			buf_printf(out, "%s no-address\n", name.p);
	}
	buf_clear(&name);
	return rc < 0 ? -1 : 0;
}

static int
mxbogus_domain(struct resolve *r, const char *domain, struct buf *out, struct fail *why)
{
	struct buf exchangers = BUF_INIT;
	struct bytes rest, line;
	int rc = resolve_ask(r, domain, RESOLVE_MX, &exchangers, why), n = 0;

	if (rc == 0) {
		/* Without an exchanger the domain's own address is meant. */
		rc = mxbogus_host(r, domain, out, why);
		if (rc == 0)
			buf_printf(out, "%s none\n", domain);
		rc = rc < 0 ? -1 : 0;
	}
	rest = buf_view(&exchangers);
	while (rc >= 0 && n++ < MXBOGUS_HOSTS_MAX && bytes_line(&rest, &line))
		rc = mxbogus_exchanger(r, domain, line, out, why);
	buf_clear(&exchangers);
	return rc < 0 ? -1 : 0;
}

int
mxbogus_find(struct resolve *r, const char *address, struct buf *out, struct fail *why)
{
	const char *at = strrchr(address, '@');
	struct buf domain = BUF_INIT;
	int rc = 0;

	if (resolve_name(bytes_of(at ? at + 1 : address), &domain))
		rc = mxbogus_domain(r, domain.p, out, why);
	buf_clear(&domain);
	return rc;
}
