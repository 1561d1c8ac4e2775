/* layer: act */
/*
 * test-mboxmark.c - which end of a mailbox is certainly a killed delivery's, and which may not be.
 */
#include "act_bed.h"

#include <string.h>
#include <sys/xattr.h>

#include "act/mboxmark.h"

#define OLD "From old@example.org Mon Jan  1 00:00:00 2001\nSubject: old\n\nold\n\n"
#define NEW_HEAD "From new@example.org Tue Jan  2 00:00:00 2001\nSubject: From me\n\n"
#define NEW_QUOTED "one\n>From two\nthree\n"
#define FOREIGN "From x@example.org Wed Jan  3 00:00:00 2001\n\nx\n\n"

static const struct {
	const char *name, *end;
	bool taken_back;
} rows[] = {
	{ "nothing was written", "", false },
	{ "a byte", "F", true },
	{ "a part of the From_ line", "From new@exa", true },
	{ "a part of the body", "From new@example.org Tue Jan  2 00:00:00 2001\nSubject: x\n\non", true },
	{ "a quote in it", "From new@example.org Tue Jan  2 00:00:00 2001\n\n>From t", true },
	{ "another message", FOREIGN, false },
	{ "somebody appended behind it", "From new@example.org Tue Jan  2 00:00:00 2001\nSu" FOREIGN,
	    false },
	{ "as long as all of it", NEW_HEAD NEW_QUOTED "and more\n", false },
};

static void
mark_and_look(size_t row, size_t padding)
{
	struct act_job job = { .head = bytes_of(NEW_HEAD), .body = bytes_of("one\nFrom two\nthree\n"),
		.content_length = -1 };
	struct buf end = BUF_INIT, big = BUF_INIT;
	off_t size, want;
	struct emit e;
	int fd;

	/* Long bodies are looked through in pieces; a From_ line may lie across two of them. */
	for (size_t i = 0; i < padding; i++)
		buf_byte(&big, 'x');
	buf_str(&big, "one\nFrom two\nthree\n");
	job.body = buf_view(&big);
	emit_plan(&e, &job, EMIT_MBOX);
	buf_str(&end, "");
	if (padding) {
		buf_str(&end, "From new@example.org Tue Jan  2 00:00:00 2001\n");
		buf_add(&end, big.p, padding);
	}
	buf_str(&end, padding ? (rows[row].taken_back ? ">From y" : "From y") : rows[row].end);
	bed_write("box", OLD);
	fd = open("box", O_RDWR | O_APPEND);
	assert_true(fd >= 0);
	assert_true(mboxmark_set(fd, (off_t)strlen(OLD), &e));
	assert_int_equal(fd_write_all(fd, end.p, end.len), 0);
	size = (off_t)(strlen(OLD) + end.len);
	want = rows[row].taken_back ? (off_t)strlen(OLD) : size;
	assert_int_equal(mboxmark_take_back(fd, size), want);
	assert_int_equal(lseek(fd, 0, SEEK_END), want);
	close(fd);
	buf_clear(&end);
	buf_clear(&big);
}

static void
mboxmark_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		print_message("# %s\n", rows[i].name);
		mark_and_look(i, 0);
	}
}

static void
mboxmark_long(void **state)
{
	(void)state;
	for (size_t n = 16384 - 60; n < 16384 + 10; n++) {
		mark_and_look(1, n);
		mark_and_look(5, n);
	}
}

static void
mboxmark_finished(void **state)
{
	struct act_job job = { .head = bytes_of(NEW_HEAD), .body = bytes_of("x\n"),
		.content_length = -1 };
	struct emit e;
	int fd;

	(void)state;
	bed_write("box", OLD "From new@");
	emit_plan(&e, &job, EMIT_MBOX);
	fd = open("box", O_RDWR);
	assert_int_equal(mboxmark_clear(fd), 0);
	assert_true(mboxmark_set(fd, (off_t)strlen(OLD), &e));
	assert_int_equal(mboxmark_clear(fd), 0);
	assert_int_equal(mboxmark_take_back(fd, (off_t)strlen(OLD "From new@")), strlen(OLD "From new@"));
	/* Another program's idea of that attribute. */
	assert_int_equal(fsetxattr(fd, "user.bivalve.append", "0", 1, 0), 0);
	assert_int_equal(mboxmark_take_back(fd, 4), 4);
	close(fd);
	bed_is("box", OLD "From new@");
}

/* Where there are no extended attributes, nothing is marked. */
static int
group_setup(void **state)
{
	int fd, rc = bed_home_make(state);

	if (rc < 0)
		return rc;
	fd = open("attributes", O_RDWR | O_CREAT, 0600);
	if (fsetxattr(fd, "user.test", "1", 1, 0) < 0) {
		print_message("1..0 # SKIP no extended attributes here\n");
		exit(0);
	}
	return close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(mboxmark_rows), BED_TEST(mboxmark_long), BED_TEST(mboxmark_finished),
	};

	return cmocka_run_group_tests(tests, group_setup, bed_home_remove);
}
