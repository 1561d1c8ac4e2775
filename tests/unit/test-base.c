/* layer: base */
/*
 * test-base.c - buffers, arenas, descriptors, and what is undone when a process ends early.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/undo.h"

static void
test_buf_grows(void **state)
{
	struct buf b = BUF_INIT;
	char *s;

	(void)state;
	assert_string_equal(b.p, "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	assert_int_equal(b.len, 3890);
	assert_int_equal(strlen(b.p), b.len);
	buf_cut(&b, 4);
	assert_string_equal(b.p, "0,1,");
	s = buf_take(&b);
	assert_string_equal(s, "0,1,");
	free(s);
	assert_string_equal(b.p, "");
	s = buf_take(&b);
	assert_string_equal(s, "");
	free(s);
	buf_clear(&b);
}

static void
test_arena(void **state)
{
	struct arena *a = arena_new();
	char *big, *small;

	(void)state;
	big = arena_zero(a, 100000);
	small = arena_printf(a, "%s-%d", "x", 7);
	assert_string_equal(small, "x-7");
	assert_int_equal((uintptr_t)arena_zero(a, 3) % _Alignof(max_align_t), 0);
	for (size_t i = 0; i < 100000; i++)
		assert_int_equal(big[i], 0);
	arena_free(&a);
	assert_null(a);
}

static void
test_strings(void **state)
{
	long n = 5;

	(void)state;
	assert_true(str_long("42", 0, 100, &n));
	assert_int_equal(n, 42);
	assert_false(str_long("42x", 0, 100, &n));
	assert_false(str_long("", 0, 100, &n));
	assert_false(str_long("101", 0, 100, &n));
	assert_false(str_long("99999999999999999999", 0, INT64_MAX, &n));
	assert_true(bytes_equal_nocase(bytes_of("AbC"), bytes_of("aBc")));
	assert_true(bytes_is(bytes_trim(bytes_of(" \t a b\r\n")), "a b"));
}

static void
test_descriptor_travels(void **state)
{
	int pair[2], got, pipefd[2];
	char byte = 0, text[3] = "";

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(pipe(pipefd), 0);
	assert_int_equal(fd_send(pair[0], "F", 1, pipefd[0]), 0);
	assert_int_equal(fd_recv(pair[1], &byte, 1, &got), 1);
	assert_int_equal(byte, 'F');
	assert_int_equal(fd_write_all(pipefd[1], "ok", 2), 0);
	assert_int_equal(fd_read_full(got, text, 2), 2);
	assert_string_equal(text, "ok");
	assert_true(fcntl(got, F_GETFD) & FD_CLOEXEC);
	fd_close(&got);
	assert_int_equal(got, -1);
	close(pair[0]);
	assert_int_equal(fd_recv(pair[1], &byte, 1, &got), 0);
	assert_int_equal(got, -1);
	close(pair[1]);
	close(pipefd[0]);
	close(pipefd[1]);
}

static int
count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Whoever sends more descriptors than one cannot fill the receiver's table with them. */
static void
test_one_descriptor_a_message(void **state)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	char byte = 'F';
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof control.room };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	const int both[2] = { 0, 0 };
	int pair[2], got, before;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof both);
	memcpy(CMSG_DATA(c), both, sizeof both);
	assert_int_equal(sendmsg(pair[0], &msg, 0), 1);
	before = count_descriptors();
	assert_int_equal(fd_recv(pair[1], &byte, 1, &got), 1);
	fd_close(&got);
	assert_int_equal(count_descriptors(), before);
	close(pair[0]);
	close(pair[1]);
}

static void
test_undo_ends_programs(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		signal(SIGTERM, SIG_DFL);
		for (;;)
			pause();
	}
	assert_int_equal(setpgid(pid, pid), 0);
	undo_forget(undo_kill(pid));
	undo_all();
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_true(undo_kill(pid) >= 0);
	undo_all();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void
test_read_file_refuses(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(fd_read_file("/dev/null", 10, &b), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fd_read_file("/", 10, &b), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(fd_read_file("/proc/self/maps", 10, &b), -1);
	assert_int_equal(errno, EFBIG);
	buf_clear(&b);
}

/* A child that is told to end in mid-work leaves nothing half done, and exit status 75. */
static void
undone_by(int sig)
{
	char dir[] = "/tmp/test-undo.XXXXXX", path[64], box[64];
	struct stat st;
	pid_t pid;
	int status;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/tmp", dir);
	snprintf(box, sizeof box, "%s/box", dir);
	pid = fork();
	if (pid == 0) {
		int fd = open(path, O_CREAT | O_WRONLY, 0600), fb = open(box, O_CREAT | O_RDWR, 0600);

		undo_on_signals();
		if (fd < 0 || fb < 0 || fd_write_all(fb, "whole", 5) < 0)
			_exit(1);
		undo_unlink(path);
		undo_truncate(fb, 5);
		undo_forget(undo_unlink(box)); /* forgotten: must stay */
		if (fd_write_all(fb, "half", 4) < 0)
			_exit(1);
		raise(sig);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 75);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(stat(box, &st), 0);
	assert_int_equal(st.st_size, 5);
	unlink(box);
	rmdir(dir);
}

static void
test_undo_on_signals(void **state)
{
	(void)state;
	undone_by(SIGTERM);
	undone_by(SIGALRM);
	undone_by(SIGHUP);
	undone_by(SIGXFSZ);
}

static void
test_undo_is_bounded(void **state)
{
	int handle[UNDO_MAX];

	(void)state;
	for (int i = 0; i < UNDO_MAX; i++)
		assert_true((handle[i] = undo_unlink("/nonexistent/x")) >= 0);
	assert_int_equal(undo_unlink("/nonexistent/x"), -1);
	undo_forget(handle[3]);
	assert_int_equal(undo_unlink("/nonexistent/x"), handle[3]);
	undo_forget_all();
}

static void
test_log_value(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	log_value(&b, "a b=c\n\\\x7f\xc3\xa9", " ", 100);
	assert_string_equal(b.p, "a\\x20b=c\\x0a\\x5c\\x7f\xc3\xa9");
	buf_cut(&b, 0);
	/* An escape is whole or not there. */
	log_value(&b, "ab  ", " ", 7);
	assert_string_equal(b.p, "ab\\x20");
	log_value(&b, "xyz", "", 2);
	assert_string_equal(b.p, "ab\\x20xy");
	/* And so is a character. */
	log_value(&b, "z\xc3\xa9\xc3\xa9", "", 4);
	assert_string_equal(b.p, "ab\\x20xyz\xc3\xa9");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf_grows),
		cmocka_unit_test(test_arena),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_descriptor_travels),
		cmocka_unit_test(test_one_descriptor_a_message),
		cmocka_unit_test(test_undo_ends_programs),
		cmocka_unit_test(test_log_value),
		cmocka_unit_test(test_read_file_refuses),
		cmocka_unit_test(test_undo_on_signals),
		cmocka_unit_test(test_undo_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
