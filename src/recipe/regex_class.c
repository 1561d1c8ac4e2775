#include "recipe/regex_class.h"

#include <string.h>

struct regex_class_parser {
	struct regex_class *set;
	bool fold, value;       /* value: false within [^ ] */
};

const uint8_t *
regex_class_fold(bool fold)
{
	static uint8_t table[2][256];
	uint8_t *t = table[fold];

	if (t[255] == 0)
		for (int c = 0; c < 256; c++)
			t[c] = (uint8_t)(fold && c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
	return t;
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
