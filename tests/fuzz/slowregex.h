/*
 * slowregex.h - a slow matcher that follows the definition of procmail's patterns, to hold the
 * fast one against.
 *
 * Everything is sets of places in newline + text + newline.  It knows what a pattern means, not
 * what procmail makes of \/ in groups or alternatives, nor the macros: SLOWREGEX_UNKNOWN then.
 * tests/diff/regex_reference.py is the same in Python.
 */
#ifndef SLOWREGEX_H
#define SLOWREGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

#define SLOWREGEX_TEXT_MAX 250
#define SLOWREGEX_PATTERN_MAX 250

enum slowregex_answer { SLOWREGEX_NO, SLOWREGEX_YES, SLOWREGEX_UNKNOWN };

struct slowregex_match {
	bool set;           /* the match sets MATCH, to text[from..to) */
	size_t from, to;
};

/* match_r is filled with SLOWREGEX_YES. */
enum slowregex_answer slowregex_search(struct bytes pattern, bool case_sensitive,
    struct bytes text, struct slowregex_match *match_r);

#endif
