#include "list/blocklist.h"

#include <byteswap.h>
#include <errno.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "list/bdb.h"
#include "list/special.h"

/* A binary number outside of these is no time that anybody listed an address: 2001 to 2100. */
#define BLOCKLIST_EARLIEST 978307200LL
#define BLOCKLIST_LATEST 4102444800LL

/* ---- what may be listed ---- */

static int
blocklist_is_exempt(const struct blocklist *l, const struct ip *ip, struct fail *why)
{
	struct bytes rest = bytes_of(l->exempt), word;
	struct ip network;
	size_t n;

	while (rest.len > 0) {
		for (n = 0; n < rest.len && !str_is_space(rest.p[n]) && rest.p[n] != ','; n++)
			;
		word = bytes_first(rest, n);
		rest = bytes_from(rest, n + 1);
		if (word.len == 0)
			continue;
		if (bytes_is(word, "special")) {
			if (special_name(ip))
				return fail_temp(why, "blocklist_exempt has special: %s",
				    special_name(ip));
			continue;
		}
		if (!ip_parse_network(word, &network))
			return fail_temp(why, "blocklist_exempt: \"%.*s\" is no network: write "
			    "ADDRESS, ADDRESS/BITS or special; nothing is listed", (int)n, word.p);
		if (ip_is_in(ip, &network))
			return fail_temp(why, "blocklist_exempt has %.*s", (int)n, word.p);
	}
	return 0;
}

/* This machine's own addresses: a fault in who-sent-it must not cut it off from itself. */
static bool
blocklist_is_ours(const struct ip *ip)
{
	struct ifaddrs *all, *i;
	bool ours = false;
	struct ip mine;

	if (getifaddrs(&all) < 0)
		return false;
	for (i = all; i && !ours; i = i->ifa_next) {
		if (!i->ifa_addr)
			continue;
		if (i->ifa_addr->sa_family == AF_INET)
			ip_from_bytes(&mine, &((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr,
			    32);
		else if (i->ifa_addr->sa_family == AF_INET6)
			ip_from_bytes(&mine,
			    &((struct sockaddr_in6 *)(void *)i->ifa_addr)->sin6_addr, 128);
		else
			continue;
		ours = ip_is_in(ip, &mine);
	}
	freeifaddrs(all);
	return ours;
}

int
blocklist_may(const struct blocklist *l, struct bytes text, struct ip *ip, struct fail *why)
{
	if (!ip_parse(text, ip))
		return fail_temp(why, "\"%.*s\" is no IP address", (int)(text.len < 60 ? text.len
		    : 60), text.p);
	if (blocklist_is_exempt(l, ip, why) < 0)
		return -1;
	if (blocklist_is_ours(ip))
		return fail_temp(why, "%.*s is an address of this machine", (int)text.len, text.p);
	return 0;
}

/* ---- keys and values ---- */

/* Text of other programs may have its NUL with it. */
static struct bytes
blocklist_text(struct bytes b)
{
	return b.len > 0 && b.p[b.len - 1] == '\0' ? bytes_first(b, b.len - 1) : b;
}

static bool
blocklist_plausible(int64_t t, time_t *when)
{
	if (t < BLOCKLIST_EARLIEST || t > BLOCKLIST_LATEST)
		return false;
	*when = (time_t)t;
	return true;
}

static bool
blocklist_binary(struct bytes value, time_t *when)
{
	uint32_t four;
	uint64_t eight;

	if (value.len == sizeof four) {
		memcpy(&four, value.p, sizeof four);
		return blocklist_plausible(four, when)
		    || blocklist_plausible(bswap_32(four), when);
	}
	if (value.len != sizeof eight)
		return false;
	memcpy(&eight, value.p, sizeof eight);
	return blocklist_plausible((int64_t)eight, when)
	    || blocklist_plausible((int64_t)bswap_64(eight), when);
}

/* As MIMEDefang's Perl writes it: digits, perhaps with a fraction, perhaps with words behind. */
bool
blocklist_time(struct bytes value, time_t *when)
{
	struct bytes text = blocklist_text(value);
	int64_t t = 0;
	size_t n;

	for (n = 0; n < text.len && n < 15 && text.p[n] >= '0' && text.p[n] <= '9'; n++)
		t = t * 10 + (text.p[n] - '0');
	if (n > 0 && (n == text.len || text.p[n] == '.' || str_is_space(text.p[n]))) {
		*when = (time_t)t;
		return true;
	}
	return blocklist_binary(value, when);
}

/* ---- the file ---- */

struct blocklist_keys {
	char text[2][IP_TEXT_MAX];
	int n;
};

static void
blocklist_keys(const struct ip *ip, struct blocklist_keys *k)
{
	ip_key(ip, false, k->text[0]);
	ip_key(ip, true, k->text[1]);
	k->n = strcmp(k->text[0], k->text[1]) == 0 ? 1 : 2;
}

static struct bdb *
blocklist_open(const struct blocklist *l, enum bdb_mode mode, struct fail *why)
{
	struct bdb *b = bdb_open(l->path, BDB_BTREE, mode, why);
	char aside[4096];

	if (b || mode == BDB_READ || why->err != EINVAL)
		return b;
	/* Its entries live an hour: better begin anew than never list anybody again. */
	snprintf(aside, sizeof aside, "%s.damaged", l->path);
	if (rename(l->path, aside) < 0)
		return NULL;
	log_error("block list: %s; it is now %s, and a new one is begun", why->text, aside);
	fail_clear(why);
	return bdb_open(l->path, BDB_BTREE, mode, why);
}

static int
blocklist_trouble(struct fail *why)
{
	char text[sizeof why->text];

	snprintf(text, sizeof text, "%s", why->text);
	snprintf(why->text, sizeof why->text, "block list: %.400s (blocklist in bivalve.conf; its "
	    "directory must belong to scan_user)", text);
	return -1;
}

int
blocklist_add(const struct blocklist *l, const struct ip *ip, time_t when, struct fail *why)
{
	struct bdb *b = blocklist_open(l, BDB_WRITE, why);
	struct blocklist_keys keys;
	char value[32];
	int rc = 0;

	if (!b)
		return blocklist_trouble(why);
	blocklist_keys(ip, &keys);
	snprintf(value, sizeof value, "%jd", (intmax_t)when);
	for (int i = 0; i < keys.n && rc == 0; i++)
		rc = bdb_put(b, bytes_of(keys.text[i]), bytes_of(value), why);
	if (bdb_close(&b, why) < 0 || rc < 0)
		return blocklist_trouble(why);
	return 0;
}

/* The key of a pair as an address; false: none of ours. */
static bool
blocklist_address(struct bytes key, struct ip *ip)
{
	return ip_parse(blocklist_text(key), ip);
}

struct blocklist_list {
	const struct ip *only;   /* with this address; NULL: all */
	time_t before;           /* whose time is before; 0: all */
	struct buf keys;         /* struct bytes' worth: length, then bytes */
	struct blocklist_entry *entry;
	size_t n, room;
};

static bool
blocklist_take_key(void *ctx, struct bytes key, struct bytes value)
{
	struct blocklist_list *list = ctx;
	struct ip ip;
	time_t when;

	if (list->only && (!blocklist_address(key, &ip) || !ip_is_in(&ip, list->only)))
		return true;
	if (list->before && blocklist_time(value, &when) && when >= list->before)
		return true;
	buf_add(&list->keys, &key.len, sizeof key.len);
	buf_bytes(&list->keys, key);
	return true;
}

/* Is the address of this key in the map under another one, too? IPv6 has two spellings. */
static bool
blocklist_is_there(struct bdb *b, struct bytes key)
{
	struct blocklist_keys keys;
	struct buf value = BUF_INIT;
	struct fail none = { 0 };
	bool found = false;
	struct ip ip;

	if (!blocklist_address(key, &ip))
		return false;
	blocklist_keys(&ip, &keys);
	for (int i = 0; i < keys.n && !found; i++)
		found = bdb_get(b, bytes_of(keys.text[i]), &value, &none) == 1;
	buf_clear(&value);
	return found;
}

/* Removing while walking would move what is walked on: first all keys, then each. How many
 * addresses are gone, or -1. */
static long
blocklist_remove_all(const struct blocklist *l, struct blocklist_list *list, struct fail *why)
{
	struct bdb *b = blocklist_open(l, BDB_WRITE, why);
	struct bytes rest, key;
	long n = 0;
	int rc;

	if (!b)
		return blocklist_trouble(why);
	rc = bdb_each(b, blocklist_take_key, list, why);
	for (rest = buf_view(&list->keys); rest.len > 0 && rc == 0;) {
		memcpy(&key.len, rest.p, sizeof key.len);
		key.p = rest.p + sizeof key.len;
		rest = bytes_from(rest, sizeof key.len + key.len);
		rc = bdb_remove(b, key, why) < 0 ? -1 : 0;
		n += rc == 0 && !blocklist_is_there(b, key);
	}
	buf_clear(&list->keys);
	if (bdb_close(&b, why) < 0 || rc < 0)
		return blocklist_trouble(why);
	return n;
}

int
blocklist_remove(const struct blocklist *l, const struct ip *ip, bool *found, struct fail *why)
{
	struct blocklist_list list = { .only = ip, .keys = BUF_INIT };
	long n = blocklist_remove_all(l, &list, why);

	*found = n > 0;
	return n < 0 ? -1 : 0;
}

int
blocklist_expire(const struct blocklist *l, time_t now, long *count, struct fail *why)
{
	struct blocklist_list list = { .before = now - l->expire, .keys = BUF_INIT };

	*count = blocklist_remove_all(l, &list, why);
	return *count < 0 ? -1 : 0;
}

static bool
blocklist_take_entry(void *ctx, struct bytes key, struct bytes value)
{
	struct blocklist_list *list = ctx;
	struct blocklist_entry *e;

	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		list->entry = mem_resize(list->entry, list->room * sizeof *list->entry);
	}
	e = &list->entry[list->n];
	memset(e, 0, sizeof *e);
	if (!blocklist_address(key, &e->address))
		return true;
	if (!blocklist_time(value, &e->when))
		e->when = 0;
	if (!list->before || e->when >= list->before)
		list->n++;
	return true;
}

static int
blocklist_order(const void *a, const void *b)
{
	const struct blocklist_entry *x = a, *y = b;

	if (x->address.bits != y->address.bits)
		return x->address.bits - y->address.bits;
	return memcmp(x->address.byte, y->address.byte, sizeof x->address.byte);
}

/* Of one address the latest time counts. */
static size_t
blocklist_once(struct blocklist_entry *e, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(e, n, sizeof *e, blocklist_order);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || blocklist_order(&e[kept - 1], &e[i]) != 0)
			e[kept++] = e[i];
		else if (e[i].when > e[kept - 1].when)
			e[kept - 1].when = e[i].when;
	}
	return kept;
}

int
blocklist_read(const struct blocklist *l, time_t now, struct blocklist_entry **entries,
    size_t *count, struct fail *why)
{
	struct blocklist_list list = { .before = now ? now - l->expire : 0, .keys = BUF_INIT };
	struct bdb *b = blocklist_open(l, BDB_READ, why);
	int rc;

	*entries = NULL;
	*count = 0;
	if (!b && why->err == ENOENT) {
		fail_clear(why);
		return 0;
	}
	if (!b)
		return blocklist_trouble(why);
	rc = bdb_each(b, blocklist_take_entry, &list, why);
	if (bdb_close(&b, why) < 0 || rc < 0) {
		free(list.entry);
		return blocklist_trouble(why);
	}
	*count = blocklist_once(list.entry, list.n);
	*entries = list.entry;
	return 0;
}

int
blocklist_make(const struct blocklist *l, struct fail *why)
{
	struct bdb *b = blocklist_open(l, BDB_WRITE, why);

	return b && bdb_close(&b, why) == 0 ? 0 : blocklist_trouble(why);
}
