/*
 * regex_order.h - which MATCH: a run of all threads of the automaton at once, in procmail's order.
 *
 * Every thread carries the place where it passed \/ last. Of two threads at the same node the one
 * with the earlier place survives; the match with the earliest place wins, and of those the
 * longest. Patterns where \/ occurs twice, in a group, or in one alternative only depend on the
 * order of the threads, and that is procmail's too:
 *   - what a thread tries after a path through \/ has passed \/ as well, whichever path it takes;
 *   - a thread that accepts without having passed \/ ends the search, and MATCH is left alone;
 *   - no match starts at the virtual newline behind the text;
 *   - once there is a match, passing \/ changes nothing any more.
 */
#ifndef RECIPE_REGEX_ORDER_H
#define RECIPE_REGEX_ORDER_H

#include "recipe/regex_prog.h"
#include "recipe/regex_text.h"

struct regex_order;

struct regex_order_match {
	size_t from;        /* REGEX_UNSET: it leaves MATCH alone */
	size_t to;          /* end of the match, the virtual newline behind the text included */
};

struct regex_order *regex_order_new(const struct regex_prog *prog);
void regex_order_free(struct regex_order **order);
/* Before a run.  counts: before the first of a count, whose runs are over one text, each from the
 * end of the last one's match on: all of them are linear in it together. */
void regex_order_begin(struct regex_order *order, bool counts);
/* Searches from from on; like regex_dfa_run it reads a newline before that. */
bool regex_order_run(struct regex_order *order, const struct regex_text *text, size_t from,
    struct regex_order_match *match_r);

#endif
