/* layer: act */
/*
 * test-mh.c - MH folders: numbers.
 */
#include "act_bed.h"

#define MAIL BED_HEAD BED_BODY "\n"

static void
mh_numbers(void **state)
{
	static const struct { const char *make, *expect; } rows[] = {
		{ NULL, "mh/1" }, { NULL, "mh/2" }, { "mh/12", "mh/13" }, { "mh/0100", "mh/101" },
		{ "mh/200x", "mh/102" }, { "mh/,300", "mh/103" }, { "mh/-400", "mh/104" },
		{ "mh/99999999999999999999", "mh/105" },
	};
	struct act_result res;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].make)
			bed_write(rows[i].make, "x");
		bed_must("mh/.", &res);
		assert_string_equal(res.folder.p, rows[i].expect);
		bed_is(rows[i].expect, MAIL);
		assert_int_equal(bed_mode(rows[i].expect), 0600);
		buf_clear(&res.folder);
	}
	assert_int_equal(mkdir("mh/500", 0700), 0);
	bed_must("mh//.", &res);
	assert_string_equal(res.folder.p, "mh/501");
	buf_clear(&res.folder);
	/* No temporary file stays. */
	assert_int_equal(bed_entries("mh", NULL), 8 + 6 + 2);
}

static void
mh_concurrent(void **state)
{
	enum { PROCESSES = 8, EACH = 12 };
	pid_t pids[PROCESSES];
	struct act_result res;
	char path[32];

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		for (int j = 0; pids[i] == 0; j++) {
			if (j == EACH)
				_exit(0);
			bed_must("mh/.", &res);
			buf_clear(&res.folder);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(bed_status(pids[i]), 0);
	assert_int_equal(bed_entries("mh", NULL), PROCESSES * EACH);
	for (int i = 1; i <= PROCESSES * EACH; i++) {
		snprintf(path, sizeof path, "mh/%d", i);
		bed_is(path, MAIL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { BED_TEST(mh_numbers), BED_TEST(mh_concurrent) };

	return cmocka_run_group_tests(tests, bed_home_make, bed_home_remove);
}
