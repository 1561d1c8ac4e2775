/* layer: mail */
/*
 * test-fromline.c - the From_ line and what -f makes of it, as recorded from procmail 3.22.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "mail/fromline.h"

#define DATE "Tue Mar 13 10:00:00 2001"
#define NOW 1045353723
#define NEW "  Sun Feb 16 00:02:03 2003\n"

static void
test_parse(void **state)
{
	static const struct { const char *head, *sender, *date, *all; } rows[] = {
		{ "From a@x " DATE "\nA: b\n", "a@x", DATE, "From a@x " DATE "\n" },
		{ "From   a@x  " DATE, "a@x", DATE, "From   a@x  " DATE },
		{ "From \"a b\"@x " DATE "\n", "\"a b\"@x", DATE, "From \"a b\"@x " DATE "\n" },
		{ "From a b c\n", "a", "b c", "From a b c\n" },
		{ "From " DATE "\n", "Tue", "Mar 13 10:00:00 2001", "From " DATE "\n" },
		{ "From \n", "", "", "From \n" },
		{ "From a@x\r\nA: b\r\n", "a@x", "", "From a@x\r\n" },
	};
	static const char *const none[] = { "", "From: a\n", ">From a\n", "From\ta\n",
		"\nFrom a\n" };
	struct fromline f;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_true(fromline_parse(bytes_of(rows[i].head), &f));
		assert_true(bytes_is(f.sender, rows[i].sender));
		assert_true(bytes_is(f.date, rows[i].date));
		assert_true(bytes_is(f.all, rows[i].all));
	}
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_false(fromline_parse(bytes_of(none[i]), &f));
}

static void
test_apply(void **state)
{
	static const struct { const char *head, *sender, *result; } rows[] = {
		{ "A: b\n\n", "c@y", "From c@y" NEW "A: b\n\n" },
		{ "A: b\n\n", "-", "From user" NEW "A: b\n\n" },
		{ "From a@x " DATE "\nA: b\n\n", "c@y", "From c@y" NEW "A: b\n\n" },
		{ "From a@x " DATE "\nA: b\n\n", "-", "From a@x" NEW "A: b\n\n" },
		{ "From \"a b\"@x " DATE "\n\n", "-", "From \"a b\"@x" NEW "\n" },
		{ "From   a@x   foo\n\n", "-", "From   a@x" NEW "\n" },
		{ "From a@x b@y " DATE " remote from z\n\n", "-", "From a@x b@y" NEW "\n" },
		{ "From \n\n", "-", "From " NEW "\n" },
		{ "A: b\n\n", "", "From " NEW "A: b\n\n" },
		{ "A: b\n\n", "a b@c", "From a b@c" NEW "A: b\n\n" },
		{ "A: b\n\n", "a\nB: c\t\x7f", "From a?B: c??" NEW "A: b\n\n" },
		{ "A: b\n\n", "\xc3\xa9@x", "From \xc3\xa9@x" NEW "A: b\n\n" },
		{ "A: b\n\n", "--", "From --" NEW "A: b\n\n" },
		{ ">From z\nA: b\n\n", "c", "From c" NEW ">From z\nA: b\n\n" },
		{ "From a " DATE "\n>From z\n\n", "c", "From c" NEW ">From z\n\n" },
		{ "From a " DATE "\n more\n\n", "c", "From c" NEW " more\n\n" },
		{ "From\ta\n\n", "c", "From c" NEW "From\ta\n\n" },
		{ "\n\nFrom a " DATE "\nA: b\n\n", "-", "From a" NEW "A: b\n\n" },
		{ "\n\nA: b\n\n", "c", "From c" NEW "A: b\n\n" },
		{ "\n", "c", "From c" NEW },
		{ "", "c", "From c" NEW },
		{ "From a@x " DATE, "c", "From c" NEW },
		{ "From a@x", "-", "From user" NEW },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf out = BUF_INIT;

		fromline_apply(bytes_of(rows[i].head), rows[i].sender, "user", NOW, &out);
		assert_string_equal(out.p, rows[i].result);
		buf_clear(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_apply),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
