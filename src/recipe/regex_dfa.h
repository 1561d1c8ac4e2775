/*
 * regex_dfa.h - does the automaton accept, and where first: a deterministic automaton that is built
 * while it runs and thrown away when it outgrows its memory.
 *
 * Time is O(pattern * text) at worst and mostly a few instructions a byte.
 */
#ifndef RECIPE_REGEX_DFA_H
#define RECIPE_REGEX_DFA_H

#include "recipe/regex_prog.h"
#include "recipe/regex_text.h"

/* Bytes of transitions and states an automaton may keep. */
#define REGEX_DFA_BUDGET (1024 * 1024)

struct regex_dfa;

/* prog is borrowed for the life of the automaton. */
struct regex_dfa *regex_dfa_new(const struct regex_prog *prog);
void regex_dfa_free(struct regex_dfa **dfa);

/* Reads the text from from on, where matches may start, up to to. True with the first position
 * where a match ends, which is the length of the text plus one behind the virtual newline.
 * A newline before from, real or virtual, is read too; so is the virtual one at the end when to
 * is the length of the text. */
bool regex_dfa_run(struct regex_dfa *dfa, const struct regex_text *text, size_t from, size_t to,
    size_t *end_r);

#endif
