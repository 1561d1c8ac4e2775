/* layer: mail */
/*
 * test-contentlength.c - rows recorded from procmail 3.22, for a body of 39 bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/contentlength.h"

static void
test_fit(void **state)
{
	static const struct { const char *old, *new; long trusted; } rows[] = {
		{ "Content-Length: 1", "Content-Length:39", 39 },
		{ "Content-Length: 12", "Content-Length: 39", 39 },
		{ "Content-Length:1", "Content-Length:9", 9 },
		{ "Content-Length:12", "Content-Length:39", 39 },
		{ "Content-Length:    1", "Content-Length:   39", 39 },
		{ "Content-Length:1    ", "Content-Length:   39", 39 },
		{ "Content-Length: 99999999", "Content-Length:       39", 39 },
		{ "Content-Length:", NULL, -1 },
		{ "Content-Length: ", "Content-Length:9", 9 },
		{ "Content-Length:  ", "Content-Length:39", 39 },
		{ "Content-Length: abc", "Content-Length:  39", 39 },
		{ "Content-Length: -5", "Content-Length: 39", 39 },
		{ "Content-Length : 12345", NULL, -1 },
		{ "CONTENT-length: 12345", "CONTENT-length:    39", 39 },
		{ "Content-Length:\t12345", "Content-Length:    39", 39 },
		{ "Content-Length: 7\nContent-Length: 008", "Content-Length:39\nContent-Length:  39",
			39 },
		{ "Content-Length: 7\nA: b\nContent-Length:8", "Content-Length:39\nA: b\n"
			"Content-Length:9", 9 },
		{ "Content-Length: 7\nContent-Length:\n 8", "Content-Length:39\nContent-Length:\n 8",
			0 },
		{ "Content-Length:\n 12345", NULL, -1 },
		{ "Content-Length: 12345 (x)", "Content-Length:        39", 39 },
		{ "Content-Length: 1\n 2345", "Content-Length:39\n 2345", 39 },
		{ "Content-Length: 123\r", "Content-Length:  39\r", 39 },
		{ "X-Content-Length: 12345", NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf head = BUF_INIT, want = BUF_INIT, out = BUF_INIT;

		buf_printf(&head, "From a@x b\nSubject: a\n%s\nX: y\n\n", rows[i].old);
		if (rows[i].new)
			buf_printf(&want, "From a@x b\nSubject: a\n%s\nX: y\n\n", rows[i].new);
		assert_int_equal(contentlength_fit(buf_view(&head), 39, &out), rows[i].trusted);
		assert_string_equal(out.p, want.p);
		buf_clear(&head);
		buf_clear(&want);
		buf_clear(&out);
	}
}

/* A message that was cut off right there. */
static void
test_ends_at_colon(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(contentlength_fit(bytes_of("A: b\nContent-Length:"), 0, &out), -1);
	assert_int_equal(out.len, 0);
	buf_clear(&out);
}

static void
test_keeps_what_out_holds(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	buf_str(&out, "before ");
	assert_int_equal(contentlength_fit(bytes_of("Content-Length: 0\n"), 0, &out), 0);
	assert_string_equal(out.p, "before Content-Length: 0\n");
	assert_int_equal(contentlength_fit(bytes_of("A: b\n\nContent-Length: 0\n"), 5, &out), -1);
	assert_int_equal(contentlength_fit(bytes_of("content-length: 12"), 1234567890, &out), 999);
	assert_string_equal(out.p, "before Content-Length: 0\ncontent-length:999");
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_ends_at_colon),
		cmocka_unit_test(test_keeps_what_out_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
