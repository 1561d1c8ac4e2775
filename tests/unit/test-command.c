/* layer: act */
/*
 * test-command.c - starting, feeding, timing and ending programs.
 */
#include "act_bed.h"

#include <time.h>

#include "act/command.h"
#include "base/mem.h"

#define LARGE (3u << 20)

static struct command_result result;
static struct fail why;

static int
run(const char *shell, const char *const *argv, struct bytes input, struct buf *out)
{
	struct command cmd = { .shell = shell, .argv = argv, .in = { input }, .out_fd = -1,
		.wait = true };

	fail_clear(&why);
	if (out)
		buf_cut(out, 0);
	return out ? command_capture(&bed_env, &cmd, LARGE + 10, out, &result, &why)
	    : command_run(&bed_env, &cmd, &result, &why);
}

static void
command_results(void **state)
{
	static const struct {
		const char *shell, *input, *out;
		int rc;
		enum command_end end;
		int status;
	} rows[] = {
		{ "cat", "hello", "hello", 0, COMMAND_EXITED, 0 },
		{ "cat", "", "", 0, COMMAND_EXITED, 0 },
		{ "echo $GREETING; cat", "x", "hello\nx", 0, COMMAND_EXITED, 0 },
		{ "exit 7", "small and unread", "", -1, COMMAND_EXITED, 7 },
		{ "kill -9 $$", "", "", -1, COMMAND_SIGNALLED, 128 + SIGKILL },
		{ "true", "small and unread", "", 0, COMMAND_EXITED, 0 },
		{ "no-such-program-here 2>/dev/null", "", "", -1, COMMAND_EXITED, 127 },
		/* Nothing open but 0, 1, 2 (and what ls itself opens), and no signal ignored but the
		 * two that libc has for itself. */
		{ "ls /proc/self/fd | wc -l", "", "4\n", 0, COMMAND_EXITED, 0 },
		{ "grep -c '^SigIgn:.*0000000$' /proc/self/status", "", "1\n", 0, COMMAND_EXITED, 0 },
	};
	struct buf out = BUF_INIT;
	int leak = open("/dev/null", O_RDONLY);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int rc = run(rows[i].shell, NULL, bytes_of(rows[i].input), &out);

		if (rc != rows[i].rc)
			fail_msg("%s: %d, %s", rows[i].shell, rc, why.text);
		assert_int_equal(result.end, rows[i].end);
		assert_int_equal(result.status, rows[i].status);
		assert_string_equal(out.p, rows[i].out);
		assert_false(result.input_unread);
	}
	close(leak);
	buf_clear(&out);
}

static void
command_argv(void **state)
{
	static const char *const words[] = { "printf", "<%s>", "a b", "$HOME", "", NULL };
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(run(NULL, words, bytes_of(""), &out), 0);
	assert_string_equal(out.p, "<a b><$HOME><>");
	buf_clear(&out);
}

static void
command_not_executable(void **state)
{
	static const char *const script[] = { "./script", "a b", NULL };
	static const char *const binary[] = { "./binary", NULL };
	static const char *const missing[] = { "/no/such", NULL }, *const empty[] = { "", NULL };
	static const char *const nowhere[] = { "no-such-program-here", NULL };
	static const char *const dir[] = { "/tmp", NULL };
	const char *const *const refused[] = { binary, missing, empty, nowhere, dir };
	struct buf out = BUF_INIT;
	int fd;

	(void)state;
	bed_write("script", "echo \"$1.\"\n");
	assert_int_equal(run(NULL, script, bytes_of(""), &out), 0);
	assert_string_equal(out.p, "a b.\n");
	/* Executable, but for the kernel it has no format. */
	assert_int_equal(chmod("script", 0700), 0);
	assert_int_equal(run(NULL, script, bytes_of(""), &out), 0);
	assert_string_equal(out.p, "a b.\n");
	fd = open("binary", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(fd_write_all(fd, "\177ELF\0\0\0", 7), 0);
	close(fd);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		assert_int_equal(run(NULL, refused[i], bytes_of("x"), NULL), -1);
		assert_int_equal(result.end, COMMAND_NOT_STARTED);
		assert_int_equal(result.status, 127);
		assert_int_equal(why.kind, FAIL_TEMP);
	}
	buf_clear(&out);
}

/* Both pipes fill up, in either order. */
static void
command_large(void **state)
{
	struct buf out = BUF_INIT;
	char *p = mem_zero(LARGE);

	(void)state;
	memset(p, 'x', LARGE);
	assert_int_equal(run("cat", NULL, (struct bytes){ p, LARGE }, &out), 0);
	assert_int_equal(out.len, LARGE);
	assert_int_equal(run("head -c 1000000 /dev/zero; wc -c", NULL,
	    (struct bytes){ p, LARGE }, &out), 0);
	assert_string_equal(out.p + 1000000, "3145728\n");
	assert_int_equal(run("exit 0", NULL, (struct bytes){ p, LARGE }, &out), -1);
	assert_true(result.input_unread);
	assert_int_equal(result.end, COMMAND_EXITED);
	assert_non_null(strstr(why.text, "did not read"));
	assert_int_equal(run("yes", NULL, bytes_of(""), &out), -1);
	assert_non_null(strstr(why.text, "more than"));
	free(p);
	buf_clear(&out);
}

static void
command_flags(void **state)
{
	char *p = mem_zero(LARGE);
	struct command cmd = { .shell = "exit 3", .in = { { p, LARGE } }, .out_fd = -1 };

	(void)state;
	fail_clear(&why);
	assert_int_equal(command_run(&bed_env, &cmd, &result, &why), -1);
	fail_clear(&why);
	cmd.ignore_write_errors = true;
	assert_int_equal(command_run(&bed_env, &cmd, &result, &why), 0);
	assert_int_equal(result.status, 3);
	cmd.wait = true;
	assert_int_equal(command_run(&bed_env, &cmd, &result, &why), -1);
	assert_non_null(strstr(why.text, "(3)"));
	free(p);
}

/* TERM for all of the group, KILL for what stays; what was said until then is there. */
static void
command_times_out(void **state)
{
	static const struct { const char *shell; int limit; } rows[] = {
		{ "echo said; sleep 60; echo more", 3 },
		{ "echo said; (sleep 60; touch alive) & wait", 3 },
		{ "trap '' TERM; echo said; sleep 60; sleep 60", 8 },
		{ "echo said; sleep 60 >/dev/null", 3 },
	};
	struct buf out = BUF_INIT;

	(void)state;
	bed_settings.timeout = 1;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		time_t begin = time(NULL);

		assert_int_equal(run(rows[i].shell, NULL, bytes_of("x"), &out), -1);
		assert_int_equal(result.end, COMMAND_TIMED_OUT);
		assert_string_equal(out.p, "said\n");
		assert_in_range(time(NULL) - begin, 1, rows[i].limit);
		assert_non_null(strstr(why.text, "TIMEOUT"));
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	buf_clear(&out);
}

static void
command_policies(void **state)
{
	static const char *const words[] = { "vacation", "it's", "-a", NULL };
	static const char *const bad[] = { "vacation", "a;b", NULL };
	static const struct { const char *shell; const char *const *argv; const char *expect; }
	    rows[] = {
		{ " vacation -a x && echo y", NULL, "<-c><vacation -a x && echo y>" },
		{ NULL, words, "<-c><vacation 'it'\\''s' -a>" },
		{ "a; b", NULL, NULL }, { "a `b`", NULL, NULL }, { "a | b", NULL, NULL },
		{ "a & b", NULL, NULL }, { "a >b", NULL, NULL }, { "a $(b)", NULL, NULL },
		{ "a\nb", NULL, NULL }, { NULL, bad, NULL },
	};
	struct buf out = BUF_INIT;

	(void)state;
	bed_write("smrsh", "#!/bin/sh\nfor a; do printf '<%s>' \"$a\"; done\n");
	assert_int_equal(chmod("smrsh", 0700), 0);
	bed_env.programs = ACT_PROGRAMS_SMRSH;
	bed_env.smrsh = "./smrsh";
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int rc = run(rows[i].shell, rows[i].argv, bytes_of(""), &out);

		assert_int_equal(rc, rows[i].expect ? 0 : -1);
		if (rows[i].expect)
			assert_string_equal(out.p, rows[i].expect);
		else
			assert_int_equal(result.end, COMMAND_NOT_STARTED);
	}
	bed_env.programs = ACT_PROGRAMS_NONE;
	assert_int_equal(run("true", NULL, bytes_of(""), NULL), -1);
	assert_non_null(strstr(why.text, "programs = none"));
	assert_int_equal(result.end, COMMAND_NOT_STARTED);
	buf_clear(&out);
}

static void
command_never_as_root(void **state)
{
	(void)state;
	if (!bed_has_root)
		skip();
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(run("touch made", NULL, bytes_of(""), NULL), -1);
	assert_int_equal(seteuid(BED_NOBODY), 0);
	assert_int_equal(result.end, COMMAND_NOT_STARTED);
	bed_is_missing("made");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(command_results), BED_TEST(command_argv), BED_TEST(command_not_executable),
		BED_TEST(command_large), BED_TEST(command_flags), BED_TEST(command_times_out),
		BED_TEST(command_policies), BED_TEST(command_never_as_root),
	};

	return cmocka_run_group_tests(tests, bed_home_make, bed_home_remove);
}
