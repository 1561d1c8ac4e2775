/* layer: list */
/*
 * test-list.c - addresses, special-purpose networks, the block list and its forms, names for the DNS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "list/bdb.h"
#include "list/blocklist.h"
#include "list/map.h"
#include "list/resolve.h"
#include "list/special.h"
#include "list/zone.h"

static void
test_addresses(void **state)
{
	static const struct { const char *text, *key, *longer, *reverse; } good[] = {
		{ "192.0.2.1", "192.0.2.1", "192.0.2.1", "1.2.0.192." },
		{ "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1", "1.2.0.192." },
		{ "IPv6:2001:DB8::1", "ipv6:2001:db8::1", "ipv6:2001:db8:0:0:0:0:0:1",
		    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2." },
		{ "::1", "ipv6:::1", "ipv6:0:0:0:0:0:0:0:1",
		    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0." },
	};
	static const char *const bad[] = { "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ", "x",
		"IPv6:", "fe80::1%lo", "1.2.3.4/8", "[1.2.3.4]", "2001:db8:::1",
		"1111111111111111111111111111111111111111111111111111111111111111111111111111" };
	struct buf reverse = BUF_INIT;
	char text[IP_TEXT_MAX];
	struct ip ip;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_true(ip_parse(bytes_of(good[i].text), &ip));
		ip_key(&ip, false, text);
		assert_string_equal(text, good[i].key);
		ip_key(&ip, true, text);
		assert_string_equal(text, good[i].longer);
		buf_cut(&reverse, 0);
		ip_reverse(&ip, &reverse);
		assert_string_equal(reverse.p, good[i].reverse);
	}
	buf_clear(&reverse);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(ip_parse(bytes_of(bad[i]), &ip));
	assert_false(ip_parse((struct bytes){ "1.2.3.4\0", 8 }, &ip));
}

static void
test_networks(void **state)
{
	static const struct { const char *network, *address; bool in; } cases[] = {
		{ "10.0.0.0/8", "10.255.0.1", true }, { "10.0.0.0/8", "11.0.0.1", false },
		{ "192.0.2.128/25", "192.0.2.127", false }, { "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.77/25", "192.0.2.1", true }, { "0.0.0.0/0", "8.8.8.8", true },
		{ "0.0.0.0/0", "2001:db8::1", false }, { "2001:db8::/32", "2001:db8:ffff::", true },
		{ "2001:db8::/32", "2001:db9::", false }, { "1.2.3.4", "1.2.3.4", true },
		{ "1.2.3.4", "1.2.3.5", false }, { "::/0", "10.0.0.1", false },
	};
	static const char *const bad[] = { "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10/8",
		"10.0.0.0/8x", "::/129", "/8" };
	struct ip network, address;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(ip_parse_network(bytes_of(cases[i].network), &network));
		assert_true(ip_parse(bytes_of(cases[i].address), &address));
		assert_int_equal(ip_is_in(&address, &network), cases[i].in);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(ip_parse_network(bytes_of(bad[i]), &network));
}

static void
test_special(void **state)
{
	static const struct { const char *address, *name; } cases[] = {
		{ "8.8.8.8", NULL }, { "127.0.0.1", "loopback" }, { "10.1.2.3", "private use" },
		{ "172.15.255.255", NULL }, { "172.16.0.0", "private use" },
		{ "172.32.0.0", NULL }, { "100.64.0.1", "shared address space" },
		{ "100.128.0.1", NULL }, { "224.0.0.1", "multicast" },
		{ "255.255.255.255", "limited broadcast" }, { "250.1.1.1", "reserved" },
		{ "0.0.0.0", "this network" }, { "198.19.255.1", "benchmarking" },
		{ "2600::25", NULL }, { "2a00:1450::1", NULL }, { "::1", "loopback" },
		{ "::", "unspecified" }, { "2001:db8::1", "documentation" },
		{ "3fff::1", "documentation" }, { "2001::1", "Teredo" },
		{ "2001:4860::1", NULL }, { "fe80::1", "link local" }, { "fd12::1", "unique local" },
		{ "ff02::1", "multicast" }, { "5f00::1", "segment routing" },
		{ "4000::1", "not global unicast" }, { "::7f00:1", "not global unicast" },
		{ "2002:7f00:1::1", "loopback" }, { "2002:808:808::1", NULL },
		{ "64:ff9b::a00:1", "private use" }, { "64:ff9b::808:808", NULL },
		{ "64:ff9b:1::1", "local-use translation" }, { "100::1", "discard only" },
	};
	struct ip ip;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *name;

		assert_true(ip_parse(bytes_of(cases[i].address), &ip));
		name = special_name(&ip);
		assert_string_equal(name ? name : "-", cases[i].name ? cases[i].name : "-");
	}
}

static void
test_times(void **state)
{
	const time_t now = 1795479029;
	int32_t four = (int32_t)now;
	int64_t eight = now;
	uint32_t swapped = __builtin_bswap32((uint32_t)now);
	const struct { struct bytes value; bool good; } cases[] = {
		{ bytes_of("1795479029"), true }, { { "1795479029\0", 11 }, true },
		{ bytes_of("1795479029.25"), true }, { bytes_of("1795479029 sent a virus"), true },
		{ { (const char *)&four, 4 }, true }, { { (const char *)&eight, 8 }, true },
		{ { (const char *)&swapped, 4 }, true },
		{ bytes_of(""), false }, { bytes_of("yes"), false }, { bytes_of("FOUND"), false },
		{ bytes_of("1795479029x"), false }, { bytes_of("\1\2\3\4\5\6\7\7"), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		time_t when = 0;

		assert_int_equal(blocklist_time(cases[i].value, &when), cases[i].good);
		assert_int_equal(when, cases[i].good ? now : 0);
	}
}

/* ---- with a file ---- */

struct bed {
	char dir[64], path[128];
	struct blocklist list;
};

static int
setup(void **state)
{
	static struct bed bed;

	snprintf(bed.dir, sizeof bed.dir, "/tmp/bivalve-list.XXXXXX");
	assert_non_null(mkdtemp(bed.dir));
	snprintf(bed.path, sizeof bed.path, "%s/virbl.db", bed.dir);
	bed.list = (struct blocklist){ bed.path, "192.0.2.0/24, 198.51.100.7", 3600 };
	*state = &bed;
	return 0;
}

static int
teardown(void **state)
{
	struct bed *bed = *state;
	char aside[160];

	snprintf(aside, sizeof aside, "%s.damaged", bed->path);
	unlink(aside);
	unlink(bed->path);
	return rmdir(bed->dir);
}

static struct ip
address(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(bytes_of(text), &ip));
	return ip;
}

static void
put(struct bed *bed, struct bytes key, struct bytes value)
{
	struct fail why = { 0 };
	struct bdb *b = bdb_open(bed->path, BDB_BTREE, BDB_WRITE, &why);

	assert_non_null(b);
	assert_int_equal(bdb_put(b, key, value, &why), 0);
	assert_int_equal(bdb_close(&b, &why), 0);
}

static void
test_add_and_read(void **state)
{
	struct bed *bed = *state;
	struct blocklist_entry *e;
	struct fail why = { 0 };
	struct ip four = address("8.8.8.8"), six = address("2001:4860::1");
	struct stat st;
	bool found;
	size_t n;

	assert_int_equal(blocklist_read(&bed->list, 0, &e, &n, &why), 0);
	assert_int_equal(n, 0);
	assert_int_equal(blocklist_add(&bed->list, &six, 2000, &why), 0);
	assert_int_equal(blocklist_add(&bed->list, &four, 1000, &why), 0);
	assert_int_equal(blocklist_add(&bed->list, &four, 3000, &why), 0);
	assert_int_equal(stat(bed->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(blocklist_read(&bed->list, 0, &e, &n, &why), 0);
	assert_int_equal(n, 2);
	assert_int_equal(e[0].when, 3000);
	assert_int_equal(e[1].when, 2000);
	free(e);
	assert_int_equal(blocklist_remove(&bed->list, &six, &found, &why), 0);
	assert_true(found);
	assert_int_equal(blocklist_remove(&bed->list, &six, &found, &why), 0);
	assert_false(found);
	assert_int_equal(blocklist_read(&bed->list, 0, &e, &n, &why), 0);
	assert_int_equal(n, 1);
	free(e);
}

/* A page that a crash of the machine has left as it likes: the file opens, and is of no use. */
static void
test_torn_page(void **state)
{
	static const char fills[] = { '\0', '\1', '\5', 'x', '\xff' };
	struct bed *bed = *state;
	struct blocklist_entry *e;
	struct fail why = { 0 };
	struct ip ip = address("8.8.8.8");
	char page[4096];
	size_t n;

	for (size_t i = 0; i < sizeof fills; i++) {
		int fd;

		assert_int_equal(blocklist_add(&bed->list, &ip, 1000, &why), 0);
		fd = open(bed->path, O_WRONLY | O_CLOEXEC);
		memset(page, fills[i], sizeof page);
		assert_int_equal(pwrite(fd, page, sizeof page, sizeof page), sizeof page);
		close(fd);
		assert_int_equal(blocklist_read(&bed->list, 0, &e, &n, &why), -1);
		fail_clear(&why);
		assert_int_equal(blocklist_add(&bed->list, &ip, 2000, &why), 0);
		assert_int_equal(blocklist_read(&bed->list, 0, &e, &n, &why), 0);
		assert_int_equal(n, 1);
		assert_int_equal(e[0].when, 2000);
		free(e);
	}
}

/* What others left: Perl's text with a NUL in key and value, a C program's integer, no time. */
static void
test_old_maps(void **state)
{
	struct bed *bed = *state;
	const time_t now = 1795479029;
	int32_t four = (int32_t)now - 10;
	struct blocklist_entry *e;
	struct fail why = { 0 };
	struct ip two;
	size_t n;
	long count;

	put(bed, (struct bytes){ "5.5.5.5\0", 8 }, (struct bytes){ "1795479000\0", 11 });
	put(bed, bytes_of("6.6.6.6"), (struct bytes){ (const char *)&four, sizeof four });
	put(bed, bytes_of("IPv6:2600::9"), bytes_of("1795400000"));
	put(bed, bytes_of("7.7.7.7"), bytes_of("FOUND"));
	put(bed, bytes_of("no.address.test"), bytes_of("1795479000"));
	assert_int_equal(blocklist_read(&bed->list, now, &e, &n, &why), 0);
	assert_int_equal(n, 2);
	assert_int_equal(e[0].when, 1795479000);
	assert_int_equal(e[1].when, four);
	free(e);
	assert_int_equal(blocklist_expire(&bed->list, now, &count, &why), 0);
	assert_int_equal(count, 2); /* the old one, and the one without a time */
	assert_int_equal(blocklist_expire(&bed->list, now + 3601, &count, &why), 0);
	assert_int_equal(count, 3);
	/* In both its spellings it is one. */
	two = address("2600::9");
	assert_int_equal(blocklist_add(&bed->list, &two, now, &why), 0);
	assert_int_equal(blocklist_expire(&bed->list, now + 3601, &count, &why), 0);
	assert_int_equal(count, 1);
}

static void
test_what_may_be_listed(void **state)
{
	struct bed *bed = *state;
	static const char *const no[] = { "192.0.2.200", "198.51.100.7", "127.0.0.1", "::1", "x" };
	struct fail why = { 0 };
	struct ip ip;

	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
		fail_clear(&why);
		assert_int_equal(blocklist_may(&bed->list, bytes_of(no[i]), &ip, &why), -1);
		assert_true(why.text[0] != '\0');
	}
	fail_clear(&why);
	assert_int_equal(blocklist_may(&bed->list, bytes_of("198.51.100.8"), &ip, &why), 0);
	bed->list.exempt = "special";
	assert_int_equal(blocklist_may(&bed->list, bytes_of("198.51.100.8"), &ip, &why), -1);
	fail_clear(&why);
	bed->list.exempt = "10.0.0.0/8 mistake";
	assert_int_equal(blocklist_may(&bed->list, bytes_of("8.8.8.8"), &ip, &why), -1);
	assert_non_null(strstr(why.text, "mistake"));
}

static void
test_damage(void **state)
{
	struct bed *bed = *state;
	struct blocklist_entry *e;
	struct fail why = { 0 };
	struct ip ip = address("8.8.8.8");
	FILE *f = fopen(bed->path, "w");
	size_t n;

	assert_non_null(f);
	fputs("not a database at all\n", f);
	fclose(f);
	assert_int_equal(blocklist_read(&bed->list, 0, &e, &n, &why), -1);
	fail_clear(&why);
	assert_int_equal(blocklist_add(&bed->list, &ip, 1000, &why), 0);
	assert_int_equal(blocklist_read(&bed->list, 0, &e, &n, &why), 0);
	assert_int_equal(n, 1);
	free(e);
}

static void
test_zones(void **state)
{
	struct blocklist_entry e[2] = { { address("8.8.8.8"), 1000 },
		{ address("2600::25"), 2000 } }, back;
	struct blocklist_entry neighbours[3] = { { address("2600:0:1:ffff::1"), 1 },
		{ address("2600:0:1:ffff:8000::"), 1 }, { address("2600:0:2::"), 1 } };
	struct buf out = BUF_INIT;

	(void)state;
	zone_export(ZONE_IP4TSET, e, 2, "ns.test", 5000, &out);
	assert_non_null(strstr(out.p, "$SOA 300 ns.test hostmaster.ns.test 5000 "));
	assert_non_null(strstr(out.p, "\n$NS 300 ns.test\n"));
	assert_non_null(strstr(out.p, "\n127.0.0.2\n8.8.8.8\n"));
	assert_null(strstr(out.p, "2600"));
	buf_cut(&out, 0);
	zone_export(ZONE_IP6TSET, e, 2, "ns.test", 5000, &out);
	assert_non_null(strstr(out.p, "\n0:0:0:0\n!::ffff:7f00:1\n2600:0:0:0\n"));
	assert_null(strstr(out.p, "8.8.8.8"));
	buf_cut(&out, 0);
	zone_export(ZONE_IP6TSET, neighbours, 3, "ns.test", 5000, &out);
	assert_non_null(strstr(out.p, "\n2600:0:1:ffff\n2600:0:2:0\n"));
	assert_int_equal(strlen(strstr(out.p, "\n2600")), strlen("\n2600:0:1:ffff\n2600:0:2:0\n"));
	buf_cut(&out, 0);
	zone_export(ZONE_IP6TRIE, e, 2, "ns.test", 5000, &out);
	assert_non_null(strstr(out.p, "\n::ffff:7f00:2/128\n2600::25/128\n"));
	assert_null(strstr(out.p, "8.8.8.8"));
	buf_cut(&out, 0);
	zone_export(ZONE_TEXT, e, 2, "", 5000, &out);
	assert_non_null(strstr(out.p, "\n8.8.8.8 1000\n2600::25 2000\n"));
	buf_clear(&out);
	assert_int_equal(zone_import_line(bytes_of("2600::25\t1795479029"), 9, &back), 1);
	assert_int_equal(back.when, 1795479029);
	assert_int_equal(zone_import_line(bytes_of("  8.8.8.8"), 9, &back), 1);
	assert_int_equal(back.when, 9);
	assert_int_equal(zone_import_line(bytes_of("$SOA 300 x"), 9, &back), 0);
	assert_int_equal(zone_import_line(bytes_of(":127.0.0.2:text"), 9, &back), 0);
	assert_int_equal(zone_import_line(bytes_of("127.0.0.2"), 9, &back), 0);
	assert_int_equal(zone_import_line(bytes_of("::ffff:7f00:2/128"), 9, &back), 0);
	assert_int_equal(zone_import_line(bytes_of("!::ffff:7f00:1"), 9, &back), 0);
	assert_int_equal(zone_import_line(bytes_of("2600::25/128"), 9, &back), 1);
	assert_int_equal(back.address.bits, 128);
	assert_int_equal(zone_import_line(bytes_of("2600:0:1:ffff"), 9, &back), -1);
	assert_int_equal(zone_import_line(bytes_of(""), 9, &back), 0);
	assert_int_equal(zone_import_line(bytes_of("example.org"), 9, &back), -1);
}

static void
test_names(void **state)
{
	static const struct { const char *domain, *name; } cases[] = {
		{ "Example.ORG", "example.org" }, { "example.org.", "example.org" },
		{ "b\xc3\xbc" "cher.test", "xn--bcher-kva.test" }, { "_dmarc.x.test", "_dmarc.x.test" },
		{ "", NULL }, { ".", NULL }, { "a..b", NULL }, { "a b", NULL }, { "[1.2.3.4]", NULL },
		{ "../../etc", NULL }, { "x\ny", NULL }, { "\xff\xfe.test", NULL },
		{ "0123456789012345678901234567890123456789012345678901234567890123.test", NULL },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf_cut(&out, 0);
		assert_int_equal(resolve_name(bytes_of(cases[i].domain), &out), cases[i].name != NULL);
		assert_string_equal(out.p, cases[i].name ? cases[i].name : "");
	}
	buf_clear(&out);
}

/* ---- maps ---- */

static int
cdb_of(const char *const pairs[][2], size_t n)
{
	FILE *file = tmpfile();
	struct cdb_make make;
	int fd;

	assert_non_null(file);
	fd = dup(fileno(file));
	fclose(file);
	assert_int_equal(cdb_make_start(&make, fd), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(cdb_make_add(&make, pairs[i][0], (unsigned)strlen(pairs[i][0]),
		    pairs[i][1], (unsigned)strlen(pairs[i][1])), 0);
	assert_int_equal(cdb_make_finish(&make), 0);
	return fd;
}

static void
found(const char *type, int fd, const char *key, const char *want)
{
	struct buf out = BUF_INIT;
	struct fail why = { 0 };

	assert_int_equal(map_find(type, fd, "map", key, &out, &why), 0);
	assert_int_equal(out.len, strlen(want));
	assert_memory_equal(out.len ? out.p : "", want, out.len);
	buf_clear(&out);
}

static void
test_map(void **state)
{
	static const char *const pairs[][2] = { { "small", "letters" }, { "As", "it is" },
		{ "empty", "" } };
	struct bed *bed = *state;
	int fd = cdb_of(pairs, 3), btree;

	for (size_t i = 0; i < 3; i++)
		put(bed, bytes_of(pairs[i][0]), bytes_of(pairs[i][1]));
	put(bed, (struct bytes){ "nul\0", 4 }, (struct bytes){ "too\0", 4 });
	btree = open(bed->path, O_RDONLY | O_CLOEXEC);
	for (int i = 0; i < 2; i++) {
		const char *type = i ? "btree" : "cdb";

		found(type, i ? btree : fd, "SMALL", "letters\n");
		found(type, i ? btree : fd, "As", "it is\n");
		found(type, i ? btree : fd, "as", "");
		found(type, i ? btree : fd, "empty", "empty\n");
		found(type, i ? btree : fd, "absent", "");
	}
	found("btree", btree, "nul", "too\n");
	close(fd);
	close(btree);
}

/* A map that cannot be read is not one without the key. */
static void
test_no_map(void **state)
{
	static const char *const types[] = { "cdb", "btree", "hash", "dbm" };
	struct bed *bed = *state;
	struct fail why = { 0 };
	struct buf out = BUF_INIT;
	int fd = open(bed->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(fd_write_all(fd, "no map at all\n", 14), 0);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		fail_clear(&why);
		assert_int_equal(map_find(types[i], fd, "map", "key", &out, &why), -1);
		assert_int_equal(why.kind, FAIL_TEMP);
		assert_true(why.text[0]);
		assert_int_equal(out.len, 0);
	}
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_special),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_names),
		cmocka_unit_test_setup_teardown(test_add_and_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_maps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_may_be_listed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_torn_page, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_map, setup, teardown),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
