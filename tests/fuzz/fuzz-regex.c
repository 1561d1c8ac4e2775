/*
 * fuzz-regex.c - "pattern LF text": any pattern is searched in a text that repeats, in time linear
 * in the text (an input that takes seconds is a finding).
 */
#include "fuzz.h"
#include "recipe/regex.h"

#define REPEAT_TO 16384   /* bytes of text at least */
#define COUNTS 4096       /* matches counted at most, as a score would */

static void
check_search(struct regex *re, const struct regex_text *text, size_t total)
{
	size_t from = 0, to = 0, pos = 0, before = 0;
	struct regex_match match;

	if (regex_search(re, text, &from, &to) && from != REGEX_UNSET)
		fuzz_check(from <= to && to <= total);
	for (int n = 0; n < COUNTS && regex_next(re, text, &pos, &match); n++) {
		fuzz_check(pos >= before && pos <= total + 1);
		fuzz_check(match.from == REGEX_UNSET || match.from <= match.to);
		before = pos;
	}
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
	check_search(re, &text, all.len);
	regex_free(&re);
	buf_clear(&all);
	return 0;
}
