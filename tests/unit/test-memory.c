/* layer: proc */
/*
 * test-memory.c - a session has one memfd's worth of memory, whatever it keeps of what it was given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "proc/memory.h"

#define SIZE 10000

static bool
is_used(const void *ctx, unsigned long serial)
{
	return serial == *(const unsigned long *)ctx;
}

static long
size_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (long)st.st_size;
}

static void
test_one_message(void **state)
{
	struct memory m = { .next = -1 };
	int kept, fd;

	(void)state;
	assert_int_equal(memory_deal(&m, SIZE), 0);
	kept = dup(m.next);
	assert_int_equal(pwrite(kept, "message", 7, 0), 7);
	assert_int_equal(pwrite(kept, "x", 1, SIZE), -1);       /* it does not grow */
	assert_int_equal(memory_take(&m, SIZE + 1, 1), -1);
	fd = memory_take(&m, 7, 1);
	assert_true(fd >= 0);
	assert_int_equal(m.next, -1);
	assert_int_equal(size_of(fd), 7);
	assert_int_equal(pwrite(kept, "evil", 4, 0), -1);
	assert_int_equal(pwrite(fd, "evil", 4, 0), -1);
	assert_int_equal(memory_take(&m, 7, 2), -1);            /* there is no other */
	memory_sweep(&m, 2, is_used, &(unsigned long){ 0 });
	assert_int_equal(size_of(kept), 0);
	fd_close(&kept);
	fd_close(&fd);
}

/* What can still be written to through a mapping is no message. */
static void
test_mapped(void **state)
{
	struct memory m = { .next = -1 };
	void *p;

	(void)state;
	assert_int_equal(memory_deal(&m, SIZE), 0);
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, m.next, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(memory_take(&m, 7, 1), -1);
	munmap(p, SIZE);
	fd_close(&m.next);
}

static void
test_who_reads(void **state)
{
	struct memory m = { .next = -1 };
	unsigned long used = 2;
	int fd[6];

	(void)state;
	for (unsigned long serial = 1; serial <= 5; serial++) {
		assert_int_equal(memory_deal(&m, SIZE), 0);
		fd[serial] = memory_take(&m, 7, serial);
		assert_true(fd[serial] >= 0);
	}
	memory_read_by(&m, 3, 77);
	memory_read_by(&m, 5, 78);
	memory_leave(&m, 4);
	memory_sweep(&m, 5, is_used, &used);
	assert_int_equal(size_of(fd[1]), 0);
	for (int i = 2; i <= 5; i++)
		assert_int_equal(size_of(fd[i]), 7);
	assert_int_equal(m.n, 3);
	memory_reader_ended(&m, 77, false);
	memory_reader_ended(&m, 78, true);
	used = 0;
	memory_sweep(&m, 0, is_used, &used);
	assert_int_equal(m.n, 0);
	for (int i = 1; i <= 5; i++) {
		/* 4: a clone may read it still, 5: the scanner of its reader. */
		assert_int_equal(size_of(fd[i]), i >= 4 ? 7 : 0);
		fd_close(&fd[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_message), cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_who_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
