/*
 * regex_find.h - looking for literals, many bytes at a time.
 */
#ifndef RECIPE_REGEX_FIND_H
#define RECIPE_REGEX_FIND_H

#include "recipe/regex_prog.h"
#include "recipe/regex_text.h"

/* One literal: two of its bytes, the rarest, are looked for before all of it is compared. */
struct regex_literal {
	unsigned char s[REGEX_NEED_LEN];
	uint8_t len;
	uint8_t at[2];          /* offsets of the two bytes */
	uint8_t mask[2];        /* 0x20 where both cases of a letter fit */
};

struct regex_finder {
	const uint8_t *fold;
	struct regex_literal lit[REGEX_NEED_COUNT];
	int count;              /* 0: nothing to look for */
};

/* A walk over the occurrences in one text. */
struct regex_walk {
	size_t next[REGEX_NEED_COUNT];
};

void regex_find_init(struct regex_finder *finder, const struct regex_prog *prog);
void regex_find_start(struct regex_walk *walk);
/* One more literal, of at most REGEX_NEED_LEN bytes as they stand in a pattern. */
void regex_find_add(struct regex_finder *finder, const char *s, size_t len);
/* Literal i in text at or after pos; SIZE_MAX for none. */
size_t regex_find_within(const struct regex_finder *finder, int i, struct bytes text, size_t pos);
/* The first occurrence of any of the literals at or after pos, which never goes back during a
 * walk; SIZE_MAX for none. */
size_t regex_find_next(const struct regex_finder *finder, struct regex_walk *walk,
    const struct regex_text *text, size_t pos);

#endif
