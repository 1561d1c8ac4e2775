#include "recipe/regex_class.h"

#include <string.h>

struct regex_class_parser {
	struct regex_class *set;
	bool fold, value;       /* value: false within [^ ] */
};

/* Written out by the preprocessor: a table that is filled in costs each start a page or two. */
#define FOLD(c) ((c) >= 'A' && (c) <= 'Z' ? (c) + 'a' - 'A' : (c))
#define SAME(c) (c)
#define FOUR(f, c) f(c), f((c) + 1), f((c) + 2), f((c) + 3)
#define SIXTEEN(f, c) FOUR(f, c), FOUR(f, (c) + 4), FOUR(f, (c) + 8), FOUR(f, (c) + 12)
#define SIXTYFOUR(f, c) SIXTEEN(f, c), SIXTEEN(f, (c) + 16), SIXTEEN(f, (c) + 32), \
	SIXTEEN(f, (c) + 48)
#define ALL(f) SIXTYFOUR(f, 0), SIXTYFOUR(f, 64), SIXTYFOUR(f, 128), SIXTYFOUR(f, 192)

const uint8_t *
regex_class_fold(bool fold)
{
	static const uint8_t table[2][256] = { { ALL(SAME) }, { ALL(FOLD) } };

	return table[fold];
}

static void
regex_class_add(const struct regex_class_parser *cp, unsigned char c)
{
	regex_class_put(cp->set, c, cp->value);
	if (!cp->fold)
		return;
	if (c >= 'A' && c <= 'Z')
		regex_class_put(cp->set, (unsigned char)(c + 'a' - 'A'), cp->value);
	else if (c >= 'a' && c <= 'z')
		regex_class_put(cp->set, (unsigned char)(c - 'a' + 'A'), cp->value);
}

/* The end of a range may start another: a-c-e is a-e. A range that runs backwards has its two
 * ends only. */
static size_t
regex_class_items(const struct regex_class_parser *cp, struct bytes p, size_t i)
{
	unsigned char last = 0;
	bool have = false;

	for (; i < p.len; i++) {
		unsigned char c = (unsigned char)p.p[i];

		if (c == ']' && have)
			return i;
		if (c == '-' && have && i + 1 < p.len && p.p[i + 1] != ']') {
			c = (unsigned char)p.p[++i];
			for (unsigned k = last + 1U; k < c; k++)
				regex_class_add(cp, (unsigned char)k);
		}
		regex_class_add(cp, c);
		last = c;
		have = true;
	}
	return i;
}

size_t
regex_class_parse(struct bytes p, size_t at, bool fold, struct regex_class *set, bool *closed)
{
	struct regex_class_parser cp = { .set = set, .fold = fold, .value = true };
	size_t i = at + 1;

	memset(set, 0, sizeof *set);
	if (i < p.len && p.p[i] == '^') {
		i++;
		memset(set, 0xff, sizeof *set);
		regex_class_put(set, '\n', false);
		cp.value = false;
	}
	i = regex_class_items(&cp, p, i);
	*closed = i < p.len;
	return *closed ? i + 1 : i;
}

void
regex_class_no_word(struct regex_class *set)
{
	memset(set, 0xff, sizeof *set);
	for (int c = 0; c < 256; c++)
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '_')
			regex_class_put(set, (unsigned char)c, false);
}

size_t
regex_class_members(const struct regex_class *set, const uint8_t fold[256], unsigned char *out,
    size_t max)
{
	size_t n = 0;

	for (int c = 0; c < 256; c++) {
		if (!regex_class_has(set, (unsigned char)c) || fold[c] != c)
			continue;
		if (n == max)
			return max + 1;
		out[n++] = (unsigned char)c;
	}
	return n;
}
