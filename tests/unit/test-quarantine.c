/* layer: act */
/*
 * test-quarantine.c - what is kept, how it is described, and whose directory it may be.
 */
#include "act_bed.h"

#include "act/quarantine.h"

static const struct quarantine_entry entry = { "q1", "\"a\\b\"@x\n\x01", "u@x", "d", "192.0.2.1",
	"infected", "Eicar \xc3\xa4 \xff \xed\xa0\x80 \xf0\x9f\x90\x9a \xe2\x82", NULL, "/rc:3" };

static int
store(const char *dir, char id[QUARANTINE_ID_SIZE], struct fail *why)
{
	fail_clear(why);
	return quarantine_store(dir, &entry, bytes_of("Subject: x\n\n"), bytes_of("body\n"), id, why);
}

static void
quarantine_keeps(void **state)
{
	char id[QUARANTINE_ID_SIZE], other[QUARANTINE_ID_SIZE], path[128];
	struct buf json = BUF_INIT;
	struct fail why = { 0 };
	mode_t mask = umask(0);

	(void)state;
	assert_int_equal(store("q", id, &why), 0);
	assert_int_equal(store("q/", other, &why), 0);
	umask(mask);
	assert_int_equal(bed_mode("q"), 0700);
	assert_int_equal(strlen(id), 32);
	assert_string_not_equal(id, other);
	snprintf(path, sizeof path, "q/%s.eml", id);
	bed_is(path, "Subject: x\n\nbody\n");
	assert_int_equal(bed_mode(path), 0600);
	snprintf(path, sizeof path, "q/%s.json", id);
	assert_int_equal(bed_mode(path), 0600);
	assert_int_equal(fd_read_file(path, 10000, &json), 0);
	assert_non_null(strstr(json.p, id));
	assert_non_null(strstr(json.p, "\"size\": 17"));
	assert_non_null(strstr(json.p, "\"sender\": \"\\\"a\\\\b\\\"@x\\u000a\\u0001\""));
	assert_non_null(strstr(json.p, "\"virus\": \"Eicar \xc3\xa4 \xef\xbf\xbd "
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xf0\x9f\x90\x9a \xef\xbf\xbd\xef\xbf\xbd\""));
	assert_non_null(strstr(json.p, "\"reason\": \"\""));
	assert_int_equal(bed_entries("q", NULL), 4);
	buf_clear(&json);
}

static void
quarantine_refuses(void **state)
{
	static const struct { const char *dir; mode_t mode; } rows[] = {
		{ "group", 0750 }, { "world", 0701 }, { "writable", 0720 },
	};
	char id[QUARANTINE_ID_SIZE];
	struct fail why = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(mkdir(rows[i].dir, 0700), 0);
		assert_int_equal(chmod(rows[i].dir, rows[i].mode), 0);
		assert_int_equal(store(rows[i].dir, id, &why), -1);
		assert_non_null(strstr(why.text, "mode 0700"));
		assert_int_equal(bed_entries(rows[i].dir, NULL), 0);
	}
	assert_int_equal(store("no/such", id, &why), -1);
	assert_int_equal(why.kind, FAIL_TEMP);
	bed_write("file", "");
	assert_int_equal(store("file", id, &why), -1);
	assert_int_equal(mkdir("readonly", 0500), 0);
	assert_int_equal(store("readonly", id, &why), -1);
	assert_int_equal(bed_entries("readonly", NULL), 0);
	if (bed_has_root) {
		assert_int_equal(mkdir("theirs", 0700), 0);
		assert_int_equal(seteuid(0), 0);
		assert_int_equal(store("theirs", id, &why), -1);
		assert_int_equal(seteuid(BED_NOBODY), 0);
		assert_non_null(strstr(why.text, "must belong to uid 0"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { BED_TEST(quarantine_keeps), BED_TEST(quarantine_refuses) };

	return cmocka_run_group_tests(tests, bed_home_make, bed_home_remove);
}
