/* layer: mail */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "mail/topline.h"

static const struct {
	const char *sender, *in, *first, *out;  /* out: behind the From_ line */
} rows[] = {
	{ "a@b", "Subject: x\n\ny\n", "From a@b ", "Return-Path: <a@b>\nSubject: x\n\ny\n" },
	{ "", "\ny\n", "From MAILER-DAEMON ", "Return-Path: <>\n\ny\n" },
	/* What the MTA wrote there goes, with its folds; what comes behind stays. */
	{ "a@b", "Return-Path: <a@b>\nReturn-Path: <c>\n\n", "From a@b ",
		"Return-Path: <a@b>\n\n" },
	{ "a@b", "From x y\nreturn-path:\n <a@b>\n\t(c)\nTo: x\nReturn-Path: <z>\n\n", "From a@b ",
		"Return-Path: <a@b>\nTo: x\nReturn-Path: <z>\n\n" },
	{ "a@b", " folded\nTo: x\n", "From a@b ", "Return-Path: <a@b>\n folded\nTo: x\n" },
	{ "a@b", ">From x\n", "From a@b ", "Return-Path: <a@b>\n>From x\n" },
	/* No line of its own through a sender. */
	{ "a\nX: y", "T: x\n", "From a?X: y ", "Return-Path: <a?X: y>\nT: x\n" },
	{ "a@b", "", "From a@b ", "Return-Path: <a@b>\n" },
	{ "a@b", "no end", "From a@b ", "Return-Path: <a@b>\nno end" },
};

static void
test_topline(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (size_t step = 1; step <= strlen(rows[i].in) + 1; step++) {
			struct bytes in = bytes_of(rows[i].in);
			struct buf out = BUF_INIT;
			struct topline t = { .done = false };

			topline_begin(&t, rows[i].sender, 0);
			for (; in.len > 0; in = bytes_from(in, step))
				topline_take(&t, bytes_first(in, step), &out);
			topline_end(&t, &out);
			assert_true(bytes_starts(buf_view(&out), rows[i].first));
			assert_non_null(strchr(out.p, '\n'));
			assert_string_equal(strchr(out.p, '\n') + 1, rows[i].out);
			topline_clear(&t);
			buf_clear(&out);
		}
	}
}

static void
test_long_lines_are_not_held(void **state)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct topline t = { .done = false };

	(void)state;
	buf_str(&in, "Return-Path: <");
	for (int i = 0; i < 3 * TOPLINE_MAX; i++)
		buf_byte(&in, 'x');
	topline_begin(&t, "a", 0);
	for (size_t at = 0; at < in.len; at += 1000)
		topline_take(&t, bytes_first(bytes_from(buf_view(&in), at), 1000), &out);
	assert_true(t.done);
	assert_true(out.len >= in.len);
	topline_clear(&t);
	buf_clear(&in);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topline), cmocka_unit_test(test_long_lines_are_not_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
