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
#include <stdlib.h>
#include <sys/stat.h>
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

static void
says_what_fails(void **state)
{
	(void)state;
	assert_null(tempdir_make("/nosuch", 1));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(tempdir_sweep("/nosuch", 1), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sweeps_all_of_one),
		cmocka_unit_test(two_of_one_process),
		cmocka_unit_test(says_what_fails),
	};

	return cmocka_run_group_tests(tests, make_parent, remove_parent);
}
