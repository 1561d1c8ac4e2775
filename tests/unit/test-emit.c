/* layer: act */
/*
 * test-emit.c - the forms of a message: what procmail 3.22 wrote for the same ones.
 */
#include "act_bed.h"

#include "act/emit.h"
#include "core/store.h"

#define FROM "From a@b Tue Mar 13 10:00:00 2001\n"
#define HEAD FROM ">From x\nFrom y z\nSubject: q\n>From hdr\nFrom in header\n\n"
#define BODY "From body\n>From b2\nx"

static const struct {
	enum emit_form form;
	const char *head, *body;
	bool raw;
	long trusted;
	const char *expect;
} rows[] = {
	{ EMIT_MBOX, HEAD, BODY, false, -1, FROM ">From x\n>From y z\nSubject: q\n>From hdr\n"
	    ">From in header\n\n>From body\n>From b2\nx\n" },
	{ EMIT_MBOX, HEAD, BODY, true, -1, HEAD BODY },
	{ EMIT_MBOX, HEAD, "", false, -1, FROM ">From x\n>From y z\nSubject: q\n>From hdr\n"
	    ">From in header\n\n" },
	{ EMIT_MBOX, "", BODY, false, -1, BODY "\n" },
	{ EMIT_FILE, HEAD, BODY, false, -1, HEAD BODY "\n" },
	{ EMIT_FILE, HEAD, BODY, true, -1, HEAD BODY },
	{ EMIT_MAILDIR, HEAD, BODY, false, -1, "From y z\nSubject: q\n>From hdr\n"
	    "From in header\n\n" BODY },
	{ EMIT_MAILDIR, "", BODY, false, -1, BODY },
	{ EMIT_MAILDIR, ">From x\nSubject: q\n\n", "", false, -1, ">From x\nSubject: q\n\n" },
	{ EMIT_FORWARD, HEAD, BODY, false, -1, "From y z\nSubject: q\n>From hdr\n"
	    "From in header\n\n" BODY "\n" },
	{ EMIT_MBOX, "", "", false, -1, "\n" },
	{ EMIT_MBOX, "\n", "", false, -1, "\n\n" },
	{ EMIT_MBOX, "S: x\n", "", false, -1, "S: x\n\n" },
	{ EMIT_MBOX, "S: x\n\n", "", false, -1, "S: x\n\n" },
	{ EMIT_MBOX, "S: x\n\n", "a\n\n", false, -1, "S: x\n\na\n\n" },
	{ EMIT_MBOX, "S: x\n\n", "From\nFrom:\n From a\nfrom b\n\nFrom c\n\n", false, -1,
	    "S: x\n\nFrom\nFrom:\n From a\nfrom b\n\n>From c\n\n" },
	/* Content-Length: nothing is quoted in so many bytes, all is behind them. */
	{ EMIT_MBOX, "S: x\n\n", "From a\nFrom b\nFrom c\n", false, 7, "S: x\n\nFrom a\n>From b\n"
	    ">From c\n\n" },
	{ EMIT_MBOX, "S: x\n\n", "From a\nFrom b\nFrom c\n", false, 8, "S: x\n\nFrom a\nFrom b\n"
	    ">From c\n\n" },
	{ EMIT_MBOX, "S: x\n\n", "From a\nFrom b\n", false, 1, "S: x\n\nFrom a\n>From b\n\n" },
	{ EMIT_MBOX, "S: x\n\n", "From a\nFrom b\n", false, 0, "S: x\n\n>From a\n>From b\n\n" },
	{ EMIT_MBOX, "S: x\n\n", "From a\nFrom b\n", false, 99, "S: x\n\nFrom a\nFrom b\n\n" },
	/* A line that begins in a header cut off by a filter. */
	{ EMIT_MBOX, "S: x\nFr", "om a\n\n", false, -1, "S: x\n>From a\n\n" },
	{ EMIT_MBOX, "S: x\nFrom", " a\n\n", false, -1, "S: x\n>From a\n\n" },
	{ EMIT_MBOX, "S: x\nFrom", "a\n\n", false, -1, "S: x\nFroma\n\n" },
	{ EMIT_MBOX, "S: x", "From a\n\n", false, -1, "S: xFrom a\n\n" },
};

static void
emit_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct act_job job = { .head = bytes_of(rows[i].head), .body = bytes_of(rows[i].body),
			.raw = rows[i].raw, .from_line = strncmp(rows[i].head, "From ", 5) == 0,
			.content_length = rows[i].trusted };
		int fd = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		size_t written = 0;
		struct emit e;

		assert_true(fd >= 0);
		emit_plan(&e, &job, rows[i].form);
		assert_int_equal(emit_write(fd, &e, &written), 0);
		close(fd);
		assert_int_equal(written, strlen(rows[i].expect));
		bed_is("out", rows[i].expect);
	}
}

#define LARGE (600 * 1024)

/* A mapped message that is written slice by slice: quotes fall on every side of a cut, and what is
 * given back to the system can be read again. */
static void
emit_large(void **state)
{
	struct buf body = BUF_INIT, expect = BUF_INIT, got = BUF_INIT;
	struct act_job job = { .head = bytes_of("S: x\n\n"), .content_length = -1 };
	struct store *s;
	size_t written;
	struct emit e;

	(void)state;
	for (size_t shift = 0; shift < 16; shift++) {
		int fd = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600);
		int in = open("in", O_RDWR | O_CREAT | O_TRUNC, 0600);

		buf_cut(&body, 0);
		buf_cut(&expect, 0);
		buf_cut(&got, 0);
		buf_str(&expect, "S: x\n\n");
		for (size_t i = 1; i <= LARGE; i++) {
			/* Around what may be a slice's end; often, too. */
			bool here = (i + shift) % (shift % 4 ? 262144 : 8191) == 8;

			buf_str(&body, here ? "\nFrom " : i % 70 ? "x" : "\n");
			buf_str(&expect, here ? "\n>From " : i % 70 ? "x" : "\n");
		}
		buf_str(&body, "\n\n");
		buf_str(&expect, "\n\n");
		assert_int_equal(fd_write_all(in, body.p, body.len), 0);
		s = store_from_fd(in);
		assert_non_null(s);
		job.body = job.mapped = s->bytes;
		emit_plan(&e, &job, EMIT_MBOX);
		assert_int_equal(emit_write(fd, &e, &written), 0);
		assert_int_equal(written, expect.len);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		assert_int_equal(fd_read_all(fd, 1u << 20, &got), 0);
		assert_int_equal(got.len, expect.len);
		assert_memory_equal(got.p, expect.p, got.len);
		assert_memory_equal(s->bytes.p, body.p, body.len);
		store_unref(&s);
		close(fd);
	}
	buf_clear(&body);
	buf_clear(&expect);
	buf_clear(&got);
}

/* More quotes than one writev takes, and a body with NULs. */
static void
emit_many_quotes(void **state)
{
	struct buf body = BUF_INIT, expect = BUF_INIT, got = BUF_INIT;
	struct act_job job = { .head = bytes_of("S: x\n\n"), .content_length = -1 };
	int fd = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600);
	size_t written;
	struct emit e;

	(void)state;
	buf_str(&expect, "S: x\n\n");
	for (int i = 0; i < 1000; i++) {
		buf_printf(&body, "From %d\n", i);
		buf_byte(&body, '\0');
		buf_str(&body, "\n");
		buf_printf(&expect, ">From %d\n", i);
		buf_byte(&expect, '\0');
		buf_str(&expect, "\n");
	}
	buf_byte(&expect, '\n');
	job.body = buf_view(&body);
	emit_plan(&e, &job, EMIT_MBOX);
	assert_int_equal(emit_write(fd, &e, &written), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(fd_read_all(fd, 1u << 20, &got), 0);
	assert_int_equal(got.len, expect.len);
	assert_memory_equal(got.p, expect.p, got.len);
	close(fd);
	buf_clear(&body);
	buf_clear(&expect);
	buf_clear(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { BED_TEST(emit_forms), BED_TEST(emit_large),
		BED_TEST(emit_many_quotes) };

	return cmocka_run_group_tests(tests, bed_home_make, bed_home_remove);
}
