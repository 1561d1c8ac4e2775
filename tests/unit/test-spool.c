/* layer: mail */
/*
 * test-spool.c - messages and programs' output, small and large, held unchangeable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "mail/spool.h"

#define MEMORY 4096

static char dir[] = "/tmp/test-spool-XXXXXX";
static struct spool_options options = { dir, MEMORY, 0 };

/* Stands before the library's: a file system without nameless files, and a system without /proc. */
static bool no_tmpfile, no_proc;

int
open(const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, int) : 0;
	va_end(ap);
	if ((!no_tmpfile || (flags & O_TMPFILE) != O_TMPFILE) &&
	    (!no_proc || strncmp(path, "/proc/", 6) != 0))
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	errno = strncmp(path, "/proc/", 6) == 0 ? ENOENT : EOPNOTSUPP;
	return -1;
}

static char *
pattern(size_t size)
{
	char *p = mem_zero(size + 1);

	for (size_t i = 0; i < size; i++)
		p[i] = (char)(i * 31 + i / 251);
	return p;
}

/* A pipe that a child fills with size bytes of p. */
static int
fed_pipe(const char *p, size_t size)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	if (fork() == 0) {
		close(ends[0]);
		_exit(fd_write_all(ends[1], p, size) < 0);
	}
	close(ends[1]);
	return ends[0];
}

static int
file_with(const char *p, size_t size)
{
	int fd = open(dir, O_TMPFILE | O_RDWR, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, p, size), 0);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void
check_reads(int fd, const char *p, size_t size)
{
	struct buf got = BUF_INIT;

	assert_true(fd >= 0);
	assert_int_equal(fd_read_all(fd, size + 1, &got), 0);
	assert_int_equal(got.len, size);
	assert_memory_equal(got.p, p, size);
	buf_clear(&got);
}

static void
check_store(const struct store *s, const char *p, size_t size)
{
	assert_non_null(s);
	assert_int_equal(s->bytes.len, size);
	assert_memory_equal(s->bytes.p, p, size);
	assert_int_equal(s->fd >= 0, size > MEMORY);
	if (s->fd >= 0)
		assert_int_equal(fcntl(s->fd, F_GETFL) & O_ACCMODE, O_RDONLY);
}

static const size_t sizes[] = { 0, 1, 100, MEMORY - 1, MEMORY, MEMORY + 1, 65536, 65537, 3000000 };

static void
test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
		size_t size = sizes[i / 2];
		char *p = pattern(size);
		int fd = i % 2 ? fed_pipe(p, size) : file_with(p, size);
		struct fail why = { 0 };
		struct store *s = spool_read(fd, &options, &why);

		check_store(s, p, size);
		store_unref(&s);
		close(fd);
		wait(NULL);
		free(p);
	}
}

static void
test_limit(void **state)
{
	static const struct { size_t size, limit; bool good; } rows[] = {
		{ 100, 100, true }, { 101, 100, false }, { 70000, 70000, true }, { 70001, 70000,
		    false },
		{ 0, 1, true }, { 9000000, 70000, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *p = pattern(rows[i].size);
		struct spool_options o = options;
		struct fail why = { 0 };
		int fd = fed_pipe(p, rows[i].size);
		struct store *s;

		o.max_bytes = rows[i].limit;
		s = spool_read(fd, &o, &why);
		assert_int_equal(s != NULL, rows[i].good);
		assert_int_equal(why.kind, rows[i].good ? FAIL_NONE : FAIL_TEMP);
		store_unref(&s);
		close(fd);
		wait(NULL);
		free(p);
	}
}

static void
test_trouble(void **state)
{
	struct spool_options nowhere = { "/nonexistent", MEMORY, 0 };
	struct fail why = { 0 };
	char *p = pattern(10000);
	int fd = open(dir, O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_null(spool_read(fd, &options, &why));
	assert_int_equal(why.kind, FAIL_TEMP);
	assert_int_equal(why.err, EISDIR);
	close(fd);
	fail_clear(&why);
	fd = file_with(p, 10000);
	assert_null(spool_read(fd, &nowhere, &why));
	assert_int_equal(why.kind, FAIL_TEMP);
	assert_non_null(strstr(why.text, "/nonexistent"));
	close(fd);
	free(p);
}

/* A disk that is full, as far as a child is concerned. */
static int
spool_with_little_room(int fd)
{
	struct rlimit limit = { 100000, 100000 };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct fail why = { 0 };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		sigaction(SIGXFSZ, &ignore, NULL);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(spool_read(fd, &options, &why) == NULL && why.err == EFBIG
		    && strstr(why.text, dir) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_full(void **state)
{
	char *p = pattern(300000);

	(void)state;
	for (int piped = 0; piped < 2; piped++) {
		int fd = piped ? fed_pipe(p, 300000) : file_with(p, 300000);

		assert_int_equal(spool_with_little_room(fd), 0);
		close(fd);
	}
	wait(NULL);
	free(p);
}

static void
test_writer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char *p = pattern(sizes[i]);
		struct fail why = { 0 };
		struct spool_writer w;
		struct store *s;
		int kept;

		assert_int_equal(spool_open(&w, &options, &why), 0);
		kept = dup(w.fd);
		assert_int_equal(fd_write_all(w.fd, p, sizes[i]), 0);
		s = spool_finish(&w, &why);
		assert_int_equal(w.fd, -1);
		/* A program that lives on can do no harm. */
		assert_int_equal(pwrite(kept, "changed", 7, 0), 7);
		assert_int_equal(ftruncate(kept, 1), 0);
		check_store(s, p, sizes[i]);
		store_unref(&s);
		close(kept);
		free(p);
	}
}

static void
test_writer_limit(void **state)
{
	struct spool_options o = options;
	struct spool_writer w;
	struct fail why = { 0 };

	(void)state;
	o.max_bytes = 3;
	assert_int_equal(spool_open(&w, &o, &why), 0);
	assert_int_equal(fd_write_all(w.fd, "four", 4), 0);
	assert_null(spool_finish(&w, &why));
	assert_int_equal(why.kind, FAIL_TEMP);
	assert_int_equal(spool_open(&w, &o, &why), 0);
	spool_abandon(&w);
	spool_abandon(&w);
	assert_int_equal(w.fd, -1);
}

static struct message
message_of(const char *text, size_t size)
{
	struct message m = { .head_serial = 0 };
	struct fail why = { 0 };
	int fd = file_with(text, size);
	struct store *s = spool_read(fd, &options, &why);

	assert_non_null(s);
	message_set(&m, s);
	store_unref(&s);
	close(fd);
	return m;
}

static void
test_fd(void **state)
{
	static const size_t bodies[] = { 0, 10, 10000, 300000 };

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		struct buf text = BUF_INIT, head = BUF_INIT;
		struct fail why = { 0 };
		struct message m;
		int one, two;

		buf_str(&text, "A: b\n\n");
		for (size_t k = 0; k < bodies[i]; k++)
			buf_byte(&text, (char)('a' + k % 7));
		m = message_of(text.p, text.len);
		one = spool_fd(&m, &options, &why);
		two = spool_fd(&m, &options, &why);
		check_reads(one, text.p, text.len);
		check_reads(two, text.p, text.len);
		assert_true(write(one, "x", 1) < 0);
		assert_true(ftruncate(one, 0) < 0);
		close(one);
		close(two);
		buf_str(&head, "A: changed\n\n");
		message_set_head(&m, store_from_buf(&head));
		one = spool_fd(&m, &options, &why);
		buf_str(&head, "A: changed\n\n");
		buf_bytes(&head, bytes_from(buf_view(&text), 6));
		check_reads(one, head.p, head.len);
		assert_true(write(one, "x", 1) < 0);
		close(one);
		message_clear(&m);
		buf_clear(&head);
		buf_clear(&text);
	}
}

/* Descriptors are not left open, and no file is left behind. */
static void
test_tidy(void **state)
{
	int before = dup(0), after;

	(void)state;
	close(before);
	test_read(state);
	test_writer(state);
	test_trouble(state);
	test_fd(state);
	after = dup(0);
	close(after);
	assert_int_equal(before, after);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
}

static void
test_settled(void **state)
{
	int file = file_with("x", 1), reader = spool_reopen(file);
	void *map;

	(void)state;
	assert_true(reader >= 0);
	assert_false(spool_is_settled(reader));
	map = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	assert_true(map != MAP_FAILED);
	close(file);
	assert_false(spool_is_settled(reader)); /* the mapping writes */
	munmap(map, 1);
	assert_true(spool_is_settled(reader));
	close(reader);
	reader = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_false(spool_is_settled(reader)); /* no leases there */
	close(reader);
}

static void
test_copy(void **state)
{
	const size_t size = 300000;
	char *p = pattern(size), *got = mem_zero(size);
	int from = file_with(p, size), to = file_with("", 0);
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(spool_copy(from, size, to, &options, &why), 0);
	assert_int_equal(pread(to, got, size, 0), (ssize_t)size);
	assert_memory_equal(got, p, size);
	assert_int_equal(spool_copy(from, size + 1, to, &options, &why), -1);
	assert_int_equal(why.kind, FAIL_TEMP);
	close(from);
	close(to);
	free(p);
	free(got);
}

/* What is missing costs a name for a moment, or a failure that says so; never the message. */
static void
test_poor_system(void **state)
{
	const size_t size = 50000;
	struct spool_options o = { dir, MEMORY, 0 };
	char *p = pattern(size);
	struct fail why = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct store *s;
		struct message m = { 0 };
		int fd;

		no_tmpfile = i & 1;
		no_proc = i & 2;
		fd = fed_pipe(p, size);
		s = spool_read(fd, &o, &why);
		close(fd);
		assert_string_equal(why.text, "");
		assert_int_equal(s->bytes.len, size);
		assert_memory_equal(s->bytes.p, p, size);
		message_set(&m, s);
		fd = spool_fd(&m, &o, &why);
		assert_int_equal(fd >= 0, !no_proc);
		assert_int_equal(why.kind, no_proc ? FAIL_TEMP : FAIL_NONE);
		fail_clear(&why);
		fd_close(&fd);
		message_clear(&m);
		store_unref(&s);
	}
	no_tmpfile = no_proc = false;
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_writer_limit),
		cmocka_unit_test(test_fd),
		cmocka_unit_test(test_settled),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_poor_system),
		cmocka_unit_test(test_tidy),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return failed;
}
