/* layer: act */
/*
 * test-mbox.c - appending: what arrives, what is refused, and what is left when it goes wrong.
 */
#include "act_bed.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "act/lock.h"
#include "base/str.h"

#define WHOLE BED_HEAD BED_BODY "\n"
#define OLD "From old@b Mon Jan  1 00:00:00 2001\nSubject: old\n\nold\n\n"

static void
mbox_makes_and_appends(void **state)
{
	struct act_result res;

	(void)state;
	bed_must("box", &res);
	bed_is("box", WHOLE);
	assert_string_equal(res.folder.p, "box");
	assert_int_equal(res.size, strlen(WHOLE));
	assert_int_equal(bed_mode("box"), 0600);
	buf_clear(&res.folder);
	bed_must("box/", &res);
	bed_is("box", WHOLE WHOLE);
	assert_string_equal(res.folder.p, "box");
	buf_clear(&res.folder);
	bed_is_missing("box.lock");
}

static void
mbox_modes(void **state)
{
	struct act_result res;

	(void)state;
	bed_write("box", OLD);
	assert_int_equal(chmod("box", 0640), 0);
	bed_must("box", &res);
	buf_clear(&res.folder);
	assert_int_equal(bed_mode("box"), 0640);
	umask(022);
	bed_must("box", &res);
	buf_clear(&res.folder);
	assert_int_equal(bed_mode("box"), 0641);
	bed_must("new", &res);
	buf_clear(&res.folder);
	assert_int_equal(bed_mode("new"), 0645);
}

/* Shells and readers tell new mail by the two times. */
static void
mbox_looks_unread(void **state)
{
	struct act_result res;
	struct stat st;

	(void)state;
	bed_must("box", &res);
	buf_clear(&res.folder);
	assert_int_equal(stat("box", &st), 0);
	assert_true(st.st_atim.tv_sec < st.st_mtim.tv_sec
	    || (st.st_atim.tv_sec == st.st_mtim.tv_sec
	    && st.st_atim.tv_nsec < st.st_mtim.tv_nsec));
}

static void
mbox_mends_a_torn_end(void **state)
{
	struct act_job raw = bed_job;
	struct act_result res;
	struct fail why = { 0 };

	(void)state;
	bed_write("box", OLD "From x Mon Jan  1 00:00:00 2001\nSubj");
	bed_must("box", &res);
	buf_clear(&res.folder);
	bed_is("box", OLD "From x Mon Jan  1 00:00:00 2001\nSubj\n\n" WHOLE);
	raw.raw = true;
	bed_write("raw", "x");
	assert_int_equal(bed_deliver(&raw, &res, &why, "raw", NULL, NULL), 0);
	buf_clear(&res.folder);
	bed_is("raw", "x" BED_HEAD BED_BODY);
}

static int
no_commit(void *ctx, struct fail *why)
{
	return fail_temp(why, "the MTA is gone%s", ctx ? "" : " indeed");
}

static int
die_of(void *ctx, struct fail *why)
{
	(void)why;
	kill(getpid(), *(int *)ctx);
	return 0;
}

static void
mbox_takes_back(void **state)
{
	struct rlimit old, small = { 200, RLIM_INFINITY };

	(void)state;
	bed_write("box", OLD);
	bed_env.may_commit = no_commit;
	bed_must_not("box", "the MTA is gone indeed");
	bed_is("box", OLD);
	bed_must_not("new", "the MTA is gone indeed");
	bed_is_missing("new");
	bed_env.may_commit = NULL;
	/* A full disk, as far as the process can tell: 200 bytes, and no more. */
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	bed_write("full", OLD OLD OLD);
	small.rlim_cur = 3 * strlen(OLD) + 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	bed_must_not("full", "File too large");
	small.rlim_cur = 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	bed_must_not("new", "File too large");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	bed_is("full", OLD OLD OLD);
	bed_is_missing("new");
	bed_is_missing("new.lock");
	bed_must_not("/dev/full", "No space left on device");
}

/* Runs in a file system of 64 KB of its own. */
static int
on_a_full_disk(void)
{
	static char text[200000];
	struct act_job job = bed_job;
	struct act_result res;
	struct fail why = { 0 };

	memset(text, 'x', sizeof text);
	job.body = (struct bytes){ text, sizeof text };
	bed_must("disk/box", &res);
	bed_must("disk/md/", &res);
	assert_int_equal(bed_deliver(&job, &res, &why, "disk/box", NULL, NULL), -1);
	assert_int_equal(why.err, ENOSPC);
	assert_int_equal(bed_deliver(&job, &res, &why, "disk/new", NULL, NULL), -1);
	assert_int_equal(bed_deliver(&job, &res, &why, "disk/md/", NULL, NULL), -1);
	assert_int_equal(why.err, ENOSPC);
	bed_is("disk/box", WHOLE);
	assert_int_equal(bed_entries("disk/md/tmp", NULL), 0);
	assert_int_equal(bed_entries("disk/md/new", NULL), 1);
	assert_int_equal(bed_entries("disk", NULL), 2);
	/* There is room again for what fits. */
	bed_must("disk/box", &res);
	bed_is("disk/box", WHOLE WHOLE);
	return 0;
}

static void
mbox_on_a_full_disk(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	if (!bed_has_root)
		skip();
	assert_int_equal(mkdir("disk", 0700), 0);
	pid = fork();
	if (pid == 0) {
		if (seteuid(0) < 0 || unshare(CLONE_NEWNS) < 0
		    || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0
		    || mount("none", "disk", "tmpfs", 0, "size=64k,uid=65534,mode=700") < 0
		    || seteuid(BED_NOBODY) < 0)
			_exit(99);
		_exit(on_a_full_disk());
	}
	status = bed_status(pid);
	if (status == 99)
		skip();
	assert_int_equal(status, 0);
}

/* TERM in the last moment leaves nothing, KILL a stale lock that stops nobody. */
static void
mbox_is_killed(void **state)
{
	static const struct { int sig, status; } rows[] = {
		{ SIGTERM, EX_TEMPFAIL }, { SIGALRM, EX_TEMPFAIL }, { SIGKILL, 128 + SIGKILL },
	};
	struct act_result res;

	(void)state;
	bed_write("box", OLD);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			undo_on_signals();
			bed_env.may_commit = die_of;
			bed_env.ctx = (void *)(size_t)&rows[i].sig;
			bed_must("box", &res);
			_exit(0);
		}
		assert_int_equal(bed_status(pid), rows[i].status);
		if (rows[i].sig != SIGKILL) {
			bed_is("box", OLD);
			bed_is_missing("box.lock");
		}
	}
	bed_settings.locktimeout = 1000;
	bed_must("box", &res);
	buf_clear(&res.folder);
	bed_is("box", OLD WHOLE WHOLE);
	bed_is_missing("box.lock");
}

/* Eight processes, thirteen large messages each: every one whole. */
static void
mbox_concurrent(void **state)
{
	enum { PROCESSES = 8, EACH = 13, LINES = 2000 };
	pid_t pids[PROCESSES];
	int seen[PROCESSES][EACH] = { { 0 } };
	struct buf box = BUF_INIT;
	struct bytes rest, line;
	int p = -1, k = -1, lines = LINES;

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		for (int j = 0; pids[i] == 0 && j < EACH; j++) {
			struct buf head = BUF_INIT, body = BUF_INIT;
			struct act_job job = bed_job;
			struct act_result res;
			struct fail why = { 0 };

			buf_printf(&head, "From m%d-%d now\n\n", i, j);
			for (int l = 0; l < LINES; l++)
				buf_printf(&body, "%d-%d\n", i, j);
			job.head = buf_view(&head);
			job.body = buf_view(&body);
			if (bed_deliver(&job, &res, &why, "box", NULL, NULL) < 0) {
				fprintf(stderr, "%s\n", why.text);
				_exit(1);
			}
			buf_clear(&head);
			buf_clear(&body);
			buf_clear(&res.folder);
			if (j == EACH - 1)
				_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(bed_status(pids[i]), 0);
	assert_int_equal(fd_read_file("box", 64u << 20, &box), 0);
	rest = buf_view(&box);
	while (bytes_line(&rest, &line)) {
		char text[64];
		int a, b;

		if (line.len == 0)
			continue;
		assert_true(line.len < sizeof text);
		snprintf(text, sizeof text, "%.*s", (int)line.len, line.p);
		if (sscanf(text, "From m%d-%d", &a, &b) == 2) {
			assert_int_equal(lines, LINES);
			p = a;
			k = b;
			lines = 0;
			assert_int_equal(seen[p][k]++, 0);
			continue;
		}
		assert_int_equal(sscanf(text, "%d-%d", &a, &b), 2);
		assert_true(a == p && b == k);
		lines++;
	}
	assert_int_equal(lines, LINES);
	for (int i = 0; i < PROCESSES * EACH; i++)
		assert_int_equal(seen[i / EACH][i % EACH], 1);
	buf_clear(&box);
}

/* A child that holds a lock until it is killed; ready when a byte comes. */
static pid_t
holder(int (*hold)(void))
{
	int fd[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		if (hold() < 0 || write(fd[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(fd[1]);
	assert_int_equal(read(fd[0], &c, 1), 1);
	close(fd[0]);
	return pid;
}

static int
hold_record(void)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(open("box", O_RDWR), F_SETLK, &whole);
}

static int
hold_dot(void)
{
	struct fail why = { 0 };

	return lock_take("box.lock", &bed_settings, &why) ? 0 : -1;
}

static void
mbox_waits_for_others(void **state)
{
	int (*const holds[])(void) = { hold_record, hold_dot };
	struct act_result res;

	(void)state;
	bed_write("box", OLD);
	for (size_t i = 0; i < 2; i++) {
		pid_t pid = holder(holds[i]);

		bed_settings.locktimeout = 1;
		bed_must_not("box", "stays locked");
		bed_is("box", OLD);
		kill(pid, SIGKILL);
		bed_status(pid);
	}
	bed_settings.locktimeout = 1000;
	bed_must("box", &res);
	buf_clear(&res.folder);
	bed_is_missing("box.lock");
}

static void
mbox_lock_of_our_own(void **state)
{
	struct act_result res;
	struct fail why = { 0 };
	struct lock *l;

	(void)state;
	l = lock_take("box.lock", &bed_settings, &why);
	assert_non_null(l);
	bed_must("./box", &res);
	buf_clear(&res.folder);
	bed_is("box.lock", "0");
	lock_drop(&l);
	bed_is_missing("box.lock");
}

/* In the user's own directory links are his business. */
static void
mbox_links_at_home(void **state)
{
	struct act_result res;

	(void)state;
	bed_write("real", OLD);
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_int_equal(symlink("sub/hop", "link"), 0);
	assert_int_equal(symlink("../real", "sub/hop"), 0);
	bed_must("link", &res);
	assert_string_equal(res.folder.p, "link");
	buf_clear(&res.folder);
	bed_is("real", OLD WHOLE);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	bed_must("dangling", &res);
	buf_clear(&res.folder);
	bed_is("nowhere", WHOLE);
	assert_int_equal(symlink("loop", "loop"), 0);
	bed_must_not("loop", "symbolic link");
	assert_int_equal(link("real", "second"), 0);
	bed_must("second", &res);
	buf_clear(&res.folder);
	bed_is("real", OLD WHOLE WHOLE);
	assert_int_equal(symlink("/dev/null", "null"), 0);
	bed_must("null", &res);
	buf_clear(&res.folder);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	bed_must_not("fifo", "not a regular file");
}

/* Where others may write, what is there may be a trap. */
static void
mbox_traps_in_the_spool(void **state)
{
	struct act_result res;

	(void)state;
	bed_write("real", OLD);
	assert_int_equal(mkdir("spool", 0700), 0);
	assert_int_equal(chmod("spool", 01777), 0);
	assert_int_equal(symlink("../real", "spool/link"), 0);
	bed_must_not("spool/link", "symbolic link in a directory that others may write to");
	assert_int_equal(link("real", "spool/hard"), 0);
	bed_must_not("spool/hard", "hard links");
	assert_int_equal(mkfifo("spool/fifo", 0600), 0);
	bed_must_not("spool/fifo", "not a regular file");
	/* A link at home into the spool does not help. */
	assert_int_equal(symlink("spool/hard", "way"), 0);
	bed_must_not("way", "hard links");
	bed_is("real", OLD);
	bed_must("spool/mine", &res);
	buf_clear(&res.folder);
	bed_is("spool/mine", WHOLE);
	assert_int_equal(chmod("spool", 0770), 0);
	bed_must_not("spool/link", "symbolic link");
	bed_must_not("spool/hard", "hard links");
}

static void
mbox_of_a_stranger(void **state)
{
	struct act_result res;

	(void)state;
	if (!bed_has_root)
		skip();
	assert_int_equal(mkdir("spool", 0700), 0);
	assert_int_equal(chmod("spool", 01777), 0);
	bed_write("spool/box", OLD);
	assert_int_equal(chmod("spool/box", 0666), 0);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(chown("spool/box", 1, 1), 0);
	assert_int_equal(mkdir("var", 0755), 0);
	assert_int_equal(chown("var", 0, 8), 0);
	assert_int_equal(chmod("var", 02775), 0);
	bed_write("var/nobody", OLD);
	assert_int_equal(chown("var/nobody", BED_NOBODY, 8), 0);
	assert_int_equal(seteuid(BED_NOBODY), 0);
	bed_must_not("spool/box", "belongs to uid 1, not to uid 65534");
	/* A lock that a stranger put there stops nobody's mail. */
	bed_write("spool/mine.lock", "1\n");
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(chown("spool/mine.lock", 1, 1), 0);
	assert_int_equal(seteuid(BED_NOBODY), 0);
	bed_must("spool/mine", &res);
	buf_clear(&res.folder);
	/* A system mailbox: no name.lock can be made, fcntl alone guards it. */
	bed_must("var/nobody", &res);
	buf_clear(&res.folder);
	bed_is("var/nobody", OLD WHOLE);
	bed_must_not("var/other", "Permission denied");
	assert_int_equal(chmod("var/nobody", 0400), 0);
	bed_must_not("var/nobody", "Permission denied");
}

static void
mbox_confined(void **state)
{
	struct act_result res;
	char here[PATH_MAX];

	(void)state;
	assert_int_equal(mkdir("home", 0700), 0);
	assert_int_equal(mkdir("homely", 0700), 0);
	assert_int_equal(symlink("..", "home/up"), 0);
	assert_int_equal(symlink("../out", "home/link"), 0);
	assert_non_null(getcwd(here, sizeof here - 8));
	memcpy(here + strlen(here), "/home", 6);
	bed_env.confine = here;
	bed_must_not("box", "lies outside");
	bed_must_not("homely/box", "lies outside");
	bed_must_not("home/../box", "lies outside");
	bed_must_not("home/up/box", "lies outside");
	bed_must_not("home/link", "lies outside");
	bed_must_not("home/up/md/", "lies outside");
	bed_must("home/box", &res);
	buf_clear(&res.folder);
	bed_must("home/md/", &res);
	buf_clear(&res.folder);
	bed_is("home/box", WHOLE);
}

static void
mbox_refusals(void **state)
{
	(void)state;
	bed_must_not("", "without a name");
	bed_must_not("no/such/box", "No such file");
	bed_write("file", "x\n");
	bed_must_not("file/box", "Not a directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(mbox_makes_and_appends), BED_TEST(mbox_modes), BED_TEST(mbox_looks_unread),
		BED_TEST(mbox_mends_a_torn_end), BED_TEST(mbox_takes_back),
		BED_TEST(mbox_on_a_full_disk), BED_TEST(mbox_is_killed),
		BED_TEST(mbox_concurrent), BED_TEST(mbox_waits_for_others),
		BED_TEST(mbox_lock_of_our_own), BED_TEST(mbox_links_at_home),
		BED_TEST(mbox_traps_in_the_spool), BED_TEST(mbox_of_a_stranger),
		BED_TEST(mbox_confined), BED_TEST(mbox_refusals),
	};

	return cmocka_run_group_tests(tests, bed_home_make, bed_home_remove);
}
