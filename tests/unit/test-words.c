/* layer: core */
/*
 * test-words.c - encoded words, charsets and parameters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "base/str.h"
#include "core/words.h"

struct pair {
	const char *in, *out;
};

static void
check_pairs(const struct pair *p, size_t count, void (*convert)(struct bytes, struct buf *))
{
	for (size_t i = 0; i < count; i++) {
		struct buf out = BUF_INIT;

		convert(bytes_of(p[i].in), &out);
		if (strcmp(out.p, p[i].out) != 0)
			fail_msg("\"%s\" gives \"%s\", not \"%s\"", p[i].in, out.p, p[i].out);
		buf_clear(&out);
	}
}

static void
test_decode(void **state)
{
	static const struct pair pairs[] = {
		{ "", "" },
		{ "  plain \t", "plain" },
		{ "a\n b\r\n\tc", "a b\tc" },
		{ "=?UTF-8?B?SGVsbG8=?= =?UTF-8?B?IHdvcmxk?=", "Hello world" },
		{ "=?UTF-8?B?SGVsbG8=?=\n =?UTF-8?B?IHdvcmxk?=", "Hello world" },
		{ "=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c" },
		{ "=?utf-8?q?a?==?utf-8?q?b?=", "ab" },
		{ "x=?utf-8?q?a?=y", "xay" },
		{ "=?utf-8?Q?a_b=20c_=5F?=", "a b c _" },
		{ "=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "\xc3\xa9" },
		{ "=?utf-8?Q?=C3?= =?UTF-8?B?qQ==?=", "\xc3\xa9" },
		{ "=?utf-8?Q?=C3?= =?iso-8859-1?Q?=A9?=", "\xef\xbf\xbd\xc2\xa9" },
		{ "=?iso-8859-1?Q?caf=e9?=", "caf\xc3\xa9" },
		{ "=?iso-8859-1*fr?Q?caf=E9?=", "caf\xc3\xa9" },
		{ "=?windows-1252?Q?=80=81?=", "\xe2\x82\xac\xef\xbf\xbd" },
		{ "=?utf-8?B?WA==NQ==Tw==?=", "X5O" },
		{ "=?utf-8?B?SGVsbG8?=", "Hello" },
		{ "=?utf-8?B?SG Vs\tbG8?=", "Hello" },
		{ "=?utf-8?Q?with blanks?=", "with blanks" },
		{ "=?utf-8?Q?bad=4 =ZZ=?=", "bad=4 =ZZ=" },
		{ "=?utf-8?Q?\?=", "" },
		{ "=?utf-8?Q?=41?=", "A" },
		{ "=?utf-8?Q?really?\?=", "really?" },
		{ "=?utf-8?X?abc?=", "=?utf-8?X?abc?=" },
		{ "=?utf-8?Q?abc", "=?utf-8?Q?abc" },
		{ "=?utf-8?Q", "=?utf-8?Q" },
		{ "=??Q?abc?=", "=??Q?abc?=" },
		{ "=?=?utf-8?q?a?=", "=?a" },
		{ "=?utf-8?Q?two=0Alines=00?=", "two lines " },
		{ "=?x-none-such?Q?a=E9b?=", "a\xef\xbf\xbd" "b" },
		{ "=?koi8-r?B?8NLJ18XU?=", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
		{ "=?iso-2022-jp?B?GyRCJDMbKEI=?=", "\xe3\x81\x93" },
		{ "=?x-sjis?Q?=82=b1?=", "\xe3\x81\x93" },
		{ "=?utf-16?B?//5BAA==?=", "A" },
		{ "=?utf-16?B?AEE=?=", "A" },
		{ "=?utf-32?B?//4AAEEAAAA=?=", "A" },
		{ "=?utf-7?Q?Hi_+AKE-?=", "Hi \xc2\xa1" },
		{ "=?utf-8//TRANSLIT?Q?a=E9?=", "a\xef\xbf\xbd" },
		{ "caf\xc3\xa9 raw", "caf\xc3\xa9 raw" },
		{ "caf\xe9 raw \x93", "caf\xc3\xa9 raw \xe2\x80\x9c" },
		{ "caf\xe9 =?utf-8?q?=C3=A9?=", "caf\xc3\xa9 \xc3\xa9" },
	};

	(void)state;
	check_pairs(pairs, sizeof pairs / sizeof pairs[0], words_decode);
}

static void
test_utf8(void **state)
{
	static const struct { const char *text; bool good; } texts[] = {
		{ "", true }, { "ascii", true }, { "\xc3\xa9", true }, { "\xf0\x9f\x98\x80", true },
		{ "\xc3", false }, { "\xc0\x80", false }, { "\xed\xa0\x80", false },
		{ "\xf4\x90\x80\x80", false }, { "\xe0\x80\x80", false }, { "\x80", false },
		{ "\xf4\x8f\xbf\xbf", true }, { "a\xff", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(words_is_utf8(bytes_of(texts[i].text)), texts[i].good);
}

static void
test_encode(void **state)
{
	static const struct { const char *in, *out; size_t column; } rows[] = {
		{ "caf\xc3\xa9 x", "=?UTF-8?Q?caf=C3=A9_x?=", 0 },
		{ "\xd0\x9f\xd1\x80\xd0\xb8", "=?UTF-8?B?0J/RgNC4?=", 0 },
		{ "a\xe9", "=?UTF-8?B?YcOp?=", 0 },
		{ "abcdef\xc3\xa9", "=?UTF-8?Q?abcd?=\n =?UTF-8?Q?ef=C3=A9?=", 59 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf out = BUF_INIT;

		words_encode(bytes_of(rows[i].in), rows[i].column, "\n", &out);
		assert_string_equal(out.p, rows[i].out);
		buf_clear(&out);
	}
}

static void
test_encode_comes_back(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 2000; n++) {
		static const char bytes[] = "ab \xc3\xa9z\xe9_=?\xf0\x9f\x98\x80";
		struct buf text = BUF_INIT, coded = BUF_INIT, again = BUF_INIT, plain = BUF_INIT;
		struct bytes rest, line;
		size_t column = n % 100;

		for (unsigned i = 0; i < 1 + n % 150; i++)
			buf_byte(&text, bytes[(i * 7 + n * 13 + i * i) % (sizeof bytes - 1)]);
		buf_byte(&text, '.');
		words_encode(buf_view(&text), column, "\n", &coded);
		rest = buf_view(&coded);
		for (size_t used = column; bytes_line(&rest, &line); used = 0)
			if (used + line.len > 75 + 1)
				assert_true(used > 50 && line.len < 30);
		words_decode(buf_view(&coded), &again);
		words_raw(buf_view(&text), &plain);
		assert_string_equal(again.p, plain.p);
		buf_clear(&text);
		buf_clear(&coded);
		buf_clear(&again);
		buf_clear(&plain);
	}
}

static void
test_parameter(void **state)
{
	static const struct { const char *value, *best, *all; } rows[] = {
		{ "text/plain", NULL, "" },
		{ "", NULL, "" },
		{ "attachment; filename=a.txt", "a.txt", "a.txt\n" },
		{ "attachment; FileName = \"a b.txt\" ; x=y", "a b.txt", "a b.txt\n" },
		{ "attachment; filename=my file.txt", "my file.txt", "my file.txt\nmy\n" },
		{ "attachment; filename=\"a\\\"b\"", "a\"b", "a\"b\na\\\"b\n" },
		{ "attachment; filename=\"C:\\tmp\\a.exe\"", "C:tmpa.exe",
			"C:tmpa.exe\nC:\\tmp\\a.exe\n" },
		{ "attachment; filename=\"a;b.exe\"; x", "a;b.exe", "a;b.exe\n" },
		{ "attachment; filename=\"a.exe", "a.exe", "a.exe\n" },
		{ "attachment; x=\"; filename=no\"; filename=yes", "yes", "yes\n" },
		{ "attachment; filename=a; filename=b", "a", "a\nb\n" },
		{ "attachment; filename*=utf-8'en'%c3%a9.exe", "\xc3\xa9.exe", "\xc3\xa9.exe\n" },
		{ "attachment; filename=a.txt; filename*=UTF-8''b.exe", "b.exe", "a.txt\nb.exe\n" },
		{ "attachment; filename*=b%2eexe", "b.exe", "b.exe\n" },
		{ "attachment; filename*0=a; filename*1=\".e\"; filename*2=xe", "a.exe",
			"a.exe\n" },
		{ "attachment; filename*1=.exe; filename*0=a", "a.exe", ".exea\na.exe\n" },
		{ "attachment; filename*0*=utf-8''%c3; filename*1*=%a9; filename*2=%41",
			"\xc3\xa9%41",
			"\xc3\xa9%41\n" },
		{ "attachment; filename*0=a; filename*2=c", "a", "ac\na\n" },
		{ "attachment; filename*0=a; filename*0=b; filename*1=c", "ac", "abc\nac\n" },
		{ "attachment; filename*1=b; filename=plain", "plain", "plain\nb\n" },
		{ "attachment; filename*3=d; filename*2=c", "cd", "dc\ncd\n" },
		{ "attachment; filename=\"=?utf-8?q?=C3=A9?=\"", "\xc3\xa9", "\xc3\xa9\n" },
		{ "attachment; filename=\"=?utf-8?b?YQ==?=\n =?utf-8?b?LmV4ZQ==?=\"", "a.exe",
			"a.exe\n" },
		{ "attachment; filename=a%2eexe", "a%2eexe", "a%2eexe\na.exe\n" },
		{ "attachment; filename=(c)a.exe", "a.exe", "a.exe\n" },
		{ "attachment; filename(c)=a.exe", "a.exe", "a.exe\n" },
		{ "attachment; (c; d=e) filename=a.exe", "a.exe", "a.exe\n" },
		{ "attachment; filename=a.exe(c)", "a.exe(c)", "a.exe(c)\na.exe\n" },
		{ "attachment filename=a.exe", "a.exe", "a.exe\n" },
		{ "attachment, filename=a.exe", "a.exe", "a.exe\n" },
		{ "filename=a.exe", "a.exe", "a.exe\n" },
		{ "attachment; filename=\"a.txt\" filename=b.exe", "a.txt", "a.txt\nb.exe\n" },
		{ "attachment; filenames=a; xfilename=b; filename*x=c; filename**=d", NULL, "" },
		{ "attachment; filename=", "", "" },
		{ "attachment; filename=\"\"", "", "" },
		{ "attachment; filename*=unknown-1''a%E9", "a\xef\xbf\xbd", "a\xef\xbf\xbd\n" },
		{ "attachment; filename*=utf-8''a%0A%00b", "a  b", "a  b\n" },
		{ "attachment; filename*99999999999=a", NULL, "" },
		{ "attachment; filename=\n a.exe", "a.exe", "a.exe\n" },
		{ "attachment; filename\n =a.exe", "a.exe", "a.exe\n" },
		{ "attachment; filename=caf\xe9", "caf\xc3\xa9", "caf\xc3\xa9\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf best = BUF_INIT, all = BUF_INIT;
		bool found = words_parameter(bytes_of(rows[i].value), "filename", &best);

		words_parameter_all(bytes_of(rows[i].value), "filename", &all);
		if (found != (rows[i].best != NULL) || (found && strcmp(best.p, rows[i].best) != 0)
		    || strcmp(all.p, rows[i].all) != 0)
			fail_msg("\"%s\" gives \"%s\" and \"%s\"", rows[i].value, best.p, all.p);
		buf_clear(&best);
		buf_clear(&all);
	}
}

/* Pieces of all that the parsers look at, in random order: nothing may crash, and what comes out is
 * one line of UTF-8. */
static void
test_random(void **state)
{
	static const char *const pieces[] = { "=?", "?=", "?", "utf-8", "?q?", "?B?", "=", "==",
		"QUI", " ", "\n ", "\r\n\t", "\xc3", "\xa9", "\xff", "iso-2022-jp", "\x1b$B", "big5",
		"utf-7", "+AKE-", "utf-16", ";", "filename", "name", "*", "*0", "*1*", "*2", "\"", "\\", "(",
		")", "'", "''", "%41", "%zz", "%", ",", "x", "gb2312", "koi8-r", "_", "\x80", "\0" };
	unsigned seed = 1;

	(void)state;
	for (int n = 0; n < 20000; n++) {
		struct buf in = BUF_INIT, out = BUF_INIT;

		for (int i = 0; i < 1 + n % 30; i++) {
			const char *s = pieces[(seed = seed * 1103515245 + 12345) / 65536 % 44];

			buf_add(&in, s, *s ? strlen(s) : 1);
		}
		words_decode(buf_view(&in), &out);
		assert_null(memchr(out.p, '\n', out.len));
		words_parameter(buf_view(&in), "filename", &out);
		assert_null(memchr(out.p, '\n', out.len));
		words_parameter_all(buf_view(&in), "name", &out);
		words_encode(buf_view(&in), (size_t)n % 90, "\r\n", &out);
		words_to_utf8(bytes_of(pieces[n % 44]), buf_view(&in), &out);
		words_encoded_length(buf_view(&in));
		assert_true(words_is_utf8(buf_view(&out)));
		buf_clear(&in);
		buf_clear(&out);
	}
}

static double
seconds_for(const char *piece, size_t size, void (*work)(struct bytes, struct buf *))
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct timespec a, b;

	while (in.len < size)
		buf_str(&in, piece);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	work(buf_view(&in), &out);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	buf_clear(&in);
	buf_clear(&out);
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

static void
work_parameter(struct bytes b, struct buf *out)
{
	words_parameter_all(b, "n", out);
	words_parameter(b, "n", out);
}

/* Text made to hurt: sixteen times as much may take far more than sixteen times as long only if the
 * work is not linear. */
static void
test_linear(void **state)
{
	static const char *const hard[] = { "=?a?q?x", "=?", "=?a?q?", "?=", "=?a?q?b?=", "(",
		"((a)", "\"", "\\", ";n=a", ";n*1=a", ";n*=a''b", "n*0=\"a\" ", "=?utf-8?b?YQ==?= ",
		"=?koi8-r?q?a?==?utf-8?q?a?=", "\xc3", " ", "%41", ";n=%41" };

	(void)state;
	for (size_t i = 0; i < sizeof hard / sizeof hard[0]; i++) {
		double small = seconds_for(hard[i], 1 << 14, words_decode)
		    + seconds_for(hard[i], 1 << 14, work_parameter);
		double large = seconds_for(hard[i], 1 << 18, words_decode)
		    + seconds_for(hard[i], 1 << 18, work_parameter);

		if (large > 0.5 && large > 80 * small)
			fail_msg("\"%s\": %.3f s, %.3f s for 16 times as much", hard[i], small,
			    large);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_encode_comes_back),
		cmocka_unit_test(test_parameter),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
