/* layer: formail */
/*
 * test-formail-cache.c - formail -D: the ring of keys, its edges, and who may write it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "formail/formail.h"

static char dir[64];

static int
enter(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/formail-cache.XXXXXX");
	return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int
leave(void **state)
{
	(void)state;
	unlink("cache");
	unlink("sub/cache");
	rmdir("sub");
	return chdir("/") == 0 && rmdir(dir) == 0 ? 0 : -1;
}

static int
ask(const char *size, const char *path, const char *message)
{
	const char *argv[] = { "formail", "-D", size, path, NULL };
	struct bytes in[2] = { bytes_of(message), { NULL, 0 } };
	struct buf out = BUF_INIT;
	struct fail why = { 0 };
	int status = -1;

	assert_true(formail_understands(argv));
	assert_int_equal(formail_run(argv, in, &out, &status, &why), 0);
	assert_int_equal(out.len, 0);
	buf_clear(&out);
	return status;
}

static int
ask_id(const char *size, const char *id)
{
	char message[256];

	snprintf(message, sizeof message, "From: a@b\nMessage-ID: %s\n\nbody\n", id);
	return ask(size, "cache", message);
}

static void
write_cache(const char *p, size_t len)
{
	int fd = open("cache", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, p, len), 0);
	close(fd);
}

static void
check_cache(const char *want, size_t len)
{
	struct buf got = BUF_INIT;

	assert_int_equal(fd_read_file("cache", 1 << 20, &got), 0);
	assert_int_equal(got.len, len);
	assert_memory_equal(got.p, want, len);
	buf_clear(&got);
}

#define CACHE(text) check_cache(text, sizeof text - 1)
#define WRITE(text) write_cache(text, sizeof text - 1)

static void
test_ring(void **state)
{
	(void)state;
	unlink("cache");
	assert_int_equal(ask_id("12", "<1@x>"), 1);
	CACHE("<1@x>\0\0");
	assert_int_equal(ask_id("12", "<2@x>"), 1);
	CACHE("<1@x>\0<2@x>\0\0");
	assert_int_equal(ask_id("12", "<1@x>"), 0);
	assert_int_equal(ask_id("12", "<2@x>"), 0);
	CACHE("<1@x>\0<2@x>\0\0");
	assert_int_equal(ask_id("12", "<3@x>"), 1);
	CACHE("<3@x>\0\0002@x>\0\0");
	assert_int_equal(ask_id("12", "2@x>"), 1);
	CACHE("<3@x>\0002@x>\0\0\0");
	assert_int_equal(ask_id("0", "q"), 1);
	CACHE("q\0\0x>\0002@x>\0\0\0");
}

static void
test_keys(void **state)
{
	(void)state;
	unlink("cache");
	assert_int_equal(ask("99", "cache", "From: a@b\n\n"), 1);
	CACHE("");
	assert_int_equal(ask("99", "cache", "Message-ID:\n\n"), 1);
	CACHE("");
	assert_int_equal(ask("99", "cache", "Message-ID:a\nmessage-id:   b c \nMessage-ID:\n\n"), 1);
	CACHE("b c \0\0");
	assert_int_equal(ask("99", "cache", "Message-ID: b c \n\n"), 0);
	assert_int_equal(ask("99", "cache", "Message-ID: B c \n\n"), 1);
	CACHE("b c \0B c \0\0");
}

static void
test_sender(void **state)
{
	static const char *const argv[] = { "formail", "-rD", "99", "cache", NULL };
	struct bytes in[2] = { bytes_of("From: J <j@k>\n"), bytes_of("Message-ID: m\n\n") };
	struct buf out = BUF_INIT;
	struct fail why = { 0 };
	int status;

	(void)state;
	unlink("cache");
	assert_int_equal(formail_run(argv, in, &out, &status, &why), 0);
	assert_int_equal(status, 1);
	CACHE("j@k\0\0");
	assert_int_equal(formail_run(argv, in, &out, &status, &why), 0);
	assert_int_equal(status, 0);
	in[0] = bytes_of("Subject: x\n");
	assert_int_equal(formail_run(argv, in, &out, &status, &why), 0);
	assert_int_equal(status, 1);
	CACHE("j@k\0\0");
	buf_clear(&out);
}

/* What a crash or another program left is no reason to fail. */
static void
test_damaged(void **state)
{
	(void)state;
	WRITE("garbage without an end");
	assert_int_equal(ask_id("99", "a"), 1);
	CACHE("a\0\0bage without an end");
	WRITE("\0b\0");
	assert_int_equal(ask_id("99", "b"), 1);
	CACHE("b\0\0");
	WRITE("c\0b\0");
	assert_int_equal(ask_id("1", "b"), 1);
	assert_int_equal(ask_id("99", ""), 0);
}

static void
test_files(void **state)
{
	struct stat st;

	(void)state;
	unlink("cache");
	umask(022);
	assert_int_equal(ask_id("99", "a"), 1);
	assert_int_equal(stat("cache", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(ask("99", "nowhere/cache", "Message-ID: a\n\n"), 73);
	assert_int_equal(ask("99", ".", "Message-ID: a\n\n"), 73);
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_int_equal(ask("99", "sub/cache", "Message-ID: a\n\n"), 1);
	/* Nobody is kept waiting by a FIFO. */
	unlink("cache");
	assert_int_equal(mkfifo("cache", 0600), 0);
	assert_int_equal(ask_id("99", "a"), 73);
	unlink("cache");
}

/* Many at once: every key is there afterwards, and none twice. */
static void
test_concurrent(void **state)
{
	enum { WRITERS = 8, KEYS = 25 };
	char id[32];
	int status;

	(void)state;
	unlink("cache");
	for (int w = 0; w < WRITERS; w++) {
		if (fork() != 0)
			continue;
		for (int k = 0; k < KEYS; k++) {
			snprintf(id, sizeof id, "<%d.%d@x>", w, k);
			if (ask_id("99999", id) != 1)
				_exit(1);
		}
		_exit(0);
	}
	for (int w = 0; w < WRITERS; w++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	for (int w = 0; w < WRITERS; w++) {
		for (int k = 0; k < KEYS; k++) {
			snprintf(id, sizeof id, "<%d.%d@x>", w, k);
			assert_int_equal(ask_id("99999", id), 0);
		}
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_concurrent),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
