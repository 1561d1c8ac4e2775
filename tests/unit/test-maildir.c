/* layer: act */
/*
 * test-maildir.c - maildirs: what is made, named, and left when delivery fails.
 */
#include "act_bed.h"

#include <sysexits.h>

#define MAIL "Subject: q\n\nbody\n"

static int
no_commit(void *ctx, struct fail *why)
{
	(void)ctx;
	return fail_temp(why, "not now");
}

static int
die(void *ctx, struct fail *why)
{
	(void)ctx;
	(void)why;
	kill(getpid(), SIGTERM);
	return 0;
}

static void
maildir_is_made(void **state)
{
	struct act_result res;
	char name[256], path[300];

	(void)state;
	bed_must("md///", &res);
	assert_int_equal(bed_entries("md", NULL), 3);
	assert_int_equal(bed_entries("md/tmp", NULL), 0);
	assert_int_equal(bed_entries("md/cur", NULL), 0);
	assert_int_equal(bed_entries("md/new", name), 1);
	assert_int_equal(bed_mode("md"), 0700);
	snprintf(path, sizeof path, "md/new/%s", name);
	assert_string_equal(res.folder.p, path);
	assert_int_equal(res.size, strlen(MAIL));
	bed_is(path, MAIL);
	assert_int_equal(bed_mode(path), 0600);
	assert_null(strchr(name, ':'));
	assert_non_null(strchr(name, 'M'));
	buf_clear(&res.folder);
	for (int i = 0; i < 100; i++) {
		bed_must("md/", &res);
		buf_clear(&res.folder);
	}
	assert_int_equal(bed_entries("md/new", NULL), 101);
}

static void
maildir_modes(void **state)
{
	struct act_result res;

	(void)state;
	umask(022);
	bed_must("md/", &res);
	assert_int_equal(bed_mode("md"), 0755);
	assert_int_equal(bed_mode("md/new"), 0755);
	assert_int_equal(bed_mode(res.folder.p), 0645);
	buf_clear(&res.folder);
}

static void
maildir_through_links(void **state)
{
	struct act_result res;

	(void)state;
	assert_int_equal(mkdir("md", 0700), 0);
	assert_int_equal(symlink("md", "lnk"), 0);
	bed_must("lnk/", &res);
	assert_int_equal(strncmp(res.folder.p, "lnk/new/", 8), 0);
	buf_clear(&res.folder);
	bed_must("./", &res);
	assert_int_equal(strncmp(res.folder.p, "./new/", 6), 0);
	buf_clear(&res.folder);
	assert_int_equal(bed_entries("md/new", NULL), 1);
	assert_int_equal(bed_entries("new", NULL), 1);
}

static void
maildir_refusals(void **state)
{
	(void)state;
	bed_must_not("no/md/", "No such file");
	assert_int_equal(mkdir("md", 0700), 0);
	bed_write("md/tmp", "");
	bed_must_not("md/", "not a directory of a maildir");
	assert_int_equal(mkdir("ro", 0500), 0);
	bed_must_not("ro/", "Permission denied");
	assert_int_equal(mkdir("spool", 0700), 0);
	assert_int_equal(chmod("spool", 01777), 0);
	assert_int_equal(mkdir("real", 0700), 0);
	assert_int_equal(symlink("../real", "spool/md"), 0);
	bed_must_not("spool/md/", "symbolic link");
	if (bed_has_root) {
		assert_int_equal(mkdir("spool/theirs", 0777), 0);
		assert_int_equal(seteuid(0), 0);
		assert_int_equal(chown("spool/theirs", 1, 1), 0);
		assert_int_equal(chmod("spool/theirs", 0777), 0);
		assert_int_equal(seteuid(BED_NOBODY), 0);
		bed_must_not("spool/theirs/", "belongs to uid 1");
	}
}

static void
maildir_leaves_nothing(void **state)
{
	pid_t pid;

	(void)state;
	bed_env.may_commit = no_commit;
	bed_must_not("md/", "not now");
	assert_int_equal(bed_entries("md/tmp", NULL), 0);
	assert_int_equal(bed_entries("md/new", NULL), 0);
	bed_env.may_commit = die;
	pid = fork();
	if (pid == 0) {
		struct act_result res;

		undo_on_signals();
		bed_must("md/", &res);
		_exit(0);
	}
	assert_int_equal(bed_status(pid), EX_TEMPFAIL);
	assert_int_equal(bed_entries("md/tmp", NULL), 0);
	assert_int_equal(bed_entries("md/new", NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(maildir_is_made), BED_TEST(maildir_modes), BED_TEST(maildir_through_links),
		BED_TEST(maildir_refusals), BED_TEST(maildir_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, bed_home_make, bed_home_remove);
}
