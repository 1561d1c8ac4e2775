/*
 * fuzz-regex.c - "pattern LF text": any pattern is searched in a text that repeats, in time linear
 * in the text (an input that takes seconds is a finding); and once in the text as it is, where a
 * slow matcher must find the same.
 */
#include "fuzz.h"
#include "recipe/regex.h"
#include "slowregex.h"

#define REPEAT_TO 16384   /* bytes of text at least */
#define COUNTS 4096       /* matches counted at most, as a score would */
#define COUNTS_MARK 100   /* the same with \/, where each match may look on to the end */
#define FRESH 8           /* of them compared with searches that remember nothing */

static void
check_search(struct regex *re, const struct regex_text *text, size_t total, int counts)
{
	size_t from = 0, to = 0, pos = 0, before = 0;
	struct regex_match match;

	if (regex_search(re, text, &from, &to) && from != REGEX_UNSET)
		fuzz_check(from <= to && to <= total);
	for (int n = 0; n < counts && regex_next(re, text, &pos, &match); n++) {
		fuzz_check(pos >= before && pos <= total + 1);
		fuzz_check(match.from == REGEX_UNSET || match.from <= match.to);
		before = pos;
	}
}

/* What a count remembers from match to match must not change what it finds. */
static void
check_memory(struct bytes pattern, bool case_sensitive, struct regex *re,
    const struct regex_text *text)
{
	struct regex_match a, b;
	size_t pos = 0, fresh = 0;
	bool more = true;

	for (int n = 0; more && n < FRESH; n++) {
		struct regex *other = regex_new(pattern, case_sensitive, NULL, NULL);

		more = regex_next(re, text, &pos, &a);
		fuzz_check(regex_next(other, text, &fresh, &b) == more && pos == fresh);
		fuzz_check(!more || (a.from == b.from && a.to == b.to && a.empty == b.empty));
		regex_free(&other);
	}
}

/* MATCH may take in more around a + in front of \/ than the definition says, as in a+\/. */
static void
check_definition(struct bytes pattern, bool case_sensitive, struct bytes all)
{
	struct bytes words = bytes_first(all, SLOWREGEX_TEXT_MAX);
	struct regex_text text = { { bytes_first(words, words.len / 2),
		bytes_from(words, words.len / 2) }, 2 };
	struct slowregex_match want;
	enum slowregex_answer answer = slowregex_search(pattern, case_sensitive, words, &want);
	size_t from = REGEX_UNSET, to = REGEX_UNSET;
	struct regex *re;

	if (answer == SLOWREGEX_UNKNOWN)
		return;
	re = regex_new(pattern, case_sensitive, NULL, NULL);
	fuzz_check(regex_search(re, &text, &from, &to) == (answer == SLOWREGEX_YES));
	if (answer == SLOWREGEX_YES) {
		fuzz_check((from != REGEX_UNSET) == want.set);
		fuzz_check(!want.set || (from <= want.from && to >= want.to));
	}
	regex_free(&re);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = fuzz_bytes(data, size), pattern = fuzz_part(&rest, '\n');
	struct regex_text text = { .n = 2 };
	const char *complaint = NULL;
	struct buf all = BUF_INIT;
	size_t at = 0, half;
	struct regex *re;

	do
		buf_bytes(&all, rest);
	while (rest.len && all.len < REPEAT_TO);
	half = all.len / 3;
	text.seg[0] = bytes_first(buf_view(&all), half);
	text.seg[1] = bytes_from(buf_view(&all), half);
	re = regex_new(pattern, size & 1, &complaint, &at);
	fuzz_check(re != NULL);
	check_search(re, &text, all.len, memmem(pattern.p, pattern.len, "\\/", 2) ? COUNTS_MARK
	    : COUNTS);
	check_memory(pattern, size & 1, re, &text);
	check_definition(pattern, size & 1, rest);
	regex_free(&re);
	buf_clear(&all);
	return 0;
}
