/* layer: act */
/*
 * test-act.c - which action a folder's name means, /dev/null, programs and forwarding.
 */
#include "act_bed.h"

static void
act_by_name(void **state)
{
	static const struct { const char *name; const struct act *act; } rows[] = {
		{ "/dev/null", &act_null }, { "box", &act_mbox }, { "missing", &act_mbox },
		{ "dir", &act_directory }, { "dir/", &act_maildir }, { "dir///", &act_maildir },
		{ "dir/.", &act_mh }, { "missing/", &act_maildir }, { "missing/.", &act_mh },
		{ "box/", &act_mbox }, { "box/.", &act_mbox }, { "x.", &act_mbox }, { "", &act_mbox },
		{ ".", &act_directory }, { "..", &act_directory }, { "./", &act_maildir },
		{ "/", &act_maildir }, { "todir", &act_directory }, { "dangling", &act_mbox },
		{ "dev/null", &act_mbox }, { "/dev/full", &act_mbox },
	};

	(void)state;
	bed_write("box", "");
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(symlink("dir", "todir"), 0);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (act_for_folder(rows[i].name) != rows[i].act)
			fail_msg("%s is %s, not %s", rows[i].name,
			    act_for_folder(rows[i].name)->name, rows[i].act->name);
}

static void
act_nowhere(void **state)
{
	struct act_result res;

	(void)state;
	bed_must("/dev/null", &res);
	assert_string_equal(res.folder.p, "/dev/null");
	assert_int_equal(res.size, strlen(BED_HEAD BED_BODY));
	buf_clear(&res.folder);
}

static int
deliver(const struct act *act, const char *shell, const char *const *words, bool wait,
    struct act_result *res, struct fail *why)
{
	struct act_job job = bed_job;

	job.command = shell;
	job.words = words;
	job.wait = wait;
	*res = (struct act_result){ .folder = BUF_INIT };
	fail_clear(why);
	return act->deliver(&bed_env, &job, res, why);
}

static void
act_to_programs(void **state)
{
	static const char *const missing[] = { "/no/such/program", "x", NULL };
	static const char *const plain[] = { "tee", "out words", NULL };
	struct act_result res;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(deliver(&act_program, " cat >out; echo lost", NULL, true, &res, &why), 0);
	bed_is("out", BED_HEAD BED_BODY "\n");
	assert_string_equal(res.folder.p, " cat >out; echo lost");
	assert_int_equal(res.size, strlen(BED_HEAD BED_BODY "\n"));
	buf_clear(&res.folder);
	assert_int_equal(deliver(&act_program, NULL, plain, true, &res, &why), 0);
	bed_is("out words", BED_HEAD BED_BODY "\n");
	assert_string_equal(res.folder.p, "tee out words");
	buf_clear(&res.folder);
	assert_int_equal(deliver(&act_program, "exit 3", NULL, true, &res, &why), -1);
	assert_int_equal(res.status, 3);
	assert_int_equal(deliver(&act_program, "exit 3", NULL, false, &res, &why), 0);
	buf_clear(&res.folder);
	/* procmail says success here, and the message is nowhere. */
	assert_int_equal(deliver(&act_program, NULL, missing, false, &res, &why), -1);
	assert_non_null(strstr(why.text, "/no/such/program"));
}

/* Without w the status is not waited for; the program has its input all the same. */
static void
act_in_the_background(void **state)
{
	static const char *const words[] = { "sh", "-c", "cat >part; sleep 0.3; mv part out", NULL };
	struct act_result res;
	struct fail why = { 0 };
	struct stat st = { 0 };

	(void)state;
	assert_int_equal(deliver(&act_program, NULL, words, false, &res, &why), 0);
	bed_is_missing("out");
	buf_clear(&res.folder);
	for (int i = 0; i < 100 && stat("out", &st) < 0; i++)
		usleep(50000);
	bed_is("out", BED_HEAD BED_BODY "\n");
}

/* A shell says only by its exit status that there was no program to take the message. */
static void
act_notices_what_the_shell_missed(void **state)
{
	struct act_result res;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(deliver(&act_program, "no-such-program-here >out 2>/dev/null", NULL, false,
	    &res, &why), -1);
	assert_int_equal(why.kind, FAIL_TEMP);
	buf_clear(&res.folder);
	fail_clear(&why);
	assert_int_equal(deliver(&act_program, "cat >out; exit 3", NULL, false, &res, &why), 0);
	buf_clear(&res.folder);
}

static void
act_to_stdout(void **state)
{
	static const char *const none[] = { NULL };
	struct act_result res;
	struct fail why = { 0 };
	int saved = dup(1), fd = open("out", O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_int_equal(dup2(fd, 1), 1);
	assert_int_equal(deliver(&act_program, NULL, none, false, &res, &why), 0);
	assert_int_equal(dup2(saved, 1), 1);
	close(saved);
	close(fd);
	bed_is("out", BED_HEAD BED_BODY "\n");
	assert_string_equal(res.folder.p, "|");
	buf_clear(&res.folder);
}

static void
act_forwards(void **state)
{
	static const char *const two[] = { "a;b@x", "c d", NULL }, *const none[] = { NULL };
	static const char *const evil[] = { "a@x\nb", NULL };
	struct act_result res;
	struct fail why = { 0 };

	(void)state;
	bed_write("sm", "#!/bin/sh\nfor a; do echo \"<$a>\"; done >args\ncat >msg\nexit ${1#-x}\n");
	assert_int_equal(chmod("sm", 0700), 0);
	bed_settings.sendmail = "./sm";
	bed_settings.sendmailflags = "-x0  -f q";
	assert_int_equal(deliver(&act_forward, NULL, two, false, &res, &why), 0);
	bed_is("args", "<-x0>\n<-f>\n<q>\n<a;b@x>\n<c d>\n");
	bed_is("msg", "Subject: q\n\nbody\n\n");
	assert_string_equal(res.folder.p, "./sm -x0 -f q a;b@x c d");
	assert_int_equal(res.size, strlen("Subject: q\n\nbody\n\n"));
	buf_clear(&res.folder);
	assert_int_equal(deliver(&act_forward, NULL, none, true, &res, &why), 0);
	bed_is("args", "<-x0>\n<-f>\n<q>\n<>\n");
	buf_clear(&res.folder);
	assert_int_equal(deliver(&act_forward, NULL, evil, true, &res, &why), -1);
	assert_non_null(strstr(why.text, "control"));
	bed_settings.sendmailflags = "-x1";
	assert_int_equal(deliver(&act_forward, NULL, two, true, &res, &why), -1);
	/* It was not taken, whether the recipe asks or not. */
	assert_int_equal(deliver(&act_forward, NULL, two, false, &res, &why), -1);
	bed_settings.sendmailflags = "-x75";
	assert_int_equal(deliver(&act_forward, NULL, two, false, &res, &why), -1);
	bed_settings.sendmail = "/no/such/sendmail";
	assert_int_equal(deliver(&act_forward, NULL, two, false, &res, &why), -1);
	assert_int_equal(why.kind, FAIL_TEMP);
}

static int
no_commit(void *ctx, struct fail *why)
{
	(void)ctx;
	return fail_temp(why, "not now");
}

static void
act_asks_before_programs(void **state)
{
	static const char *const one[] = { "a@x", NULL };
	struct act_result res;
	struct fail why = { 0 };

	(void)state;
	bed_env.may_commit = no_commit;
	assert_int_equal(deliver(&act_program, "cat >out", NULL, true, &res, &why), -1);
	bed_is_missing("out");
	bed_settings.sendmail = "/bin/true";
	assert_int_equal(deliver(&act_forward, NULL, one, true, &res, &why), -1);
	assert_string_equal(why.text, "not now");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(act_by_name), BED_TEST(act_nowhere), BED_TEST(act_to_programs),
		BED_TEST(act_in_the_background), BED_TEST(act_to_stdout), BED_TEST(act_forwards),
		BED_TEST(act_asks_before_programs), BED_TEST(act_notices_what_the_shell_missed),
	};

	return cmocka_run_group_tests(tests, bed_home_make, bed_home_remove);
}
