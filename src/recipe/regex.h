/*
 * regex.h - procmail's regular expressions (procmailrc(5), "Extended regular expressions"), as an
 * automaton: linear in the text for every pattern, no recursion on pattern or text.
 *
 * ^ and $ each consume one newline, with a virtual newline before and after the text; ^^ anchors at
 * the text's ends; \< \> consume one character that is no word character; . and [^x] never match a
 * newline; case is folded for ASCII unless asked otherwise.  \/ splits: the match of what is left
 * of it ends as early as possible, MATCH is what is right of it, as long as possible.
 * The macros ^TO_ ^TO ^FROM_DAEMON ^FROM_MAILER are expanded here, wherever they stand.
 *
 * A backslash at the very start of a condition, which procmail drops, is the caller's to drop: it
 * belongs to the syntax of conditions, and a pattern that starts with one is valid here.
 *
 * Deliberately unlike procmail: nothing hangs, and x(a*)?b*c matches xaac.  procmail's compiler
 * cuts what it takes for an endless loop: it misses matches, or the end of MATCH.
 *
 * Speed: a search looks for a text that every match must contain before it runs the automaton,
 * and even before it makes one, so that conditions that do not hold cost little; nothing need be
 * cached by the caller but the regex itself, which grows its automaton while it searches and should
 * be kept when the same condition is asked again.
 */
#ifndef RECIPE_REGEX_H
#define RECIPE_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define REGEX_SEGMENTS 3
#define REGEX_PATTERN_MAX 65536  /* bytes of a pattern, macros unexpanded; the rest is ignored */
#define REGEX_UNSET SIZE_MAX     /* as a start of MATCH: the match leaves MATCH alone */

/* The text: up to three pieces that are matched as if they were one. */
struct regex_text {
	struct bytes seg[REGEX_SEGMENTS];
	int n;
};

struct regex;

/* Never NULL: a broken pattern gives a regex that does what procmail makes of it; *complaint is
 * then a constant string for the log (which column: *at, counted from 0 in the pattern with its
 * macros expanded), else NULL. complaint and at may be NULL. */
struct regex *regex_new(struct bytes pattern, bool case_sensitive, const char **complaint,
    size_t *at);
/* Sets *re to NULL; *re may be NULL. */
void regex_free(struct regex **re);

/* Does it match anywhere? match_from, match_to (may be NULL) get the span of MATCH in the text,
 * from <= to <= length: the virtual newlines are never part of it. *match_from is REGEX_UNSET when
 * the match leaves MATCH alone: no \/ in the pattern, or none in the alternative that matched, or
 * a MATCH behind the end of the text. Nothing is stored when there is no match. */
bool regex_search(struct regex *re, const struct regex_text *text, size_t *match_from,
    size_t *match_to);

struct regex_match {
	size_t from, to;  /* MATCH, as regex_search has it */
	bool empty;       /* the match was empty: procmail then stops counting */
};

/* For scores: the next match at or after *pos, as procmail counts matches; *pos moves to where the
 * next search goes on, one behind the text at most. False at the end.  A count starts with *pos 0,
 * and until its end there is no other search with this regex: so that all of it is linear in the
 * text. */
bool regex_next(struct regex *re, const struct regex_text *text, size_t *pos,
    struct regex_match *match);

#endif
