/* layer: mail */
/*
 * test-address.c - addresses out of sound and of hostile fields.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

#include "core/words.h"
#include "mail/address.h"

static void
test_list(void **state)
{
	static const struct { const char *value, *lines; } rows[] = {
		{ "", "" },
		{ " a@B.Example\n", "a@b.example\n" },
		{ "John Doe <John@B.c>", "John@b.c\n" },
		{ "\"Doe, John\" <a@b>, c@d", "a@b\nc@d\n" },
		{ "a@b (John (the) Doe)", "a@b\n" },
		{ "(x) a (y) . (z) b @ (w) c . d", "a.b@c.d\n" },
		{ "<a@b>,<c@d>,,<e@f>,", "a@b\nc@d\ne@f\n" },
		{ "Friends: a@b, C <c@d>;, e@f", "a@b\nc@d\ne@f\n" },
		{ "undisclosed-recipients:;", "" },
		{ "<@r1,@r2:a@b>", "a@b\n" },
		{ "X <@r1:a@b>, c@d", "a@b\nc@d\n" },
		{ "\"a b\"@C", "\"a b\"@c\n" },
		{ "\"ab\"@c, \"a.b\"@c, \"a\\\"b\"@c", "ab@c\na.b@c\n\"a\\\"b\"@c\n" },
		{ "\"a\".b@c", "a.b@c\n" },
		{ "\"a@b\"@c", "\"a@b\"@c\n" },
		{ "a@b@c", "\"a@b\"@c\n" },
		{ "a\\@b@c", "\"a@b\"@c\n" },
		{ "a@[127.0.0.1], b@[IPv6:::1]", "a@[127.0.0.1]\nb@[ipv6:::1]\n" },
		{ "a@[ 127.0.0.1 ]", "a@[127.0.0.1]\n" },
		{ "John <a@b", "a@b\n" },
		{ "John a@b>", "a@b\n" },
		{ "John a@b", "a@b\n" },
		{ "a@b c@d", "a@b\nc@d\n" },
		{ "a@b <c@d>", "c@d\n" },
		{ "\"a@b\" <c@d>", "c@d\n" },
		{ "<a@b> <c@d>", "a@b\nc@d\n" },
		{ "<a@b>; c@d", "a@b\nc@d\n" },
		{ "=?utf-8?q?a=40b?= <c@d>", "c@d\n" },
		{ "=?utf-8?q?Doe,_a@b?= <c@d>", "c@d\n" },
		{ "=?utf-8?q?Doe?=", "" },
		{ "MAILER-DAEMON", "MAILER-DAEMON\n" },
		{ "<MAILER-DAEMON> (Mail)", "MAILER-DAEMON\n" },
		{ "Mail System <MAILER-DAEMON>", "MAILER-DAEMON\n" },
		{ "John Doe", "" },
		{ "\"John\"", "" },
		{ "<>", "" },
		{ "<> x", "" },
		{ "a@", "" },
		{ "@b", "" },
		{ "a@.", "" },
		{ "a@b.", "a@b\n" },
		{ "a..b@c", "a..b@c\n" },
		{ "\"unclosed <a@b>", "a@b\n" },
		{ "(unclosed <a@b>", "a@b\n" },
		{ "(closed (not) a@b, c@d", "a@b\nc@d\n" },
		{ "a(b@c", "b@c\n" },
		{ "mailto:a@b", "a@b\n" },
		{ "<mailto:a@b>", "a@b\n" },
		{ "a\001@b, c@d\177, e@f", "e@f\n" },
		{ "a@b\n\t,\n c@d", "a@b\nc@d\n" },
		{ "j\xc3\xb6rg@\xc3\xb6.De", "j\xc3\xb6rg@\xc3\xb6.de\n" },
		{ "j\xf6rg@x", "j\xc3\xb6rg@x\n" },
		{ "a@\"b c\"", "" },
		{ "a@b[c]", "a@bc\n" },
		{ "'a@b'", "'a@b'\n" },
		{ "Q. Public <a@b>", "a@b\n" },
		{ "a @b", "a@b\n" },
		{ "\\", "" },
		{ ">>>a@b<<<", "a@b\n" },
		{ "a@b <>, <> c@d", "a@b\nc@d\n" },
		{ "a@b <c@d <e@f>", "e@f\n" },
		{ "a@b c@d <e@f> g@h", "e@f\ng@h\n" },
		{ "a@b: c@d;", "c@d\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf out = BUF_INIT;

		address_list(bytes_of(rows[i].value), &out);
		if (strcmp(out.p, rows[i].lines) != 0)
			fail_msg("\"%s\" gives \"%s\"", rows[i].value, out.p);
		buf_clear(&out);
	}
}

static void
test_fields(void **state)
{
	struct bytes head = bytes_of("From z@z Tue\nFrom: a@b\nTo: c@d,\n e@f\nCc: g@h\nto: i@j\n\n"
	    "To: k@l\n");
	struct buf out = BUF_INIT;

	(void)state;
	address_fields(head, "To, From", &out);
	assert_string_equal(out.p, "a@b\nc@d\ne@f\ni@j\n");
	buf_cut(&out, 0);
	address_fields(head, "Bcc,,", &out);
	assert_string_equal(out.p, "");
	buf_clear(&out);
}

static unsigned
roll(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed / 65536;
}

static void
test_random(void **state)
{
	static const char alphabet[] = "ab@@..,,;:<>()[]\"\"\\ \n=?q?\x80\0";
	unsigned seed = 3;

	(void)state;
	for (int n = 0; n < 30000; n++) {
		char text[48];
		struct bytes value = { text, (size_t)n % sizeof text };
		struct buf out = BUF_INIT;

		for (size_t i = 0; i < value.len; i++)
			text[i] = alphabet[roll(&seed) % sizeof alphabet];
		address_list(value, &out);
		assert_true(words_is_utf8(buf_view(&out)));
		assert_null(memchr(out.p, '\0', out.len));
		assert_true(out.len == 0 || (out.p[0] != '\n' && out.p[out.len - 1] == '\n'));
		buf_clear(&out);
	}
}

/* A megabyte of what could make a parser look twice. */
static void
test_linear(void **state)
{
	static const char *const hard[] = { "(", "((a)", "\"", "\"a", "\\", "<", "<a", "a@[",
		"a@b ", "@",
		"=?a?q?x ", "=?a?q?x,", "a ", ".", "a@b,", ":", ";a", "<@a,", "a@[b" };

	(void)state;
	for (size_t i = 0; i < sizeof hard / sizeof hard[0]; i++) {
		struct buf in = BUF_INIT, out = BUF_INIT;
		struct timespec a, b;

		while (in.len < 1 << 20)
			buf_str(&in, hard[i]);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		address_list(buf_view(&in), &out);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		if (b.tv_sec - a.tv_sec > 2)
			fail_msg("\"%s\": %ld seconds", hard[i], (long)(b.tv_sec - a.tv_sec));
		buf_clear(&in);
		buf_clear(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
