/* layer: scan */
/*
 * test-scan.c - classes of findings, names in archives, the engine, and doubtful scans.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/names.h"
#include "scan/engine.h"
#include "scan/finding.h"
#include "scan/layers.h"
#include "scan/probe.h"
#include "scan/realname.h"
#include "scan/scan.h"
#include "scan/trail.h"
#include "scan/watch.h"

static char dir[] = "/tmp/test-scan.XXXXXX";
static char temp[64], database[64];

static void
put(const char *name, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s/%s", database, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
drop(const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", database, name);
	unlink(path);
}

static int
make_dirs(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(temp, sizeof temp, "%s/temp", dir);
	snprintf(database, sizeof database, "%s/db", dir);
	return mkdir(temp, 0700) < 0 ? -1 : mkdir(database, 0700);
}

static int
remove_dirs(void **state)
{
	(void)state;
	drop("t.ndb");
	rmdir(temp);
	rmdir(database);
	return rmdir(dir);
}

static void
classes(void **state)
{
	static const struct {
		const char *name;
		enum finding_class class;
		enum report_status status;
	} cases[] = {
		{ "Win.Trojan.Agent-1", FINDING_MALWARE, REPORT_INFECTED },
		{ "Bivalve.Test.EICAR.UNOFFICIAL", FINDING_MALWARE, REPORT_INFECTED },
		{ "Email.Phishing.Bank-1", FINDING_MALWARE, REPORT_INFECTED },
		{ "HeuristicsNot", FINDING_MALWARE, REPORT_INFECTED },
		{ "Heuristics.Phishing.Email.SpoofedDomain", FINDING_HEURISTIC, REPORT_CLEAN },
		{ "Heuristics.Worm.Mydoom.M.log", FINDING_HEURISTIC, REPORT_CLEAN },
		{ "PUA.Win.Tool.X-1", FINDING_PUA, REPORT_CLEAN },
		{ "Heuristics.OLE2.ContainsMacros.VBA", FINDING_MACRO, REPORT_CLEAN },
		{ "Heuristics.Encrypted.Zip", FINDING_ENCRYPTED, REPORT_UNSCANNABLE },
		{ "Heuristics.Limits.Exceeded.MaxFiles", FINDING_LIMIT, REPORT_UNSCANNABLE },
		{ "Heuristics.Zip.OverlappingFiles", FINDING_LIMIT, REPORT_UNSCANNABLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(finding_class(cases[i].name), cases[i].class);
		assert_int_equal(finding_status(cases[i].class), cases[i].status);
	}
	assert_true(finding_is_timeout("Heuristics.Limits.Exceeded.MaxScanTime"));
	assert_false(finding_is_timeout("Heuristics.Limits.Exceeded.MaxScanSize"));
	assert_string_equal(finding_class_name(FINDING_LIMIT), "limit");
}

static void
names_once(void **state)
{
	struct names *n = names_new();
	char line[16];

	(void)state;
	assert_true(names_add(n, bytes_of("a")));
	assert_false(names_add(n, bytes_of("a")));
	assert_true(names_add(n, (struct bytes){ "a\0b", 3 }));
	for (int i = 0; i < NAMES_MAX + 100; i++) {
		snprintf(line, sizeof line, "n%d", i);
		assert_int_equal(names_add(n, bytes_of(line)), i < NAMES_MAX - 2);
	}
	assert_true(names_full(n));
	names_free(&n);
	assert_null(n);
}

static void
trail_names(void **state)
{
	struct report r;
	struct trail *t;

	(void)state;
	report_init(&r);
	t = trail_new(&r);
	trail_start(t, "");
	trail_announce(t, 0, NULL);
	trail_begin(t);
	trail_announce(t, 1, "mixedtextportion");
	trail_announce(t, 1, "outer.zip");
	trail_begin(t);
	trail_list(t, "sub/inner.zip");
	trail_list(t, "sub/inner.zip");
	trail_list(t, "secret.txt");
	trail_announce(t, 2, "inner.zip");
	trail_begin(t);
	trail_list(t, "evil.com");
	trail_announce(t, 3, "evil.com");
	trail_begin(t);
	trail_end(t);
	trail_end(t);
	/* Known to the cache: announced, never begun. */
	trail_announce(t, 2, "cached.zip");
	trail_list(t, "late.txt");
	trail_end(t);
	trail_end(t);
	trail_end(t);
	trail_start(t, "part.zip");
	trail_announce(t, 0, NULL);
	trail_announce(t, 4, "deep");
	trail_announce(t, 100000, "deepest");
	assert_string_equal(r.lines[REPORT_SCAN_NAME].p, "outer.zip\nouter.zip/sub/inner.zip\n"
	    "outer.zip/secret.txt\nouter.zip/inner.zip/evil.com\nouter.zip/cached.zip\n"
	    "outer.zip/late.txt\npart.zip\npart.zip/deep\npart.zip/deep/deepest\n");
	trail_free(&t);
	report_clear(&r);
}

/* Nested names whose path is too long still end in the innermost one. */
static void
trail_keeps_ends(void **state)
{
	char name[1001];
	struct report r;
	struct trail *t;

	(void)state;
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	report_init(&r);
	t = trail_new(&r);
	trail_start(t, "");
	trail_announce(t, 0, NULL);
	for (size_t i = 1; i < 6; i++)
		trail_announce(t, i, name);
	trail_announce(t, 6, "evil.exe");
	assert_non_null(strstr(r.lines[REPORT_SCAN_NAME].p, "/evil.exe\n"));
	trail_free(&t);
	report_clear(&r);
}

/* One name more than can be kept may be the one that a recipe asks for. */
static void
trail_tells_of_names_left_out(void **state)
{
	char name[32];
	struct report r;
	struct trail *t;

	(void)state;
	report_init(&r);
	t = trail_new(&r);
	trail_start(t, "");
	trail_announce(t, 0, NULL);
	for (int i = 0; i < NAMES_MAX; i++) {
		snprintf(name, sizeof name, "%d", i);
		trail_announce(t, 1, name);
	}
	assert_false(r.cut);
	trail_announce(t, 1, "evil.exe");
	assert_true(r.cut);
	trail_free(&t);
	report_clear(&r);
}

static void
layers_of_a_message(void **state)
{
	struct layers *l = layers_new();
	unsigned char digest[DIGEST_SIZE];
	struct bytes text = { "a line", 6 }, line = { "a line\n", 7 }, crlf = { "other\r\n", 7 };
	char content[16];

	(void)state;
	assert_false(layers_has(l, text));
	layers_add(l, line, digest);
	assert_true(layers_has(l, line));
	assert_false(layers_has(l, text));
	assert_true(layers_has_line(l, text));
	assert_false(layers_has_line(l, line));
	layers_add(l, crlf, digest);
	assert_true(layers_has_line(l, (struct bytes){ "other", 5 }));
	assert_false(layers_has_line(l, (struct bytes){ "othe", 4 }));
	/* More than there is room for at first. */
	for (int i = 0; i < 1000; i++) {
		snprintf(content, sizeof content, "%d", i);
		layers_add(l, (struct bytes){ content, strlen(content) }, digest);
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(content, sizeof content, "%d", i);
		assert_true(layers_has(l, (struct bytes){ content, strlen(content) }));
	}
	assert_false(layers_has(l, (struct bytes){ "1000", 4 }));
	assert_true(layers_has(l, line));
	layers_free(&l);
	assert_null(l);
}

static void
probing(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(probe_directory(temp, 0, &why), 0);
	assert_int_equal(probe_directory("/nosuch", 0, &why), -1);
	assert_int_equal(why.kind, FAIL_SCAN);
	assert_non_null(strstr(why.text, "/nosuch"));
	fail_clear(&why);
	assert_int_equal(probe_directory(temp, (size_t)1 << 60, &why), -1);
	assert_non_null(strstr(why.text, "full"));
}

static void
watching(void **state)
{
	char path[128];
	FILE *f;
	int fd;

	(void)state;
	watch_reset();
	snprintf(path, sizeof path, "%s/file", temp);
	fd = open64(path, O_RDONLY);
	assert_int_equal(fd, -1);
	assert_int_equal(watch_error(), 0);
	fd = open64(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_int_equal(watch_error(), 0);
	assert_int_equal(mkdir(path, 0700), -1);
	assert_int_equal(watch_error(), EEXIST);
	watch_reset();
	assert_int_equal(open64("/nosuch/x", O_WRONLY | O_CREAT, 0600), -1);
	assert_int_equal(watch_error(), ENOENT);
	assert_int_equal(mkdir("/nosuch/x/y", 0700), -1);
	assert_int_equal(watch_error(), ENOENT);
	watch_reset();
	f = fopen64("/dev/full", "w");
	assert_non_null(f);
	fputs("x", f);
	assert_int_equal(fclose(f), EOF);
	assert_int_equal(watch_error(), ENOSPC);
	watch_reset();
	unlink(path);
}

static struct engine_settings
settings(void)
{
	return (struct engine_settings){
		.database = database, .temp_dir = temp, .max_scan_size = 10, .max_file_size = 1,
		.max_recursion = 20, .max_files = 100,
	};
}

static void
loading_fails(void **state)
{
	struct engine_settings s = settings();
	struct fail why = { 0 };

	(void)state;
	s.database = "/nosuch";
	assert_null(engine_load(&s, &why));
	assert_int_equal(why.kind, FAIL_SCAN);
	assert_non_null(strstr(why.text, "/nosuch"));
	assert_non_null(strstr(why.text, "freshclam"));
	fail_clear(&why);
	s.database = database;
	assert_null(engine_load(&s, &why));
	fail_clear(&why);
	put("t.ndb", "");
	assert_null(engine_load(&s, &why));
	fail_clear(&why);
	put("t.ndb", "Broken:0:*:xyz\n");
	assert_null(engine_load(&s, &why));
	assert_non_null(strstr(why.text, "broken"));
}

static void
scan_one(const char *temp_dir, struct bytes object, struct report *r)
{
	struct engine_settings s = settings();
	const struct scan_settings ss = { .temp_dir = temp_dir, .max_file_size = 1, .timeout = 10 };
	struct fail why = { 0 };
	struct cl_engine *e;
	struct scan *scan;

	put("t.ndb", "Test.Thing:0:*:6d61747465726f66666163743432\n");
	e = engine_load(&s, &why);
	assert_non_null(e);
	report_init(r);
	scan = scan_begin(e, &ss, object.len, r);
	scan_bytes(scan, object, "name.bin");
	scan_end(&scan);
	engine_free(&e);
	assert_null(e);
}

static void
scanning(void **state)
{
	static char large[(1 << 20) + 1];
	struct report r;

	(void)state;
	scan_one(temp, bytes_of("nothing in it"), &r);
	assert_int_equal(r.status, REPORT_CLEAN);
	assert_string_equal(r.lines[REPORT_SCAN_NAME].p, "name.bin\n");
	report_clear(&r);
	scan_one(temp, bytes_of("here: matteroffact42 there"), &r);
	assert_int_equal(r.status, REPORT_INFECTED);
	assert_string_equal(r.lines[REPORT_SCAN_VIRUS].p, "Test.Thing.UNOFFICIAL\n");
	assert_string_equal(r.lines[REPORT_SCAN_CLASS].p, "malware\n");
	assert_string_equal(r.lines[REPORT_SCAN_FINDING].p, "malware Test.Thing.UNOFFICIAL\n");
	report_clear(&r);
	scan_one(temp, (struct bytes){ large, sizeof large }, &r);
	assert_int_equal(r.status, REPORT_UNSCANNABLE);
	assert_string_equal(r.lines[REPORT_SCAN_CLASS].p, "limit\n");
	report_clear(&r);
	scan_one("/nosuch", bytes_of("here: matteroffact42 there"), &r);
	assert_int_equal(r.status, REPORT_ERROR);
	report_clear(&r);
}

static void
realname_fits_what_becomes_of_it(void **state)
{
	static const struct {
		const char *real, *shown;
		bool fits;
	} cases[] = {
		{ "gr\303\266\303\237e.zip", "grC6C_e.zip", true },
		{ "gr\303\266\303\237e.zip", "grv_e.zip", true },
		{ "gr\303\266\303\237e.zip", "rfc2231failure", true },
		{ "gr\303\266\303\237e.zip", "grv_e.exe", false },
		{ "gr\303\266\303\237e.zip", "gr.exe/e.zip", false },
		{ "\303\266.exe", "a.exe", true }, { "\303\266", "a.exe", false },
		{ "a\303\266b\303\266c", "axbybzc", true }, { "a\303\266b", "ab", true },
		{ "a\303\266b", "axc", false }, { "a \303\266", "a_x", true },
		{ "a.exe", "a.exe", true }, { "a.exe", "a.ex", false }, { "a.ex", "a.exe", false },
		{ "", "", true }, { "", "a", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (realname_fits(cases[i].real, cases[i].shown) != cases[i].fits)
			fail_msg("%s, %s", cases[i].real, cases[i].shown);
}

static void
realname_hides_none(void **state)
{
	static const struct {
		const char *shown[3], *real[3];
		const char *want;
	} cases[] = {
		{ { "xCx.zip" }, { "x\303\266x.zip" }, "x\303\266x.zip|x\303\266x.zip/in|" },
		/* the other one is called so */
		{ { "xCx.zip", "y" }, { "x\303\266x.zip", "xCx.zip" }, "xCx.zip|xCx.zip/in|y|y/in|" },
		/* two that look the same */
		{ { "xCx.zip", "xCx.zip" }, { "x\303\266x.zip", "x\303\274x.zip" },
		    "xCx.zip|xCx.zip/in|xCx.zip|xCx.zip/in|" },
		/* one that only libclamav knows */
		{ { "xCx.zip", "xCx.zip" }, { "x\303\266x.zip" },
		    "xCx.zip|xCx.zip/in|xCx.zip|xCx.zip/in|" },
		{ { "a.exe" }, { "\303\266.zip" }, "a.exe|a.exe/in|" },
		{ { "a.exe" }, { "b.exe" }, "a.exe|a.exe/in|" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		static const char *const content[] = { "one", "two", "three" };
		struct realname *r = realname_new();
		unsigned char digest[DIGEST_SIZE];
		struct report report;
		char line[80];

		report_init(&report);
		for (int k = 0; k < 3 && cases[i].shown[k]; k++) {
			assert_true(digest_both(bytes_of(content[k]), bytes_of("\n"), digest));
			realname_shown(r, digest, cases[i].shown[k]);
			report_add(&report, REPORT_SCAN_NAME, bytes_of(cases[i].shown[k]));
			snprintf(line, sizeof line, "%s/in", cases[i].shown[k]);
			report_add(&report, REPORT_SCAN_NAME, bytes_of(line));
		}
		for (int k = 0; k < 3 && cases[i].real[k]; k++)
			realname_part(r, bytes_of(content[k]), cases[i].real[k]);
		realname_apply(r, &report);
		for (char *p = report.lines[REPORT_SCAN_NAME].p; *p; p++)
			*p = *p == '\n' ? '|' : *p;
		assert_string_equal(report.lines[REPORT_SCAN_NAME].p, cases[i].want);
		report_clear(&report);
		realname_free(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes),
		cmocka_unit_test(names_once), cmocka_unit_test(realname_fits_what_becomes_of_it),
		cmocka_unit_test(realname_hides_none),
		cmocka_unit_test(trail_names), cmocka_unit_test(trail_keeps_ends),
		cmocka_unit_test(trail_tells_of_names_left_out),
		cmocka_unit_test(layers_of_a_message),
		cmocka_unit_test(probing),
		cmocka_unit_test(watching),
		cmocka_unit_test(loading_fails),
		cmocka_unit_test(scanning),
	};

	return cmocka_run_group_tests(tests, make_dirs, remove_dirs);
}
