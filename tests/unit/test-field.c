/* layer: mail */
/*
 * test-field.c - walking the fields of heads, sound and broken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/field.h"

#define FROM "From a@x Tue Mar 13 10:00:00 2001\n"

/* "name|value|" for every field, and then what is left. */
static void
test_walk(void **state)
{
	static const struct { const char *head, *fields; } rows[] = {
		{ "", "" },
		{ "\n", "\n" },
		{ "A: b\n\n", "A| b|\n" },
		{ "A:b", "A|b|" },
		{ "A:", "A||" },
		{ "A:\n", "A||" },
		{ "A: b\r\nC: d\r\n\r\nE: f\r\n", "A| b|C| d|\r\nE: f\r\n" },
		{ "A: b\n c\n\td\nE: f\n", "A| b\n c\n\td|E| f|" },
		{ FROM "A: b\n", "A| b|" },
		{ FROM ">From b\n cont: x\nA: b\n", "A| b|" },
		{ FROM "\n", "\n" },
		{ "A : b\nC\t: d\n", "A| b|C| d|" },
		{ "A b: c\njunk\n more: junk\nD: e\n", "D| e|" },
		{ " lead: x\nA: b\n", "A| b|" },
		{ ": x\nA: b\n", "A| b|" },
		{ "A:: b\n", "A|: b|" },
		{ "\x80: x\nA: \x80\n", "A| \x80|" },
		{ "A: b\n\nC: d\n", "A| b|\nC: d\n" },
		{ "A: b\n \n\n", "A| b\n |\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct bytes rest = bytes_of(rows[i].head);
		struct buf got = BUF_INIT;
		struct field f;

		while (field_next(&rest, &f))
			buf_printf(&got, "%.*s|%.*s|", (int)f.name.len, f.name.p,
			    (int)f.value.len, f.value.p);
		buf_bytes(&got, rest);
		assert_string_equal(got.p, rows[i].fields);
		buf_clear(&got);
	}
}

static void
test_find_and_count(void **state)
{
	struct bytes head = bytes_of(FROM "Received: 1\nreceived: 2\nX-Received: 3\n"
	    "RECEIVED : 4\n\nReceived: body\n");
	struct field f;

	(void)state;
	assert_int_equal(field_count(head, "Received"), 3);
	assert_int_equal(field_count(head, "Delivered-To"), 0);
	assert_true(field_find(head, "x-received", &f));
	assert_true(bytes_is(f.value, " 3"));
	assert_true(bytes_is(f.all, "X-Received: 3\n"));
	assert_false(field_find(head, "Received:", &f));
	assert_false(field_find(head, "", &f));
}

static void
test_from_lines(void **state)
{
	static const struct { const char *head, *lines; } rows[] = {
		{ "", "" }, { "A: b\n", "" }, { FROM "A: b\n", FROM }, { FROM, FROM },
		{ FROM ">From b\n>From c\nA: b\n", FROM ">From b\n>From c\n" },
		{ "From a\n more\nA: b\n", "From a\n more\n" }, { "From: a\n", "" },
		{ "From a", "From a" }, { ">From", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_true(bytes_is(field_from_lines(bytes_of(rows[i].head)), rows[i].lines));
}

static void
test_unfold(void **state)
{
	static const struct { const char *value, *line; } rows[] = {
		{ " a", "a" }, { " a\n b", "a b" }, { "\r\n a\r\n\tb \r\n ", "a\tb" }, { "", "" },
		{ " \n \n", "" }, { "a\rb", "a\rb" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf line = BUF_INIT;

		field_unfold(bytes_of(rows[i].value), &line);
		assert_string_equal(line.p, rows[i].line);
		buf_clear(&line);
	}
}

static unsigned
roll(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed / 65536;
}

/* The parts of a walk lie inside the head, in order. */
static void
test_random(void **state)
{
	static const char alphabet[] = "Aa:: \t\n\n\r>From\0\x80";
	unsigned seed = 7;

	(void)state;
	for (int n = 0; n < 50000; n++) {
		char head[64];
		struct bytes all = { head, (size_t)n % sizeof head }, rest = all;
		const char *at = head;
		struct field f;

		for (size_t i = 0; i < all.len; i++)
			head[i] = alphabet[roll(&seed) % sizeof alphabet];
		while (field_next(&rest, &f)) {
			assert_true(f.all.p >= at && f.all.p + f.all.len == rest.p);
			assert_true(f.name.p == f.all.p && field_is_name(f.name));
			assert_true(f.value.p + f.value.len <= rest.p);
			assert_true(f.value.p[-1] == ':');
			at = rest.p;
		}
		assert_true(rest.p + rest.len == head + all.len);
		assert_true(rest.len == 0 || rest.p[0] == '\n' || rest.p[0] == '\r');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_find_and_count),
		cmocka_unit_test(test_from_lines),
		cmocka_unit_test(test_unfold),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
