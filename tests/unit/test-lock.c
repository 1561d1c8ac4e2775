/* layer: act */
/*
 * test-lock.c - lockfiles: taken by one, broken when their maker is gone, never somebody else's.
 */
#include "act_bed.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <sysexits.h>
#include <time.h>

#include "act/lock.h"
#include "nameless.h"

/* Stand before the library's, too. A file system without links; where the answer to the next link is
 * lost; where so many removals fail. */
static bool no_links, lost_link;
static int failing_unlinks;

int
linkat(int from, const char *path, int to, const char *name, int flags)
{
	int rc = no_links ? -1 : (int)syscall(SYS_linkat, from, path, to, name, flags);

	if (rc < 0 && no_links)
		errno = EPERM;
	if (rc < 0 || !lost_link)
		return rc;
	lost_link = false;
	errno = EIO;
	return -1;
}

int
unlinkat(int dir, const char *path, int flags)
{
	if (failing_unlinks-- <= 0)
		return (int)syscall(SYS_unlinkat, dir, path, flags);
	errno = EIO;
	return -1;
}

static struct lock *
must_take(const char *path)
{
	struct fail why = { 0 };
	struct lock *l = lock_take(path, &bed_settings, &why);

	if (!l)
		fail_msg("%s", why.text);
	return l;
}

static void
must_be_held(const char *path)
{
	struct fail why = { 0 };

	assert_null(lock_try(path, &bed_settings, &why));
	assert_int_equal(why.err, EEXIST);
	assert_int_equal(why.kind, FAIL_TEMP);
}

static void
set_age(const char *path, long seconds)
{
	struct timeval tv[2] = { { time(NULL) - seconds, 0 }, { time(NULL) - seconds, 0 } };

	assert_int_equal(utimes(path, tv), 0);
}

static void
lock_form(void **state)
{
	struct lock *l = must_take("x.lock");

	(void)state;
	bed_is("x.lock", "0");
	assert_int_equal(bed_mode("x.lock"), 0400);
	lock_drop(&l);
	assert_null(l);
	bed_is_missing("x.lock");
	lock_drop(&l);
}

/* Names in the directory at hand, "." and ".." left aside. */
static int
names_here(void)
{
	DIR *d = opendir(".");
	int n = -2;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* As over NFS, and where files have one name only. */
static void
lock_without_tmpfile(void **state)
{
	struct lock *l;

	(void)state;
	no_tmpfile = true;
	for (int i = 0; i < 2; i++) {
		no_links = i == 1;
		l = must_take("x.lock");
		bed_is("x.lock", "0");
		assert_int_equal(bed_mode("x.lock"), 0400);
		assert_int_equal(names_here(), 1);
		lock_drop(&l);
		assert_int_equal(names_here(), 0);
	}
	no_tmpfile = no_links = false;
}

/* The network loses an answer: what is there is ours. */
static void
lock_answer_lost(void **state)
{
	struct lock *l;

	(void)state;
	for (int i = 0; i < 2; i++) {
		no_tmpfile = i == 1;
		lost_link = true;
		l = must_take("x.lock");
		assert_false(lost_link);
		assert_int_equal(names_here(), 1);
		lock_drop(&l);
		assert_int_equal(names_here(), 0);
	}
	no_tmpfile = false;
}

static void
lock_removal_fails(void **state)
{
	struct lock *l = must_take("x.lock");

	(void)state;
	failing_unlinks = 2;
	lock_drop(&l);
	bed_is_missing("x.lock");
	/* For good: it stays, and the log says so. */
	l = must_take("x.lock");
	failing_unlinks = 1000;
	lock_drop(&l);
	failing_unlinks = 0;
	assert_int_equal(names_here(), 1);
	assert_int_equal(unlink("x.lock"), 0);
}

static void
lock_counts(void **state)
{
	struct lock *a = must_take("x.lock"), *b = must_take("./x.lock");

	(void)state;
	lock_drop(&a);
	bed_is("x.lock", "0");
	lock_drop(&b);
	bed_is_missing("x.lock");
}

/* The directory may change while a lock is held: MAILDIR does that. */
static void
lock_after_chdir(void **state)
{
	struct lock *l = must_take("x.lock");

	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_int_equal(chdir("sub"), 0);
	lock_drop(&l);
	bed_is_missing("../x.lock");
}

static void
lock_of_another(void **state)
{
	struct lock *l = must_take("x.lock");
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		struct lock *same = l;

		undo_forget_all();
		must_be_held("x.lock");
		/* What a parent holds no child gives away. */
		lock_drop(&same);
		_exit(access("x.lock", F_OK) == 0 ? 0 : 1);
	}
	assert_int_equal(bed_status(pid), 0);
	bed_is("x.lock", "0");
	lock_drop(&l);
	bed_is_missing("x.lock");
}

static void
lock_replaced(void **state)
{
	struct lock *l = must_take("x.lock");

	(void)state;
	assert_int_equal(unlink("x.lock"), 0);
	bed_write("x.lock", "somebody else's");
	lock_drop(&l);
	bed_is("x.lock", "somebody else's");
}

static void
lock_of_the_dead(void **state)
{
	pid_t pid = fork();
	struct lock *l;

	(void)state;
	bed_settings.locktimeout = 0;
	if (pid == 0) {
		must_take("x.lock");
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(bed_status(pid), 128 + SIGKILL);
	bed_is("x.lock", "0");
	if (getxattr("x.lock", "user.bivalve.lock", NULL, 0) < 0)
		skip(); /* a file system without attributes: only age helps */
	l = must_take("x.lock");
	lock_drop(&l);
	bed_is_missing("x.lock");
}

/* Ours is alive as long as its holder is, however old. */
static void
lock_of_the_living(void **state)
{
	int fd[2];
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		must_take("x.lock");
		set_age("x.lock", 100000);
		if (write(fd[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(fd[0], &c, 1), 1);
	must_be_held("x.lock");
	kill(pid, SIGTERM);
	bed_status(pid);
	close(fd[0]);
	close(fd[1]);
}

static void
lock_on_signal(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		undo_on_signals();
		must_take("x.lock");
		kill(getpid(), SIGTERM);
		_exit(1);
	}
	assert_int_equal(bed_status(pid), EX_TEMPFAIL);
	bed_is_missing("x.lock");
}

/* Lockfiles of other programs: their text, age in seconds, LOCKTIMEOUT, broken? */
static void
lock_of_other_programs(void **state)
{
	char host[256] = "", own[64], dead[64], dead_here[400], dead_there[400];
	pid_t gone = fork();
	const struct { const char *text; long age, timeout; bool broken; } rows[] = {
		{ "0", 5, 1024, false }, { "0", 2000, 1024, true }, { "0", 2000, 0, false },
		{ "", 5, 1024, false }, { "", 2000, 1024, true }, { "1", 5, 1024, false },
		{ own, 5, 1024, false }, { dead, 5, 1024, true }, { dead, 5, 0, true },
		{ dead_here, 5, 1024, true }, { dead_there, 5, 1024, false }, { "x7", 5, 1024, false },
	};

	(void)state;
	if (gone == 0)
		_exit(0);
	bed_status(gone);
	assert_int_equal(gethostname(host, sizeof host - 1), 0);
	snprintf(own, sizeof own, "%ld\n", (long)getpid());
	snprintf(dead, sizeof dead, "%ld\n", (long)gone);
	snprintf(dead_here, sizeof dead_here, "%ld:%s", (long)gone, host);
	snprintf(dead_there, sizeof dead_there, "%ld:not-%s", (long)gone, host);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct lock *l;

		bed_write("x.lock", rows[i].text);
		set_age("x.lock", rows[i].age);
		bed_settings.locktimeout = rows[i].timeout;
		if (rows[i].broken) {
			l = must_take("x.lock");
			lock_drop(&l);
			bed_is_missing("x.lock");
		} else {
			must_be_held("x.lock");
			bed_is("x.lock", rows[i].text);
		}
	}
}

/* A mailbox, or a directory, that somebody took for a lockfile's name: neither waited for nor gone,
 * however old it is. */
static void
lock_no_lockfile(void **state)
{
	static const char *const texts[] = {
		"From a Tue Mar 13 10:00:00 2001\n\nx\n", "some thousand bytes of mail ................"
		"..................................................................................",
		"123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
		"89012345678901234567890",
	};
	struct fail why = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		bed_write("box", texts[i]);
		set_age("box", 5000);
		fail_clear(&why);
		assert_null(lock_take("box", &bed_settings, &why));
		assert_int_equal(why.err, 0);
		assert_non_null(strstr(why.text, "no lockfile"));
		bed_is("box", texts[i]);
	}
	assert_int_equal(mkdir("dir", 0700), 0);
	fail_clear(&why);
	assert_null(lock_take("dir", &bed_settings, &why));
	assert_int_equal(why.err, 0);
}

static void
lock_patience_ends(void **state)
{
	struct fail why = { 0 };
	time_t begin = time(NULL);

	(void)state;
	bed_write("x.lock", "0");
	set_age("x.lock", -3600);
	bed_settings.locktimeout = 1;
	assert_null(lock_take("x.lock", &bed_settings, &why));
	assert_int_equal(why.err, EEXIST);
	assert_true(time(NULL) - begin >= 1);
}

static void
lock_impossible(void **state)
{
	static const char *const paths[] = { "no/such/x.lock", "/proc/x.lock", "sub/", "" };
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(mkdir("sub", 0500), 0);
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		fail_clear(&why);
		assert_null(lock_take(paths[i], &bed_settings, &why));
		assert_int_equal(why.kind, FAIL_TEMP);
		assert_true(why.err != EEXIST);
	}
	fail_clear(&why);
	assert_null(lock_take("sub/x.lock", &bed_settings, &why));
	assert_int_equal(why.err, EACCES);
}

static void
lock_below(void **state)
{
	static const char *const outside[] = { "x.lock", "in/../x.lock", "in/out/x.lock", "in/.." };
	struct fail why = { 0 };
	struct lock *l;

	(void)state;
	assert_int_equal(mkdir("in", 0700), 0);
	assert_int_equal(symlink("..", "in/out"), 0);
	for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
		fail_clear(&why);
		assert_null(lock_take_below(outside[i], "in", &bed_settings, &why));
		assert_non_null(strstr(why.text, "outside"));
		assert_int_equal(access("x.lock", F_OK), -1);
	}
	fail_clear(&why);
	l = lock_take_below("in/x.lock", "in", &bed_settings, &why);
	assert_non_null(l);
	assert_int_equal(access("in/x.lock", F_OK), 0);
	lock_drop(&l);
	assert_int_equal(access("in/x.lock", F_OK), -1);
}

/* Many want one lock, and nobody who holds it is ever joined; some die with it in their hands. */
static void
lock_race(void **state)
{
	enum { PROCESSES = 6, ROUNDS = 15 };
	pid_t pids[PROCESSES];

	(void)state;
	bed_settings.locktimeout = 60;
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		for (int j = 0; pids[i] == 0; j++) {
			struct lock *l = must_take("x.lock");
			int fd = open("inside", O_CREAT | O_EXCL | O_WRONLY, 0600);

			if (fd < 0)
				_exit(1);
			close(fd);
			if (unlink("inside") < 0)
				_exit(2);
			if (j == ROUNDS && i % 2)
				kill(getpid(), SIGKILL);
			lock_drop(&l);
			if (j == ROUNDS)
				_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(bed_status(pids[i]), i % 2 ? 128 + SIGKILL : 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(lock_form), BED_TEST(lock_without_tmpfile), BED_TEST(lock_answer_lost),
		BED_TEST(lock_removal_fails), BED_TEST(lock_counts), BED_TEST(lock_after_chdir),
		BED_TEST(lock_of_another), BED_TEST(lock_replaced), BED_TEST(lock_of_the_dead),
		BED_TEST(lock_of_the_living), BED_TEST(lock_on_signal),
		BED_TEST(lock_of_other_programs), BED_TEST(lock_no_lockfile),
		BED_TEST(lock_patience_ends),
		BED_TEST(lock_impossible), BED_TEST(lock_below), BED_TEST(lock_race),
	};

	return cmocka_run_group_tests(tests, bed_home_make, bed_home_remove);
}
