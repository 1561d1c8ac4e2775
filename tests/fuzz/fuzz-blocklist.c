/*
 * fuzz-blocklist.c - a relay block list that another program has filled with any keys and values, a
 * cdb file with any bytes, and the texts of addresses and times.  The first byte chooses.
 *
 * No Berkeley DB file with any bytes: libdb 5.3 trusts what pages say of themselves, and its verify
 * divides by what it reads.  Such a file ends bivalve-lookup, which is a process for that reason.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "fuzz.h"
#include "list/bdb.h"
#include "list/blocklist.h"
#include "list/map.h"

#define NOW 1700000000
#define PAIRS 200

static void
check_entries(const struct blocklist_entry *e, size_t n)
{
	char text[IP_TEXT_MAX];
	struct ip again;

	for (size_t i = 0; i < n; i++) {
		ip_text(&e[i].address, text);
		fuzz_check(ip_parse(bytes_of(text), &again));
		fuzz_check(memcmp(&again, &e[i].address, sizeof again) == 0);
		for (size_t k = 0; k < i; k++)
			fuzz_check(memcmp(&e[k].address, &e[i].address, sizeof again) != 0);
	}
}

static size_t
count(const struct blocklist *l, time_t now)
{
	struct blocklist_entry *entries;
	struct fail why = { 0 };
	size_t n = 0;

	fuzz_check(blocklist_read(l, now, &entries, &n, &why) == 0);
	check_entries(entries, n < 100 ? n : 100);
	free(entries);
	return n;
}

/* What is added is there, and nothing old after expiry. */
static void
use_list(const char *path)
{
	const struct blocklist l = { .path = path, .exempt = "special", .expire = 3600 };
	struct fail why = { 0 };
	struct ip ip;
	bool found;
	long gone;

	count(&l, 0);
	count(&l, NOW);
	fuzz_check(ip_parse(bytes_of("2001:db8::7"), &ip));
	fuzz_check(blocklist_add(&l, &ip, NOW, &why) == 0);
	fuzz_check(blocklist_expire(&l, NOW, &gone, &why) == 0);
	fuzz_check(count(&l, NOW) > 0 && count(&l, NOW) == count(&l, 0));
	fuzz_check(blocklist_remove(&l, &ip, &found, &why) == 0 && found);
}

static void
use_map(int fd)
{
	struct buf out = BUF_INIT;
	struct fail why = { 0 };

	if (map_find("cdb", fd, "map", "Key", &out, &why) < 0)
		fuzz_check(why.kind == FAIL_TEMP && why.text[0]);
	else
		fuzz_check(out.len == 0 || out.p[out.len - 1] == '\n');
	buf_clear(&out);
}

static void
use_cdb(struct bytes content)
{
	int fd = memfd_create("map", MFD_CLOEXEC);

	fuzz_check(fd >= 0 && fd_write_all(fd, content.p, content.len) == 0);
	use_map(fd);
	close(fd);
}

/* "key TAB value LF" each. */
static void
use_pairs(struct bytes pairs)
{
	struct fail why = { 0 };
	struct bdb *b;
	char path[64];

	snprintf(path, sizeof path, "/dev/shm/fuzz-blocklist.%ld", (long)getpid());
	b = bdb_open(path, BDB_BTREE, BDB_WRITE, &why);
	fuzz_check(b != NULL);
	for (int n = 0; pairs.len > 0 && n < PAIRS; n++) {
		struct bytes line = fuzz_part(&pairs, '\n'), key = fuzz_part(&line, '\t');

		fuzz_check(bdb_put(b, key, line, &why) == 0);
	}
	fuzz_check(bdb_close(&b, &why) == 0);
	use_list(path);
	unlink(path);
}

static void
check_address(struct bytes text)
{
	char key[2][IP_TEXT_MAX];
	struct ip ip, again;
	struct buf name = BUF_INIT;

	if (ip_parse_network(text, &ip)) {
		fuzz_check(ip.prefix >= 0 && ip.prefix <= ip.bits);
		ip_text(&ip, key[0]);
		fuzz_check(ip_parse_network(bytes_of(key[0]), &again));
		fuzz_check(memcmp(&ip, &again, sizeof ip) == 0);
	}
	if (!ip_parse(text, &ip))
		return;
	fuzz_check(ip_is_in(&ip, &ip) && ip.prefix == ip.bits);
	for (int i = 0; i < 2; i++) {
		ip_key(&ip, i, key[i]);
		fuzz_check(ip_parse(bytes_of(key[i]), &again));
		fuzz_check(memcmp(&ip, &again, sizeof ip) == 0);
	}
	ip_reverse(&ip, &name);
	fuzz_check(name.len > 0 && name.p[name.len - 1] == '.');
	buf_clear(&name);
}

static void
use_texts(struct bytes rest)
{
	struct bytes value = fuzz_part(&rest, '\n'), address = fuzz_part(&rest, '\n');
	char exempt[256];
	const struct blocklist l = { .path = "", .exempt = exempt, .expire = 1 };
	struct fail why = { 0 };
	struct ip ip;
	time_t when = 0;

	if (blocklist_time(value, &when))
		fuzz_check(when >= 0);
	check_address(address);
	snprintf(exempt, sizeof exempt, "%.*s", (int)bytes_first(rest, 255).len, rest.p);
	if (blocklist_may(&l, address, &ip, &why) < 0)
		fuzz_check(why.kind == FAIL_TEMP && why.text[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = bytes_from(fuzz_bytes(data, size), 1);
	int kind = size ? data[0] % 3 : 2;

	log_silence();
	if (kind == 2)
		use_texts(rest);
	else if (kind == 1)
		use_cdb(rest);
	else
		use_pairs(rest);
	return 0;
}
