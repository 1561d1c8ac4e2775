/*
 * regex-cli.c - the engine for regex-diff: reads cases from standard input, answers one line each.
 *
 * A case is "FLAGS PLEN TLEN\n", then that many bytes of pattern and of text. Flags: - none, D
 * case counts, S count matches as a score does, 3 the text comes in three pieces. Answers: N no
 * match, Y a match that leaves MATCH alone, M FROM TO, S COUNT (2147483647 after an empty match).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "recipe/regex.h"

static char *
read_bytes(size_t n)
{
	char *p = mem_zero(n + 1);

	if (fread(p, 1, n, stdin) != n)
		exit(2);
	return p;
}

static void
answer_score(struct regex *re, const struct regex_text *text)
{
	size_t pos = 0;
	long count = 0;
	struct regex_match m = { .empty = false };

	while (count < 100000 && !m.empty && regex_next(re, text, &pos, &m))
		count++;
	printf("S %ld\n", m.empty ? 2147483647L : count);
}

static void
answer_match(struct regex *re, const struct regex_text *text)
{
	size_t from, to;

	if (!regex_search(re, text, &from, &to))
		puts("N");
	else if (from == REGEX_UNSET)
		puts("Y");
	else
		printf("M %zu %zu\n", from, to);
}

int
main(void)
{
	char flags[16];
	size_t plen, tlen;

	while (scanf("%15s %zu %zu", flags, &plen, &tlen) == 3 && getchar() == '\n') {
		char *p = read_bytes(plen), *t = read_bytes(tlen);
		struct regex *re = regex_new((struct bytes){ p, plen }, strchr(flags, 'D'), NULL,
		    NULL);
		struct regex_text text = { { { t, tlen } }, 1 };

		if (strchr(flags, '3')) {
			size_t a = tlen / 3, b = tlen / 2;

			text = (struct regex_text){ { { t, a }, { t + a, b - a },
			    { t + b, tlen - b } }, 3 };
		}
		if (strchr(flags, 'S'))
			answer_score(re, &text);
		else
			answer_match(re, &text);
		fflush(stdout);
		regex_free(&re);
		free(p);
		free(t);
	}
	return 0;
}
