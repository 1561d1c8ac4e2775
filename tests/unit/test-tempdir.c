/* layer: base */
/*
 * test-tempdir.c - a process's temporary directory, and removing it for a process that died.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/tempdir.h"

static char parent[] = "/tmp/test-tempdir.XXXXXX";

static int
make_parent(void **state)
{
	(void)state;
	return mkdtemp(parent) ? 0 : -1;
}

static int
remove_parent(void **state)
{
	(void)state;
	return rmdir(parent);
}

static char *
below(const char *dir, const char *name)
{
	static char path[512];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void
sweeps_all_of_one(void **state)
{
	char *mine = tempdir_make(parent, 123), *other = tempdir_make(parent, 1234);
	struct stat st;

	(void)state;
	assert_non_null(mine);
	assert_non_null(other);
	assert_int_equal(stat(mine, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	make_file(below(mine, "f"));
	assert_int_equal(mkdir(below(mine, "d"), 0700), 0);
	make_file(below(mine, "d/f"));
	/* A link out is removed, not followed. */
	assert_int_equal(symlink(other, below(mine, "d/link")), 0);
	make_file(below(other, "keep"));
	assert_int_equal(tempdir_sweep(parent, 123), 0);
	assert_int_equal(access(mine, F_OK), -1);
	assert_int_equal(access(below(other, "keep"), F_OK), 0);
	assert_int_equal(tempdir_sweep(parent, 123), 0);
	assert_int_equal(tempdir_sweep(parent, 1234), 0);
	assert_int_equal(access(other, F_OK), -1);
	free(mine);
	free(other);
}

static void
two_of_one_process(void **state)
{
	char *a = tempdir_make(parent, 7), *b = tempdir_make(parent, 7);

	(void)state;
	assert_string_not_equal(a, b);
	assert_int_equal(tempdir_sweep(parent, 7), 0);
	assert_int_equal(access(a, F_OK), -1);
	assert_int_equal(access(b, F_OK), -1);
	free(a);
	free(b);
}

/* The path that a child made for itself; the child has ended, or waits until it is killed. */
static void
child_makes(bool stays, pid_t *pid_r, char path[512])
{
	int pair[2];
	char *own;

	assert_int_equal(pipe(pair), 0);
	*pid_r = fork();
	if (*pid_r == 0) {
		own = tempdir_make_own(parent);
		make_file(below(own, "left"));
		if (write(pair[1], own, strlen(own)) != (ssize_t)strlen(own))
			_exit(1);
		close(pair[1]);
		while (stays)
			pause();
		_exit(0);
	}
	close(pair[1]);
	memset(path, 0, 512);
	assert_true(read(pair[0], path, 511) > 0);
	close(pair[0]);
	if (!stays)
		assert_int_equal(waitpid(*pid_r, NULL, 0), *pid_r);
}

static void
reaps_what_the_dead_left(void **state)
{
	char gone[512], there[512], foreign[512], *mine, *unlike;
	pid_t dead, alive;

	(void)state;
	child_makes(false, &dead, gone);
	child_makes(true, &alive, there);
	/* Its maker is of another world, where numbers are others, and lives: it holds the lock. */
	snprintf(foreign, sizeof foreign, "%s/bivalve-%ld-other", parent, (long)dead);
	assert_int_equal(rename(there, foreign), 0);
	unlike = tempdir_make(parent, 1);
	mine = tempdir_make_own(parent);
	assert_non_null(mine);
	assert_int_equal(access(gone, F_OK), -1);
	assert_int_equal(access(foreign, F_OK), 0);
	assert_int_equal(access(unlike, F_OK), 0);
	assert_int_equal(kill(alive, SIGKILL), 0);
	assert_int_equal(waitpid(alive, NULL, 0), alive);
	free(mine);
	mine = tempdir_make_own(parent);
	assert_int_equal(access(foreign, F_OK), -1);
	assert_int_equal(tempdir_sweep(parent, getpid()), 0);
	assert_int_equal(tempdir_sweep(parent, 1), 0);
	free(mine);
	free(unlike);
}

static void
says_what_fails(void **state)
{
	(void)state;
	assert_null(tempdir_make("/nosuch", 1));
	assert_null(tempdir_make_own("/nosuch"));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(tempdir_sweep("/nosuch", 1), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sweeps_all_of_one),
		cmocka_unit_test(two_of_one_process),
		cmocka_unit_test(reaps_what_the_dead_left),
		cmocka_unit_test(says_what_fails),
	};

	return cmocka_run_group_tests(tests, make_parent, remove_parent);
}
