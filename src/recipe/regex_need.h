/*
 * regex_need.h - the literals of which every match of a pattern holds at least one.
 *
 * Built while the pattern is parsed: every part of it gets a struct regex_part, joined as the
 * parts are joined.  All sizes are bounded; what does not fit is merely forgotten.
 */
#ifndef RECIPE_REGEX_NEED_H
#define RECIPE_REGEX_NEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGEX_NEED_COUNT 8
#define REGEX_NEED_LEN 16

/* Folded literals; each is one to REGEX_NEED_LEN bytes without newlines. */
struct regex_need {
	uint8_t count;
	struct {
		uint8_t len;
		char s[REGEX_NEED_LEN];
	} lit[REGEX_NEED_COUNT];
};

/* What is known about a part of the pattern. */
struct regex_part {
	bool exact;             /* it matches the strings of run and nothing else */
	struct regex_need run;  /* strings with one of which it ends (may be empty strings) */
	struct regex_need best; /* the best need seen in it so far; count 0: none */
};

/* Matches just the empty string. */
void regex_need_empty(struct regex_part *part);
/* Matches something unknown. */
void regex_need_any(struct regex_part *part);
/* Matches one byte, already folded, in one of count variants (1 ... REGEX_NEED_COUNT). */
void regex_need_bytes(struct regex_part *part, const unsigned char *c, size_t count);

/* a becomes a followed by b. */
void regex_need_append(struct regex_part *a, const struct regex_part *b);
/* a becomes a or b. */
void regex_need_either(struct regex_part *a, const struct regex_part *b);
/* a becomes a, once or more. */
void regex_need_repeat(struct regex_part *a);
/* The literals to look for; count 0: none that would help. */
struct regex_need regex_need_result(const struct regex_part *part);
/* How often the text is to be expected in mail, per million bytes; letters folded. */
unsigned long regex_need_chance(const char *s, size_t len);
/* How often a byte occurs in mail, roughly, of 255; letters folded. */
unsigned regex_need_frequency(unsigned char c);

#endif
