/* layer: act */
/*
 * test-durable.c - temporary names, final names, and what a signal leaves.
 */
#include "act_bed.h"

#include <sysexits.h>
#include <sys/syscall.h>

#include "act/durable.h"

/* Stand before the library's: without /proc, where the kernel does not link a descriptor either, a
 * file on its way needs a name. */
static bool no_proc, no_link;
/* A file system that knows no renameat2 without replacing, as NFS; repeats: its server has made the
 * link, the answer got lost, and the repeated request finds it there. */
static bool no_rename, repeats;

int
linkat(int from, const char *path, int to, const char *name, int flags)
{
	if (!(flags & AT_EMPTY_PATH) || !no_link) {
		int rc = (int)syscall(SYS_linkat, from, path, to, name, flags);

		return rc == 0 && repeats ? (int)syscall(SYS_linkat, from, path, to, name, flags)
		    : rc;
	}
	errno = ENOENT;
	return -1;
}

int
renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
	if (!no_rename)
		return (int)syscall(SYS_renameat2, from, old, to, new, flags);
	errno = EINVAL;
	return -1;
}

int
access(const char *path, int mode)
{
	if (!no_proc)
		return faccessat(AT_FDCWD, path, mode, 0);
	errno = ENOENT;
	return -1;
}

static int
here(void)
{
	int fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void
durable_publishes(void **state)
{
	struct durable d = DURABLE_INIT;
	int dir = here();

	(void)state;
	no_proc = no_link = true;
	bed_write("taken", "theirs");
	assert_int_equal(durable_begin(&d, dir, "temporary", 0640), 0);
	assert_int_equal(fd_write_all(d.fd, "ours", 4), 0);
	assert_int_equal(durable_seal(&d), 0);
	assert_int_equal(durable_publish(&d, dir, "taken"), -1);
	assert_int_equal(errno, EEXIST);
	bed_is("taken", "theirs");
	bed_is("temporary", "ours");
	assert_int_equal(durable_publish(&d, dir, "free"), 0);
	durable_end(&d);
	bed_is("free", "ours");
	bed_is_missing("temporary");
	assert_int_equal(durable_link(dir, "free", dir, "second"), 0);
	bed_is("second", "ours");
	assert_int_equal(durable_link(dir, "free", dir, "taken"), -1);
	/* Nothing is left to undo. */
	undo_all();
	bed_is("free", "ours");
	close(dir);
}

/* EEXIST is success where the file has two names by then, and only there. */
static void
durable_on_nfs(void **state)
{
	struct durable d = DURABLE_INIT;
	int dir = here();

	(void)state;
	no_proc = no_link = no_rename = true;
	bed_write("taken", "theirs");
	for (int i = 0; i < 2; i++) {
		repeats = i > 0;
		assert_int_equal(durable_begin(&d, dir, "temporary", 0640), 0);
		assert_int_equal(fd_write_all(d.fd, "ours", 4), 0);
		assert_int_equal(durable_seal(&d), 0);
		assert_int_equal(durable_publish(&d, dir, "taken"), -1);
		assert_int_equal(errno, EEXIST);
		bed_is("taken", "theirs");
		assert_int_equal(durable_publish(&d, dir, "free"), 0);
		durable_end(&d);
		undo_all();
		bed_is("free", "ours");
		bed_is_missing("temporary");
		assert_int_equal(unlink("free"), 0);
	}
	no_rename = repeats = false;
	close(dir);
}

static void
durable_abandons(void **state)
{
	struct durable d = DURABLE_INIT;
	int dir = here();

	(void)state;
	no_proc = no_link = true;
	assert_int_equal(durable_begin(&d, dir, "temporary", 0640), 0);
	durable_end(&d);
	durable_end(&d);
	bed_is_missing("temporary");
	/* Whose name is taken does not remove the other's file, nor does a signal. */
	bed_write("temporary", "theirs");
	assert_int_equal(durable_begin(&d, dir, "temporary", 0640), -1);
	assert_int_equal(errno, EEXIST);
	undo_all();
	durable_end(&d);
	bed_is("temporary", "theirs");
	close(dir);
}

static void
durable_on_signal(void **state)
{
	pid_t pid;

	(void)state;
	no_proc = no_link = true;
	pid = fork();
	if (pid == 0) {
		struct durable d = DURABLE_INIT;

		undo_on_signals();
		if (durable_begin(&d, here(), "temporary", 0600) < 0)
			_exit(1);
		kill(getpid(), SIGTERM);
		_exit(2);
	}
	assert_int_equal(bed_status(pid), EX_TEMPFAIL);
	bed_is_missing("temporary");
}

/* Who is killed on the way leaves nothing. */
static void
nameless(void)
{
	struct durable d = DURABLE_INIT;
	int dir = here();

	bed_write("taken", "theirs");
	umask(027);
	assert_int_equal(durable_begin(&d, dir, "temporary", 0666), 0);
	umask(077);
	bed_is_missing("temporary");
	assert_int_equal(fd_write_all(d.fd, "ours", 4), 0);
	assert_int_equal(durable_seal(&d), 0);
	assert_int_equal(durable_publish(&d, dir, "taken"), -1);
	assert_int_equal(errno, EEXIST);
	bed_is("taken", "theirs");
	assert_int_equal(durable_publish(&d, dir, "free"), 0);
	durable_end(&d);
	undo_all();
	bed_is("free", "ours");
	assert_int_equal(bed_mode("free"), 0640);
	assert_int_equal(unlink("free"), 0);
	close(dir);
}

static void
durable_nameless(void **state)
{
	(void)state;
	no_proc = no_link = false;
	nameless();
	no_proc = true;
	nameless();
	no_proc = false;
	no_link = true;
	nameless();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(durable_publishes), BED_TEST(durable_on_nfs), BED_TEST(durable_abandons),
		BED_TEST(durable_on_signal), BED_TEST(durable_nameless),
	};

	return cmocka_run_group_tests(tests, bed_home_make, bed_home_remove);
}
