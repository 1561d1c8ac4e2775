/* layer: act */
/*
 * test-directory.c - plain directories, and several folders at once.
 */
#include "act_bed.h"

#define MAIL BED_HEAD BED_BODY "\n"

static int
links_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (int)st.st_nlink;
}

static void
directory_file(void **state)
{
	struct act_result res;

	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	bed_must("d", &res);
	assert_int_equal(strncmp(res.folder.p, "d/msg.", 6), 0);
	bed_is(res.folder.p, MAIL);
	assert_int_equal(bed_mode(res.folder.p), 0600);
	buf_clear(&res.folder);
	bed_settings.msgprefix = "mail_";
	bed_must(".", &res);
	assert_int_equal(strncmp(res.folder.p, "./mail_", 7), 0);
	buf_clear(&res.folder);
	bed_settings.msgprefix = "../mail_";
	bed_must_not("d", "Invalid argument");
	bed_settings.msgprefix = "msg.";
	assert_int_equal(bed_entries("d", NULL), 1);
}

static void
directory_shows_new_mail(void **state)
{
	struct act_result res;

	(void)state;
	umask(022);
	assert_int_equal(mkdir("d", 0700), 0);
	bed_must("d", &res);
	assert_int_equal(bed_mode("d"), 0701);
	assert_int_equal(bed_mode(res.folder.p), 0645);
	buf_clear(&res.folder);
}

static void
directory_several(void **state)
{
	static const struct { const char *a, *b, *c; int links; const char *starts[3]; } rows[] = {
		{ "d", "md/", "mh/.", 3, { "d/msg.", "md/new/", "mh/1" } },
		{ "mh/.", "d", "made", 3, { "mh/2", "d/msg.", "made/msg." } },
		{ "d", "file", "mh/.", 2, { "d/msg.", "mh/3", NULL } },
		{ "d", "no/such/", "no/such", 1, { "d/msg.", NULL, NULL } },
		{ "d", "readonly", NULL, 1, { "d/msg.", NULL, NULL } },
		{ "d", "d", NULL, 1, { "d/msg.", "d/msg.", NULL } },
		{ "mh/.", "mh/.", NULL, 2, { "mh/4", "mh/5", NULL } },
	};

	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(mkdir("readonly", 0500), 0);
	bed_write("file", "x\n");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct act_result res;
		struct fail why = { 0 };
		char *word, *rest;

		assert_int_equal(bed_deliver(&bed_job, &res, &why, rows[i].a, rows[i].b, rows[i].c),
		    0);
		rest = res.folder.p;
		for (int k = 0; k < 3; k++) {
			word = strsep(&rest, " ");
			if (!rows[i].starts[k]) {
				assert_null(word);
				continue;
			}
			assert_non_null(word);
			assert_int_equal(strncmp(word, rows[i].starts[k],
			    strlen(rows[i].starts[k])), 0);
			bed_is(word, MAIL);
			assert_int_equal(links_of(word), rows[i].links);
		}
		buf_clear(&res.folder);
	}
	bed_is("file", "x\n");
}

/* A second file system gets a copy. */
static void
directory_elsewhere(void **state)
{
	char other[] = "/dev/shm/test-act-XXXXXX", path[64];
	struct stat here, there;
	struct act_result res;
	struct fail why = { 0 };
	char name[256];

	(void)state;
	if (!mkdtemp(other))
		skip();
	assert_int_equal(stat(".", &here), 0);
	assert_int_equal(stat(other, &there), 0);
	if (here.st_dev == there.st_dev) {
		rmdir(other);
		skip();
	}
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(bed_deliver(&bed_job, &res, &why, "d", other, NULL), 0);
	assert_non_null(strstr(res.folder.p, other));
	buf_clear(&res.folder);
	assert_int_equal(bed_entries(other, name), 1);
	snprintf(path, sizeof path, "%s/%.20s", other, name);
	bed_is(path, MAIL);
	unlink(path);
	rmdir(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(directory_file), BED_TEST(directory_shows_new_mail),
		BED_TEST(directory_several), BED_TEST(directory_elsewhere),
	};

	return cmocka_run_group_tests(tests, bed_home_make, bed_home_remove);
}
