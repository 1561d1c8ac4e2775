/* layer: scan */
/*
 * test-rehearsal.c - which pages a forked process wrote to, and having them before they are needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scan/mappings.h"
#include "scan/rehearsal.h"

#define PAGES 64
#define FIRST 20
#define WRITTEN 10

static char *memory;
static size_t page;

static int
make_memory(void **state)
{
	(void)state;
	page = (size_t)sysconf(_SC_PAGESIZE);
	memory = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -1;
	memset(memory, 'o', PAGES * page);
	return 0;
}

static int
remove_memory(void **state)
{
	(void)state;
	return munmap(memory, PAGES * page);
}

static void
write_some(void *ctx)
{
	(void)ctx;
	for (size_t i = FIRST; i < FIRST + WRITTEN; i++)
		memory[i * page] = 'n';
}

static void
write_and_die(void *ctx)
{
	write_some(ctx);
	_exit(0);
}

static void
found_count(void *ctx, const struct mapping *m)
{
	(void)m;
	++*(int *)ctx;
}

static bool
has_mappings(void)
{
	int n = 0;

	mappings_each(found_count, &n);
	return n > 0;
}

/* The pages of memory that are in a run. */
static size_t
pages_known(const struct rehearsal *r, size_t from, size_t n)
{
	size_t known = 0;

	for (size_t i = from; i < from + n; i++)
		for (size_t k = 0; k < r->n; k++)
			known += (uintptr_t)(memory + i * page) >= r->run[k].start
			    && (uintptr_t)(memory + i * page) < r->run[k].end;
	return known;
}

static void
test_learns_what_was_written(void **state)
{
	struct rehearsal r;

	(void)state;
	if (!has_mappings())
		skip();
	rehearsal_learn(&r, write_some, NULL);
	assert_int_equal(pages_known(&r, FIRST, WRITTEN), WRITTEN);
	assert_int_equal(pages_known(&r, 0, FIRST), 0);
	assert_int_equal(pages_known(&r, FIRST + WRITTEN, PAGES - FIRST - WRITTEN), 0);
	for (size_t i = 0; i < PAGES; i++)
		assert_int_equal(memory[i * page], 'o'); /* the rehearsal was another's */
}

static long
faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_minflt;
}

/* In a child: the faults that writing costs; 255 when what is there has changed. */
static int
faults_of_writing(const struct rehearsal *r)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		long before;

		if (r)
			rehearsal_repeat(r);
		for (size_t i = 0; i < PAGES * page; i++)
			if (memory[i] != 'o')
				_exit(255);
		before = faults();
		write_some(NULL);
		_exit((int)(faults() - before));
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_no_fault_is_left(void **state)
{
	struct rehearsal r;

	(void)state;
	if (!has_mappings() || madvise(memory, page, 23) < 0)
		skip(); /* no MADV_POPULATE_WRITE here */
	rehearsal_learn(&r, write_some, NULL);
	assert_in_range(faults_of_writing(NULL), WRITTEN, 254);
	assert_in_range(faults_of_writing(&r), 0, WRITTEN / 2);
}

static void
test_a_rehearsal_that_fails_is_none(void **state)
{
	struct rehearsal r = { .n = 7 };

	(void)state;
	rehearsal_learn(&r, write_and_die, NULL);
	assert_int_equal(r.n, 0);
	rehearsal_repeat(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learns_what_was_written),
		cmocka_unit_test(test_no_fault_is_left),
		cmocka_unit_test(test_a_rehearsal_that_fails_is_none),
	};

	return cmocka_run_group_tests(tests, make_memory, remove_memory);
}
