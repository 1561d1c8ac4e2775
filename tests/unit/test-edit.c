/* layer: mail */
/*
 * test-edit.c - fields set, added, removed; a text in front of the Subject.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str.h"
#include "core/words.h"
#include "mail/edit.h"
#include "mail/field.h"

#define FROM "From a@x Tue Mar 13 10:00:00 2001\n"

typedef int (*edit_function)(struct bytes, struct bytes, struct bytes, struct buf *, struct fail *);

struct row {
	const char *head, *name, *value, *result;   /* result NULL: refused */
};

static int
remove_(struct bytes head, struct bytes name, struct bytes value, struct buf *out, struct fail *why)
{
	(void)value;
	return edit_remove(head, name, out, why);
}

static int
subject(struct bytes head, struct bytes name, struct bytes value, struct buf *out, struct fail *why)
{
	(void)name;
	return edit_subject(head, value, out, why);
}

static void
check_rows(const struct row *rows, size_t count, edit_function edit)
{
	for (size_t i = 0; i < count; i++) {
		struct buf out = BUF_INIT;
		struct fail why = { 0 };
		int rc = edit(bytes_of(rows[i].head), bytes_of(rows[i].name),
		    bytes_of(rows[i].value), &out, &why);

		assert_int_equal(rc, rows[i].result ? 0 : -1);
		if (rows[i].result)
			assert_string_equal(out.p, rows[i].result);
		else
			assert_true(why.kind == FAIL_TEMP && why.text[0]);
		buf_clear(&out);
	}
}

static void
test_set(void **state)
{
	static const struct row rows[] = {
		{ "A: b\n\n", "X", "y", "A: b\nX: y\n\n" },
		{ "A: b\nC: d\n\n", "a", "y", "a: y\nC: d\n\n" },
		{ "A: b\nC: d\nA: e\n f\nG: h\nA: i", "A", "y", "A: y\nC: d\nG: h\n" },
		{ "A: b\n c\nC: d\n\n", "A", "y", "A: y\nC: d\n\n" },
		{ FROM "junk\nA : b\n\n", "A", "y", FROM "junk\nA: y\n\n" },
		{ "A: b\r\n\r\n", "X", "y", "A: b\r\nX: y\r\n\r\n" },
		{ "A: b\r\nX: z\r\n\r\nX: body\r\n", "X", "y", "A: b\r\nX: y\r\n\r\nX: body\r\n" },
		{ FROM "A: b\r\n\r\n", "X", "y", FROM "A: b\r\nX: y\r\n\r\n" },
		{ "A: b", "X", "y", "A: b\nX: y\n" },
		{ "A: b\n", "X", "y", "A: b\nX: y\n" },
		{ "\n", "X", "y", "X: y\n\n" },
		{ "", "X", "y", "X: y\n" },
		{ FROM "\n", "X", "y", FROM "X: y\n\n" },
		{ "A: b\n\n", "X", "  y  z\t", "A: b\nX: y  z\n\n" },
		{ "A: b\n\n", "X", "", "A: b\nX:\n\n" },
		{ "A: b\n\n", "X", "J\xc3\xbcrgen <a@b>",
			"A: b\nX: =?UTF-8?Q?J=C3=BCrgen?= <a@b>\n\n" },
		{ "A: b\n\n", "X", "a \xc3\xbc \xc3\xbc b",
			"A: b\nX: a =?UTF-8?B?w7wgw7w=?= b\n\n" },
		{ "A: b\n\n", "X", "\xfc", "A: b\nX: =?UTF-8?B?w7w=?=\n\n" },
		{ "A: b\n\n", "X", "=?utf-8?q?a?= b", "A: b\nX: =?utf-8?q?a?= b\n\n" },
		{ "A: b\n\n", "X", "a\nB: c", NULL },
		{ "A: b\n\n", "X", "a\rb", NULL },
		{ "A: b\n\n", "X y", "a", NULL },
		{ "A: b\n\n", "X:", "a", NULL },
		{ "A: b\n\n", "", "a", NULL },
		{ "A: b\n\n", "X\n", "a", NULL },
		{ "A: b\n\n", "\xc3\xbc", "a", NULL },
		{ "A: b\n\n",
			"X123456789012345678901234567890123456789012345678901234567890123456789"
			"01234567", "a", NULL },
		{ "A: b\n\n", "Subject",
			"one two three four five six seven eight nine ten eleven twelve "
			"thirteen fourteen",
			"A: b\nSubject: one two three four five six seven eight nine "
			"ten eleven twelve\n thirteen fourteen\n\n" },
	};

	(void)state;
	check_rows(rows, sizeof rows / sizeof rows[0], edit_set);
}

static void
test_nul_is_refused(void **state)
{
	struct buf out = BUF_INIT;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(edit_set(bytes_of("\n"), bytes_of("X"), (struct bytes){ "a\0b", 3 }, &out,
	    &why), -1);
	assert_int_equal(edit_set(bytes_of("\n"), (struct bytes){ "a\0b", 3 }, bytes_of("X"), &out,
	    &why), -1);
	assert_string_equal(out.p, "");
}

static void
test_add_and_remove(void **state)
{
	static const struct row add[] = {
		{ "A: b\n\n", "A", "c", "A: b\nA: c\n\n" },
		{ "A: b\n\nbody", "X", "c", "A: b\nX: c\n\nbody" },
		{ "A: b\njunk", "X", "c", "A: b\njunk\nX: c\n" },
		{ "A: b\n\n", "A", "c\r\nd", NULL },
	};
	static const struct row removed[] = {
		{ "A: b\nC: d\na: e\n f\n\n", "A", "", "C: d\n\n" },
		{ "A: b\n\n", "X", "", "A: b\n\n" },
		{ "A: b", "A", "", "" },
		{ FROM ">From z\nA: b\n\nA: c\n", "A", "", FROM ">From z\n\nA: c\n" },
		{ "A: b\n\n", "From ", "", NULL },
	};

	(void)state;
	check_rows(add, sizeof add / sizeof add[0], edit_add);
	check_rows(removed, sizeof removed / sizeof removed[0], remove_);
}

static void
test_subject(void **state)
{
	static const struct row rows[] = {
		{ "A: b\nSubject: hello\nC: d\n\n", "", "[V]",
			"A: b\nSubject: [V] hello\nC: d\n\n" },
		{ "A: b\n\n", "", "[V]", "A: b\nSubject: [V]\n\n" },
		{ "Subject: [V] hello\n\n", "", "[V]", "Subject: [V] hello\n\n" },
		{ "Subject: =?utf-8?q?[V]?= hello\n\n", "", "[V]",
			"Subject: =?utf-8?q?[V]?= hello\n\n" },
		{ "Subject: Re: [V] hello\n\n", "", "[V]", "Subject: [V] Re: [V] hello\n\n" },
		{ "SUBJECT :hello\r\n\r\n", "", "[V]", "SUBJECT : [V] hello\r\n\r\n" },
		{ "Subject:\n\n", "", "[V]", "Subject: [V]\n\n" },
		{ "Subject:  \n\n", "", "[V]", "Subject: [V]\n\n" },
		{ "Subject:\n hello\n world\n\n", "", "[V]", "Subject: [V] hello\n world\n\n" },
		{ "Subject: hello", "", "[V]", "Subject: [V] hello" },
		{ "Subject: one\nSubject: two\n\n", "", "[V]",
			"Subject: [V] one\nSubject: [V] two\n\n" },
		{ "Subject: =?utf-8?q?a?=\n\n", "", "[V]", "Subject: [V] =?utf-8?q?a?=\n\n" },
		{ "Subject: a \xff\n\n", "", "[V]", "Subject: [V] a \xff\n\n" },
		{ "Subject: a\n\n", "", "\xc3\xbc", "Subject: =?UTF-8?B?w7w=?= a\n\n" },
		{ "Subject: =?utf-8?q?a?=\n\n", "", "\xc3\xbc",
			"Subject: =?UTF-8?B?w7wg?= =?utf-8?q?a?=\n\n" },
		{ "Subject: =?UTF-8?B?w7wg?= =?utf-8?q?a?=\n\n", "", "\xc3\xbc",
			"Subject: =?UTF-8?B?w7wg?= =?utf-8?q?a?=\n\n" },
		{ "Subject: 12345678901234567890123456789012345678901234567890123456789012345678\n\n", "",
			"[V]",
			"Subject: [V]\n 12345678901234567890123456789012345678901234567890123456789"
			"012345678\n\n" },
		{ "Subject: a\n\n", "", "[V]\nBcc: x", NULL },
	};

	(void)state;
	check_rows(rows, sizeof rows / sizeof rows[0], subject);
}

/* Whatever the value: no line over 998 bytes, the value comes back when it is decoded (unless there
 * were encoded words in it before), all other fields are as they were, and doing it again changes
 * nothing. */
static void
test_random_values(void **state)
{
	static const char *const pieces[] = { "word", " ", "  ", "\t", "\xc3\xbc", "\xff",
		"=?utf-8?q?", "?=", "longer-word-than-others", "<a@b>", "\x7f", "\xf0\x9f\x98\x80", "." };
	struct bytes head = bytes_of("A: b\nX: old\nC: =?utf-8?q?d?=\n\n"), name = bytes_of("X");
	unsigned seed = 11, compared = 0;

	(void)state;
	for (int n = 0; n < 3000; n++) {
		struct buf value = BUF_INIT, once = BUF_INIT, twice = BUF_INIT;
		struct buf shown = BUF_INIT, wanted = BUF_INIT;
		struct bytes rest, line;
		struct fail why = { 0 };
		struct field f;

		for (int i = 0; i < n % 120; i++)
			buf_str(&value, pieces[(seed = seed * 1103515245 + 12345) / 65536 % 13]);
		if (n % 50 == 0)
			for (int i = 0; i < 2000; i++)
				buf_byte(&value, n % 100 ? 'x' : ' ');
		assert_int_equal(edit_set(head, name, buf_view(&value), &once, &why), 0);
		rest = buf_view(&once);
		while (bytes_line(&rest, &line))
			assert_true(line.len <= 998);
		assert_true(bytes_starts(buf_view(&once), "A: b\nX:"));
		assert_true(field_find(buf_view(&once), "C", &f));
		assert_int_equal(field_count(buf_view(&once), "X"), 1);
		assert_true(bytes_is(f.all, "C: =?utf-8?q?d?=\n"));
		assert_true(f.all.p + f.all.len + 1 == once.p + once.len);
		if (!strstr(value.p, "=?") && n % 100 != 0) {
			assert_true(field_find(buf_view(&once), "X", &f));
			words_decode(f.value, &shown);
			words_raw(bytes_trim(buf_view(&value)), &wanted);
			assert_string_equal(shown.p, wanted.p);
			compared++;
		}
		assert_int_equal(edit_set(buf_view(&once), name, buf_view(&value), &twice, &why),
		    0);
		assert_string_equal(once.p, twice.p);
		buf_clear(&value);
		buf_clear(&once);
		buf_clear(&twice);
		buf_clear(&shown);
		buf_clear(&wanted);
	}
	assert_true(compared > 100);
}

/* Doing it twice is doing it once, however broken the head is. */
static void
test_subject_once(void **state)
{
	static const char *const pieces[] = { "Subject:", "subject :", "\n", "\n ", "\r\n", "\r", " ",
		"A: b\n", "From ", "=?utf-8?q?", "=?koi8-r?b?", "?=", "a", "\xff", "\f", "\t", "=C3",
		":", "[", "1234567890123456789012345678901234567890", "\xc3\xbc" };
	unsigned seed = 17;

	(void)state;
	for (int n = 0; n < 30000; n++) {
		struct bytes text = bytes_of(n % 2 ? "[\xc3\xbc]" : "[V] x");
		struct buf head = BUF_INIT, once = BUF_INIT, twice = BUF_INIT;
		struct fail why = { 0 };

		buf_str(&head, n % 3 ? "Subject: " : "");
		for (int i = 0; i < n % 25; i++) {
			seed = seed * 1103515245 + 12345;
			buf_str(&head, pieces[seed / 65536 % (sizeof pieces / sizeof pieces[0])]);
			if (seed % 640 == 1)
				buf_byte(&head, '\0');
		}
		assert_int_equal(edit_subject(buf_view(&head), text, &once, &why), 0);
		assert_int_equal(edit_subject(buf_view(&once), text, &twice, &why), 0);
		if (once.len != twice.len || memcmp(once.p, twice.p, once.len) != 0)
			fail_msg("\"%s\" becomes \"%s\", then \"%s\"", head.p, once.p, twice.p);
		assert_true(field_count(buf_view(&once), "Subject") > 0);
		buf_clear(&head);
		buf_clear(&once);
		buf_clear(&twice);
	}
}

static void
test_split(void **state)
{
	struct bytes name, value;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(edit_split(bytes_of("X-Tag:  a: b "), &name, &value, &why), 0);
	assert_true(bytes_is(name, "X-Tag") && bytes_is(value, "a: b"));
	assert_int_equal(edit_split(bytes_of("X-Tag:"), &name, &value, &why), 0);
	assert_true(value.len == 0);
	assert_int_equal(edit_split(bytes_of("X-Tag a"), &name, &value, &why), -1);
	fail_clear(&why);
	assert_int_equal(edit_split(bytes_of("X Tag: a"), &name, &value, &why), -1);
	fail_clear(&why);
	assert_int_equal(edit_split(bytes_of(""), &name, &value, &why), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_nul_is_refused),
		cmocka_unit_test(test_add_and_remove),
		cmocka_unit_test(test_subject),
		cmocka_unit_test(test_random_values),
		cmocka_unit_test(test_subject_once),
		cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
