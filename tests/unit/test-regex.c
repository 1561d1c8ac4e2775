/* layer: recipe */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "recipe/regex.h"
#include "recipe/regex_glance.h"

/* The expectations were observed with procmail 3.22, but where a comment says otherwise. */

#define PLAIN "(MATCH is left alone)"

struct search_case {
	const char *pattern, *text;
	const char *match;      /* NULL: does not match */
};

static const struct search_case search_cases[] = {
	/* literals, case */
	{ "b", "a b", PLAIN }, { "FOO", "xfoox", PLAIN }, { "foo", "xFOOx", PLAIN },
	{ "fooo", "foo", NULL }, { "", "", PLAIN }, { "", "x", PLAIN }, { "x", "", NULL },
	{ "gr\xfc", "gr\xdc", NULL }, { "gr\xfc", "GR\xfc", PLAIN },
	/* lines */
	{ "^a", "a\nb", PLAIN }, { "^b", "a\nb", PLAIN }, { "a$", "a\nb", PLAIN },
	{ "b$", "a\nb", PLAIN }, { "a$b", "a\nb", PLAIN }, { "a^b", "a\nb", PLAIN },
	{ "a$^b", "a\nb", NULL }, { "a$^b", "a\n\nb", PLAIN }, { "^$", "a b", NULL },
	{ "^$", "", PLAIN }, { "$$", "a", NULL }, { "a.b", "a\nb", NULL },
	{ "a[^x]b", "a\nb", NULL }, { "^*b", "a*\nb", PLAIN },
	/* ends of the text */
	{ "^^a", "a b", PLAIN }, { "^^b", "a b", NULL }, { "b^^", "a b", PLAIN },
	{ "a^^", "a b", NULL }, { "b^^", "b\n", NULL }, { "b$^^", "b\n", PLAIN },
	{ "b$^^", "b", NULL }, { "^^^a", "a", NULL }, { "c?^^a", "a b", PLAIN },
	{ "(c|^^)a", "a b", PLAIN }, { "a^^^^", "a", NULL }, { "(b^^|c)c", "bc", NULL },
	{ "b(^^)+", "b", NULL }, { "b^^()", "b", NULL }, { "(x|b^^)", "ab", PLAIN },
	{ "x^^y", "xy", NULL },
	/* repetition, groups, alternatives */
	{ "xa*y", "xy", PLAIN }, { "xa+y", "xy", NULL }, { "xa+y", "xaay", PLAIN },
	{ "xa?y", "xaay", NULL }, { "x(ab)*y", "xababy", PLAIN }, { "x(a|b)+y", "xabay", PLAIN },
	{ "(a(b(c)?)?)?d", "abcd", PLAIN }, { "foo|bar", "xbar", PLAIN }, { "a|", "x", PLAIN },
	{ "()", "", PLAIN }, { "x{2}", "xx", NULL }, { "x{2}", "x{2}", PLAIN },
	/* procmail hangs with these, or finds nothing in the last */
	{ "(b*b?)+^+", "b\n", PLAIN }, { "(.+|.*)+x", "abx", PLAIN }, { "(.*)*x", "ab", NULL },
	{ "a(c*)?d*e", "acccde", PLAIN },
	/* classes */
	{ "x[a-c]y", "xby", PLAIN }, { "x[c-a]y", "xby", NULL }, { "x[c-a]y", "xay", PLAIN },
	{ "x[a-c-e]y", "xdy", PLAIN }, { "x[]a]y", "x]y", PLAIN }, { "x[^]a]y", "x]y", NULL },
	{ "x[a-]y", "x-y", PLAIN }, { "x[-a]y", "x-y", PLAIN }, { "x[a^]y", "x^y", PLAIN },
	{ "x[\\a]y", "x\\y", PLAIN }, { "x[A-C]y", "xby", PLAIN }, { "x[^a-z]y", "xAy", NULL },
	{ "x[+--]y", "x,y", PLAIN }, { "x[%--b]y", "x5y", NULL }, { "x[a\nb]y", "x\ny", PLAIN },
	{ "x[[:alpha:]]y", "xay", NULL }, { "x[[:alpha:]]y", "xa]y", PLAIN },
	/* escapes */
	{ "a\\.b", "axb", NULL }, { "a\\.b", "a.b", PLAIN }, { "\\n", "n", PLAIN },
	{ "\\", "a\\b", PLAIN }, { "()\\<cat\\>", "a cat", PLAIN }, { "()\\<cat\\>", "cats", NULL },
	{ "()\\<cat\\>", "cat_", NULL }, { "a\\>b", "a\nb", PLAIN },
	/* broken */
	{ "(ab", "ab", PLAIN }, { "a)b", "a", PLAIN }, { "ab)xyz", "a b", NULL },
	{ "a**", "a*", PLAIN }, { "a**", "aa", NULL }, { "xa**y", "xaay", NULL },
	{ "xa**y", "xaa*y", PLAIN }, { "fo?+ob", "foob", NULL }, { "*a", "*a", PLAIN },
	{ "[", "a", NULL }, { "[^", "a", PLAIN }, { "[b-", "-", PLAIN }, { "[abc", "xc", PLAIN },
	/* MATCH */
	{ "a\\/.*", "xabc\nd", "bc" }, { "\\/[0-9]+", "a123b4", "123" },
	{ "[0-9]*\\/[0-9]+", "a123b4", "123" }, { ".*\\/:.*", "ab: c: d", ": c: d" },
	{ ".*\\/.*", "aab", "" }, { "(foo)?\\/.*", "foobar", "" },
	{ "^(foo)?\\/.*", "foobar", "foobar" }, { "a\\/(b|bc|bcd)", "abcde", "bcd" },
	{ "a\\/$", "a\nb", "\n" }, { "a\\/^b", "a\nb", "\nb" }, { "a\\/$", "a", "" },
	{ "\\/^a", "a", "a" }, { "b\\/$", "a\nb\n", "\n" }, { "a\\/(.|$)*", "a\nb\n", "\nb\n" },
	{ "a$\\/", "a", PLAIN }, { "a$\\/", "a\n", "" }, { "\\/", "x", "" },
	{ "\\/a^^", "aba", "a" }, { "^^\\/a+", "aab", "aa" }, { "\\/.*^^", "ba", "" },
	{ "a\\/b\\/c", "abc", "c" }, { "\\/.*\\/c", "aaabc", "c" },
	{ "a|a\\/b", "aaabc", PLAIN }, { "(\\/a|a\\/b)", "aaabc", "a" }, { "(a\\/)+", "aaab", "aa" },
	{ "(\\/.)*c", "aaabc", "c" }, { "(a\\/|ab)c?", "aaabc", "abc" }, { "x\\/|y", "y", PLAIN },
	{ "c+\\/", "cc", "c" }, { "c(|).?\\/", "cx", "" }, { ".+.*\\/1", "b 11", " 11" },
	{ "(|)a?\\/.", "aa", "a" }, { "c(|).?\\/", "cx", "" },
	{ ".+.*\\/1", "b 11", " 11" }, { "\\/x|b", "abc", "b" },
	{ "x\\/|y", "x", NULL }, { "|\\/", "", "" },
	/* procmail loses these, or part of MATCH: doc/DIFFERENCES.md. */
	{ "x(a*|)y?c", "xaac", PLAIN }, { "x(a*)?b*c", "xaac", PLAIN },
	{ "x\\/(.*)?y?", "axbb", "bb" }, { "x\\/([^b]*|)y?", "xaab", "aa" },
	{ "(1?|^?).*\\/", "ab", "ab" }, { "(1?|2?).*\\/", "ab", "" },
	/* macros */
	{ "^TO_bob@x", "To: a@b, bob@x\n", PLAIN }, { "^TO_bob", "To: a-bob\n", NULL },
	{ "^TObob", "Cc: a-bob\n", PLAIN }, { "^TObob", "Cc: abob\n", NULL },
	{ "^TO_bob", "Subject: bob\n", NULL }, { "(x|^TO_bob)", "Resent-Bcc: bob\n", PLAIN },
	{ "(x|\\^TO_bob)", "y ^TO_bob\n", PLAIN }, { "y \\\\^TO_bob", "y ^TO_bob\n", NULL },
	{ "^FROM_DAEMON", "From: MAILER-DAEMON@x\n\n", PLAIN },
	{ "^FROM_DAEMON", "Precedence: bulk\n\n", PLAIN },
	{ "^FROM_MAILER", "Precedence: bulk\n\n", NULL },
	{ "^FROM_MAILER", "From: postmaster@x\n\n", PLAIN },
	{ "^FROM_MAILER", "From: bob@x\n\n", NULL },
	{ "[^TO_bob]o", "o", PLAIN },
};

static struct regex_text
pieces(const char *text, size_t a, size_t b)
{
	size_t n = strlen(text);

	return (struct regex_text){ { { text, a }, { text + a, b - a }, { text + b, n - b } }, 3 };
}

static void
check_search(const struct search_case *c, const struct regex_text *text)
{
	struct regex *re = regex_new(bytes_of(c->pattern), false, NULL, NULL);
	size_t from = 0, to = 0;
	struct bytes match;

	if (regex_search(re, text, &from, &to) != (c->match != NULL))
		fail_msg("%s on %s", c->pattern, c->text);
	if (c->match) {
		match = from == REGEX_UNSET ? bytes_of(PLAIN) :
		    (struct bytes){ c->text + from, to - from };
		if (!bytes_is(match, c->match))
			fail_msg("%s on %s: %.*s", c->pattern, c->text, (int)match.len, match.p);
	}
	assert_int_equal(regex_search(re, text, NULL, NULL), c->match != NULL);
	regex_free(&re);
	assert_null(re);
}

static void
test_search(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof search_cases / sizeof search_cases[0]; i++) {
		size_t n = strlen(search_cases[i].text);

		for (size_t a = 0; a <= n; a++)
			for (size_t b = a; b <= n; b += 1 + n / 4) {
				struct regex_text text = pieces(search_cases[i].text, a, b);

				check_search(&search_cases[i], &text);
			}
	}
}

static bool
holds(const char *pattern, bool case_sensitive, const char *text)
{
	struct regex *re = regex_new(bytes_of(pattern), case_sensitive, NULL, NULL);
	struct regex_text t = { { bytes_of(text) }, 1 };
	bool result = regex_search(re, &t, NULL, NULL);

	regex_free(&re);
	return result;
}

static void
test_case_sensitive(void **state)
{
	(void)state;
	assert_false(holds("foo", true, "FOO"));
	assert_true(holds("foo", true, "foo"));
	assert_false(holds("[a-c]x", true, "Bx"));
	assert_true(holds("[A-C]x", true, "Bx"));
	assert_false(holds("^TO_Bob", true, "To: bob\n"));
	assert_false(holds("^to:", true, "TO: bob\n"));
	assert_false(holds("^FROM_MAILER", true, "FROM: postmaster@x\n\n"));
	/* ^FROM_DAEMON makes the whole pattern ignore case. */
	assert_true(holds("^FROM_DAEMON", true, "FROM: postmaster@x\n\n"));
	assert_true(holds("x^FROM_DAEMON|^to:", true, "TO: bob\n"));
}

static void
test_nul(void **state)
{
	struct regex *re = regex_new(bytes_of("a.b[^x]c"), false, NULL, NULL);
	struct regex_text text = { { { "a\0b\0c", 5 } }, 1 };

	(void)state;
	assert_true(regex_search(re, &text, NULL, NULL));
	regex_free(&re);
}

static void
test_complaint(void **state)
{
	static const struct {
		const char *pattern;
		bool broken;
		size_t at;
	} cases[] = {
		{ "a(b)c", false, 0 }, { "a(b", true, 3 }, { "ab)c", true, 2 }, { "ab[cd", true, 2 },
		{ "ab\\", true, 2 }, { "a**", true, 2 }, { "[]", true, 0 }, { "a\\)", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *complaint;
		size_t at;
		struct regex *re = regex_new(bytes_of(cases[i].pattern), false, &complaint, &at);

		if ((complaint != NULL) != cases[i].broken || (complaint && at != cases[i].at))
			fail_msg("%s: %s at %zu", cases[i].pattern, complaint, at);
		regex_free(&re);
	}
}

#define MANY (-1)   /* an empty match: counting stops */

static void
test_next(void **state)
{
	static const struct {
		const char *pattern, *text;
		int count;
	} cases[] = {
		{ "a", "xaxa", 2 }, { "aa", "aaa", 1 }, { "^.*$", "a\n\nb", 3 },
		{ "^.*$", "a\nb\n", 3 }, { "^.*$", "", 1 }, { "^.*$", "\n", 2 }, { "^$", "\n\n", 3 },
		{ "^x", "x\nx\nx", 3 }, { "x$", "x\nx\nx", 3 }, { "x^^", "x\nx", 1 },
		{ "^^x", "xx", 1 }, { "x", "", 0 }, { "^", "ab", MANY }, { ".*", "ab", MANY },
		{ "a?", "b", MANY }, { ".+", "ab", 2 }, { "\\/.+", "ab", 1 }, { "\\/a", "xaxa", 2 },
		{ "^\\/.?", "cb", 1 }, { "^\\/.?", "c", 2 }, { "^.*\\/$", "ab", 2 },
		{ "(b|a^^)", "ba", 2 }, { ">\\/|.", "a ", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct regex *re = regex_new(bytes_of(cases[i].pattern), false, NULL, NULL);
		struct regex_text text = { { bytes_of(cases[i].text) }, 1 };
		size_t pos = 0;
		int count = 0;
		struct regex_match m = { .empty = false };

		while (count < 100 && !m.empty && regex_next(re, &text, &pos, &m))
			count++;
		if ((m.empty ? MANY : count) != cases[i].count)
			fail_msg("%s on %s: %d", cases[i].pattern, cases[i].text, count);
		regex_free(&re);
	}
}

/* A line of many matches, and a literal that is not there: each match must not look to the end of it
 * (without what a count remembers this takes hours). */
static void
test_next_is_linear(void **state)
{
	const size_t half = 4u << 20;
	struct regex *re = regex_new(bytes_of("(ab|zzq)"), false, NULL, NULL);
	char *line = mem_zero(2 * half);
	struct regex_text text = { { { line, 2 * half } }, 1 };
	struct regex_match m;
	size_t pos = 0, count = 0;

	(void)state;
	for (size_t i = 0; i < 2 * half; i++)
		line[i] = i % 2 ? 'b' : 'a';
	while (regex_next(re, &text, &pos, &m))
		count++;
	assert_int_equal(count, half);
	free(line);
	regex_free(&re);
}

/* The same with \/: to know where MATCH ends each match looks to the end of the text. */
static void
test_next_is_linear_with_match(void **state)
{
	static const struct {
		const char *pattern;
		char odd, even;
		size_t count;       /* in thousandths of the text */
	} cases[] = {
		{ "\\/a(.*c)?", 'a', 'a', 1000 }, { "\\/a((.|$)*c)?", '\n', 'a', 500 },
		{ "a\\/(b.*c)?", 'b', 'a', 500 }, { "(a\\/|b\\/)((.|b|$)*c.*d|e)?", 'b', 'a', 500 },
	};
	const size_t size = 1000000;
	char *line = mem_zero(size);

	(void)state;
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		struct regex *re = regex_new(bytes_of(cases[k].pattern), false, NULL, NULL);
		struct regex_text text = { { { line, size } }, 1 };
		struct regex_match m;
		size_t pos = 0, count = 0;

		for (size_t i = 0; i < size; i++)
			line[i] = i % 2 ? cases[k].odd : cases[k].even;
		while (count <= size && regex_next(re, &text, &pos, &m) && !m.empty)
			count++;
		assert_int_equal(count, cases[k].count * 1000);
		regex_free(&re);
	}
	free(line);
}

/* Literals are found wherever they lie in long texts, across the pieces too. */
static void
test_literal_places(void **state)
{
	char text[400];
	struct regex *re = regex_new(bytes_of("needle[0-9]"), false, NULL, NULL);

	(void)state;
	for (size_t at = 0; at + 7 < sizeof text; at++) {
		struct regex_text t;
		size_t a = at * 7 % 200, b = a + at % 190;

		memset(text, 'n', sizeof text - 1);
		text[sizeof text - 1] = '\0';
		memcpy(text + at, "nEEdle", 6);
		t = pieces(text, a, b);
		assert_false(regex_search(re, &t, NULL, NULL));
		if (at + 8 < sizeof text) {
			text[at + 6] = '7';
			assert_true(regex_search(re, &t, NULL, NULL));
		}
	}
	regex_free(&re);
}

static const struct glance_case {
	const char *pattern, *text;
	bool out;               /* seen without compiling it that it does not match */
} glance_cases[] = {
	{ "^Subject:.*money", "Subject: no\n", true },
	{ "^Subject:.*money", "Subject: MONEY\n", false },
	/* on one line, in their order, at its start */
	{ "^Subject:.*money", "Subject: no\nX: money\n", true },
	{ "money.*now", "now or money\n", true }, { "ab.*bc", "abc", true }, { "ab.*bc", "abbc", false },
	{ "^From:.*x", "Resent-From: x\n", true }, { ".?From:.*x", "Resent-From: x\n", false },
	{ "^a\\/b", "ca\ncb", true }, { "ab(.|$)*cd", "ab\ncd", false }, { "ab$cd", "ab\ncd", false },
	{ "ab[^x]cd", "ab\ncd", true }, { "ab[\n]cd", "ab\ncd", false }, { "ab\\<cd", "ab\ncd", false },
	/* what may be missing */
	{ "abc*", "ab", false }, { "abc?d", "abd", false }, { "abc+d", "abd", true },
	{ "ab(cd)?e", "abe", false }, { "(ab|cd)", "x", false }, { "", "x", false }, { ".*", "", false },
	/* alternatives */
	{ "ab|cd", "x", true }, { "ab|cd", "xcd", false }, { "ab|", "x", false },
	{ "a|b|c|d|e", "x", false },
	/* macros; a class or a backslash takes one apart */
	{ "^TO_bob@", "To: alice@\nX: bo@", true }, { "^TO_bob", "To: bob\n", false },
	{ "[^TO_]x", "y", false }, { "\\^TOx", "y", false }, { "^FROM_DAEMONX", "y", true },
	/* escapes, long literals, no text */
	{ "a\\.b", "axb", true }, { "a\\*b", "a*b", false },
	{ "0123456789abcdefXYZ", "0123456789abcdefxy", true },
	{ "0123456789abcdefXYZ", "0123456789abcdefxyz", false }, { "a", "", true }, { "^^ab", "ab", false },
	/* broken: left to the parser */
	{ "a)b", "x", false }, { "(a", "x", false }, { "[a", "x", false }, { "a**", "x", false },
	{ "x\\", "y", false },
};

static void
test_glance(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof glance_cases / sizeof glance_cases[0]; i++) {
		const struct glance_case *c = &glance_cases[i];
		struct regex_text text = { { bytes_of(c->text) }, *c->text != '\0' };
		struct regex_glance g;
		bool out = regex_glance_read(&g, bytes_of(c->pattern), false) &&
		    regex_glance_rules_out(&g, &text);

		if (out != c->out)
			fail_msg("%s on %s: %d", c->pattern, c->text, out);
	}
}

/* A text in two pieces gets no glance: what the automaton says is right, and a glance must have
 * seen no mistake where there is one. */
static void
test_glance_is_right(void **state)
{
	static const char *const bits[] = { "a", "b", "a", "b", "AB", "c", ".", ".*", "^", "$", "(",
	    ")", "|", "*", "+", "?", "[ab]", "[^a]", "[^b", "]", "\\", "\\/", "\\<", "^TO_",
	    "^TO", "^^", "[a-\nc]", "(a|b)", "-", ":" };
	static const char *const texts[] = { "a", "b", "ab", "A", "\n", "c", "To: ", "\nTo: ", ":" };
	uint32_t seed = 7;

	(void)state;
	for (int i = 0; i < 30000; i++) {
		struct buf p = BUF_INIT, t = BUF_INIT;
		const char *complaint;
		struct regex_text whole = { .n = 1 }, halves;
		struct regex *one, *two;
		struct regex_glance g;

		for (int n = 1 + i % 9; n > 0; n--) {
			seed = seed * 1664525U + 1013904223U;
			buf_str(&p, bits[(seed >> 8) % (sizeof bits / sizeof bits[0])]);
			buf_str(&t, texts[(seed >> 16) % (sizeof texts / sizeof texts[0])]);
		}
		whole.seg[0] = buf_view(&t);
		halves = (struct regex_text){ { bytes_first(buf_view(&t), 1),
		    bytes_from(buf_view(&t), 1) }, 2 };
		one = regex_new(buf_view(&p), false, &complaint, NULL);
		two = regex_new(buf_view(&p), false, NULL, NULL);
		if (regex_search(one, &whole, NULL, NULL) != regex_search(two, &halves, NULL, NULL))
			fail_msg("%s on %s", p.p, t.p);
		if (complaint && regex_glance_read(&g, buf_view(&p), false))
			fail_msg("%s: %s", p.p, complaint);
		regex_free(&one);
		regex_free(&two);
		buf_clear(&p);
		buf_clear(&t);
	}
}

static double
seconds_for(const char *pattern, const char *unit, size_t units)
{
	struct buf text = BUF_INIT;
	struct regex *re = regex_new(bytes_of(pattern), false, NULL, NULL);
	struct regex_text t = { .n = 1 };
	struct timespec a, b;
	size_t from, to;

	while (units-- > 0)
		buf_str(&text, unit);
	t.seg[0] = buf_view(&text);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	regex_search(re, &t, &from, &to);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	regex_free(&re);
	buf_clear(&text);
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* Quadratic behaviour would take minutes here, and a blown up automaton all memory. */
static void
test_hostile(void **state)
{
	static const char *const patterns[] = { "(a+)+$b", "(a|a)*b", "(.*)*x", "(.+|.*)+x",
	    "(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)c",
	    "(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)[0-9]",
	    "((a?b?)+a)+[0-9]", "b.*[0-9]", ".*\\/.*[0-9]", "\\/a.*[0-9]|b", "^.*a$.*[0-9]" };

	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		assert_true(seconds_for(patterns[i], "ab", 50000) < 5);
		assert_true(seconds_for(patterns[i], "b\na", 30000) < 5);
	}
}

static void
test_large_patterns(void **state)
{
	static const char *const units[] = { "(", "()", "(a|", "a?", "[a-", "|", "^FROM_DAEMON",
	    "^TO_a|", "(a*)*", "\\/", "(\\/", "^^|", "(((^^|", "[ab]c|", "*", "w1|", "((" };

	(void)state;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		struct buf p = BUF_INIT;
		struct regex_text text = { { bytes_of("To: abc\nw2 w1\n") }, 1 };
		struct regex *re;
		size_t from, to;

		while (p.len < REGEX_PATTERN_MAX + 10)
			buf_str(&p, units[i]);
		re = regex_new(buf_view(&p), i % 2 == 1, NULL, NULL);
		regex_search(re, &text, &from, &to);
		regex_free(&re);
		buf_clear(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_case_sensitive),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_complaint),
		cmocka_unit_test(test_next), cmocka_unit_test(test_next_is_linear),
		cmocka_unit_test(test_next_is_linear_with_match),
		cmocka_unit_test(test_literal_places),
		cmocka_unit_test(test_glance),
		cmocka_unit_test(test_glance_is_right),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_large_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
