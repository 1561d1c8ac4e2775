/* layer: mime */
/*
 * test-flatten.c - canonical encodings, parts taken out, and messages written anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/patch.h"
#include "mime/encode.h"
#include "mime/flatten.h"
#include "mime/flatten_field.h"
#include "mime/strip.h"

static void
test_base64(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "", "" }, { "a", "YQ==\n" }, { "ab", "YWI=\n" }, { "abc", "YWJj\n" },
		{ "\xff\xfe\xfd" "0", "//79MA==\n" },
		{ "012345678901234567890123456789012345678901234567890123456",
		  "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2\n" },
		{ "0123456789012345678901234567890123456789012345678901234567",
		  "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2\nNw==\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;

		encode_base64(bytes_of(cases[i].text), "\n", &out);
		assert_string_equal(out.p, cases[i].wanted);
		buf_clear(&out);
	}
}

static void
test_quoted(void **state)
{
	static const struct {
		const char *text, *eol, *wanted;
	} cases[] = {
		{ "a\nb", "\n", "a\nb" }, { "a\r\nb\n", "\r\n", "a\r\nb=0A" },
		{ "a \nb\t", "\n", "a=20\nb=09" }, { "a b", "\n", "a b" },
		{ "=\xc3\xbc", "\n", "=3D=C3=BC" }, { "--x\n.\nFrom y\nbegin 6", "\n",
		  "=2D-x\n=2E\n=46rom y\n=62egin 6" },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789012345",
		  "\n",
		  "012345678901234567890123456789012345678901234567890123456789012345678901234=\n5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;

		encode_quoted(bytes_of(cases[i].text), cases[i].eol, &out);
		assert_string_equal(out.p, cases[i].wanted);
		buf_clear(&out);
	}
}

static void
test_plain(void **state)
{
	(void)state;
	assert_true(encode_is_plain(bytes_of("a\tb\n\nc"), "\n"));
	assert_true(encode_is_plain(bytes_of("a\r\nb"), "\r\n"));
	assert_false(encode_is_plain(bytes_of("a\r\nb"), "\n"));
	assert_false(encode_is_plain(bytes_of("a\nb"), "\r\n"));
	assert_false(encode_is_plain(bytes_of("\xc3\xbc"), "\n"));
	assert_false(encode_is_plain(bytes_of("a\n-"), "\n"));
	assert_false(encode_is_plain(bytes_of("From a"), "\n"));
}

static void
test_names(void **state)
{
	static const struct {
		const char *name, *wanted;
	} cases[] = {
		{ "", "" }, { "a.txt", ";\n filename=a.txt" }, { "a b", ";\n filename=\"a b\"" },
		{ "..\\..\\a.exe", ";\n filename=a.exe" }, { "/etc/passwd. .", ";\n filename=passwd" },
		{ "a\xe2\x80\xaetxt.exe", ";\n filename=atxt.exe" },
		{ "\xc3\xbc\".x", ";\n filename*=utf-8''%C3%BC%22.x" }, { "a\r\nB: c", ";\n filename=\"aB: c\"" },
		{ "...", "" }, { "x%41", ";\n filename*=utf-8''x%2541" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;

		flatten_field_name("filename", bytes_of(cases[i].name), "\n", &out);
		assert_string_equal(out.p, cases[i].wanted);
		buf_clear(&out);
	}
}

static void
test_strip(void **state)
{
	static const struct {
		const char *text;
		int entity;
		const char *wanted;
	} cases[] = {
		{ "A: b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nabc\n--x\n\ndef\n--x--\nend\n", 1,
		  "A: b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
		  "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n"
		  "Content-Disposition: inline\n\nN\n--x\n\ndef\n--x--\nend\n" },
		{ "A: b\nContent-Type: image/png\n\nabc", 0,
		  "A: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n"
		  "Content-Transfer-Encoding: 7bit\nContent-Disposition: inline\n\nN\n" },
		{ "Content-Type: multipart/mixed; boundary=x\n\n--x", 1,
		  "Content-Type: multipart/mixed; boundary=x\n\n--x\n"
		  "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n"
		  "Content-Disposition: inline\n\nN\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct split *s = split_new(bytes_of(cases[i].text), &split_main);
		const struct strip_note note = { cases[i].entity, bytes_of("N\n") };
		struct buf out = BUF_INIT;
		struct patch p;

		patch_init(&p);
		strip_patch(s, &note, 1, &p);
		patch_apply(&p, s->text, &out);
		assert_string_equal(out.p, cases[i].wanted);
		patch_clear(&p);
		buf_clear(&out);
		split_free(&s);
	}
}

static void
flatten(const char *text, const char *reading, struct buf *out)
{
	struct flatten *f = flatten_new(bytes_of(text));
	struct patch p;

	patch_init(&p);
	if (reading && flatten_lacks(f, bytes_of(reading)))
		flatten_add(f, bytes_of(reading), "");
	flatten_patch(f, &p);
	patch_apply(&p, bytes_of(text), out);
	patch_clear(&p);
	flatten_free(&f);
	/* The boundary without what it is made of. */
	for (char *at = out->p; (at = strstr(at, "=_bivalve_")); at += 3)
		memcpy(at, "B=========================", 26);
}

#define B_ "B=========================_00000"

static void
test_flatten(void **state)
{
	static const struct {
		const char *text, *reading, *wanted;
	} cases[] = {
		{ "A: b\n\ntext\n", NULL,
		  "A: b\nMIME-Version: 1.0\nContent-Type: text/plain\n"
		  "Content-Transfer-Encoding: 7bit\n\ntext\n" },
		{ "A: b\nContent-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n"
		  "Content-Type: text/plain; charset=utf-8\n\naGVsbG8gw7w9\n", NULL,
		  "A: b\nMIME-Version: 1.0\nContent-Type: text/plain;\n charset=utf-8\n"
		  "Content-Transfer-Encoding: quoted-printable\n\nhello =C3=BC=3D\n" },
		{ "A: b\n\ntext\n", "text", "A: b\nMIME-Version: 1.0\nContent-Type: text/plain\n"
		  "Content-Transfer-Encoding: 7bit\n\ntext\n" },
		{ "A: b\n\ntext\n", "more", "A: b\nMIME-Version: 1.0\n"
		  "Content-Type: multipart/mixed;\n boundary=\"" B_ "0\"\n\n--" B_ "0\n"
		  "Content-Type: text/plain\nContent-Transfer-Encoding: 7bit\n\ntext\n\n--" B_ "0\n"
		  "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
		  "Content-Disposition: attachment;\n filename=reading-01.bin\n\nbW9yZQ==\n--" B_ "0--\n" },
		{ "Content-Type: multipart/signed; boundary=x\nB : c\n\n--x\n\n1\n--x--\n", NULL,
		  "B: c\nMIME-Version: 1.0\nContent-Type: multipart/mixed;\n boundary=\"" B_ "1\"\n\n"
		  "--" B_ "1\nContent-Type: text/plain\nContent-Transfer-Encoding: 7bit\n\n1\n--" B_ "1--\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;

		flatten(cases[i].text, cases[i].reading, &out);
		assert_string_equal(out.p, cases[i].wanted);
		buf_clear(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64), cmocka_unit_test(test_quoted),
		cmocka_unit_test(test_plain), cmocka_unit_test(test_names),
		cmocka_unit_test(test_strip), cmocka_unit_test(test_flatten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
