/* layer: core */
/*
 * test-conf.c - the configuration: defaults, each kind of error with file, line and remedy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "core/conf.h"

static char path[] = "/tmp/test-conf.XXXXXX";

static int
load(struct bytes text, struct conf *c, struct fail *why)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text.p, text.len), 0);
	close(fd);
	return conf_load(c, path, true, why);
}

static void
test_defaults(void **state)
{
	struct conf c;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(load(bytes_of(""), &c, &why), 0);
	assert_string_equal(c.database, "/var/lib/clamav");
	assert_int_equal(c.timeout, 1800);
	assert_int_equal(c.programs, CONF_PROGRAMS_ANY);
	assert_true(c.user_config);
	conf_clear(&c);
}

static void
test_settings(void **state)
{
	struct conf c;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(load(bytes_of("# comment\n\n database=/srv/sigs \r\nprograms = smrsh\n"
	    "timeout\t=\t60\nuser_config = no"), &c, &why), 0);
	assert_string_equal(c.database, "/srv/sigs");
	assert_int_equal(c.programs, CONF_PROGRAMS_SMRSH);
	assert_int_equal(c.timeout, 60);
	assert_false(c.user_config);
	conf_clear(&c);
}

static void
test_errors_name_line_and_remedy(void **state)
{
	static const struct {
		struct bytes text;
		const char *where, *remedy;
	} cases[] = {
		{ { "database /x\n", 12 }, ":1:", "key = value" },
		{ { "\ndatabse = /x\n", 14 }, ":2:", "perhaps \"database\"" },
		{ { "max_sesions = 9\n", 16 }, ":1:", "perhaps \"max_sessions\"" },
		{ { "blocklist_exmpt = special\n", 26 }, ":1:", "\"blocklist_exempt\"" },
		{ { "timeout = soon\n", 15 }, ":1:", "a number from 1 to 86400" },
		{ { "timeout = 0\n", 12 }, ":1:", "a number from 1" },
		{ { "programs = all\n", 15 }, ":1:", "any, smrsh or none" },
		{ { "reload = soon\n", 14 }, ":1:", "replace or stop" },
		{ { "database = here\n", 16 }, ":1:", "an absolute path" },
		{ { "pua = 1\n", 8 }, ":1:", "yes or no" },
		{ { "pua = no\n\0\n", 11 }, ":1:", "NUL" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct conf c;
		struct fail why = { 0 };

		assert_int_equal(load(cases[i].text, &c, &why), -1);
		assert_int_equal(why.kind, FAIL_TEMP);
		assert_non_null(strstr(why.text, path));
		assert_non_null(strstr(why.text, cases[i].where));
		assert_non_null(strstr(why.text, cases[i].remedy));
		conf_clear(&c);
	}
}

static void
test_of_nobody_else(void **state)
{
	struct conf c;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(chmod(path, 0646), 0);
	assert_int_equal(load(bytes_of("pua = yes\n"), &c, &why), -1);
	assert_int_equal(why.kind, FAIL_TEMP);
	assert_non_null(strstr(why.text, "world-writable"));
	conf_clear(&c);
	assert_int_equal(chmod(path, 0644), 0);
	if (geteuid() == 0) {
		fail_clear(&why);
		assert_int_equal(chown(path, 4711, 4711), 0);
		assert_int_equal(load(bytes_of("pua = yes\n"), &c, &why), -1);
		assert_non_null(strstr(why.text, "must belong to root"));
		conf_clear(&c);
		assert_int_equal(chown(path, 0, 0), 0);
	}
}

static void
test_missing_file(void **state)
{
	struct conf c;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(conf_load(&c, "/nonexistent/bivalve.conf", false, &why), 0);
	conf_clear(&c);
	assert_int_equal(conf_load(&c, "/nonexistent/bivalve.conf", true, &why), -1);
	conf_clear(&c);
}

static void
test_random_bytes(void **state)
{
	(void)state;
	srandom(4711);
	for (int i = 0; i < 2000; i++) {
		char text[200];
		struct conf c;
		struct fail why = { 0 };
		size_t len = (size_t)(random() % (long)sizeof text);

		for (size_t k = 0; k < len; k++)
			text[k] = (char)(random() % 3 ? random() & 0xff : "=\n# a1"[random() % 6]);
		load((struct bytes){ text, len }, &c, &why);
		assert_true(why.kind == FAIL_NONE || why.kind == FAIL_TEMP);
		conf_clear(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_errors_name_line_and_remedy),
		cmocka_unit_test(test_of_nobody_else),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_random_bytes),
	};
	int fd = mkstemp(path), rc;

	if (fd < 0)
		return 1;
	close(fd);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return rc;
}
