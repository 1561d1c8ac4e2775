/*
 * regex_glance.h - what a pattern tells at first sight: texts that every match of it holds, read
 * off the pattern as it stands, without an automaton.
 *
 * Most conditions of an rcfile do not hold, and mostly because a word is not in the header at all:
 * those are answered here, for less than it costs to compile them.  Texts are looked for outside of
 * groups only.  Where they must stand on one line, in their order, that is asked, too.
 */
#ifndef RECIPE_REGEX_GLANCE_H
#define RECIPE_REGEX_GLANCE_H

#include "recipe/regex_find.h"
#include "recipe/regex_text.h"

#define REGEX_GLANCE_WAYS 3

/* One alternative of the pattern. */
struct regex_glance_way {
	uint8_t first, count;   /* its literals */
	uint8_t rarest;
	bool line;              /* all on one line */
	bool anchored;          /* the first one begins its line */
};

struct regex_glance {
	struct regex_finder finder;
	struct regex_glance_way way[REGEX_GLANCE_WAYS];
	uint8_t ways;           /* 0: nothing is known */
};

/* False: something may be wrong with the pattern, or it is beyond a glance; parse it. */
bool regex_glance_read(struct regex_glance *g, struct bytes pattern, bool case_sensitive);
/* True: the pattern matches nowhere in the text. False: it may. */
bool regex_glance_rules_out(const struct regex_glance *g, const struct regex_text *text);

#endif
