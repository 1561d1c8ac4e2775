/*
 * regex_parse.h - from a pattern, macros expanded, to a struct regex_prog.
 */
#ifndef RECIPE_REGEX_PARSE_H
#define RECIPE_REGEX_PARSE_H

#include "recipe/regex_prog.h"

/* prog is filled whatever the pattern is; complaint and at as for regex_new, never NULL here. */
void regex_parse(struct regex_prog *prog, struct bytes pattern, bool case_sensitive,
    const char **complaint, size_t *at);
/* Fills the symbols in, which only regex_dfa.h needs. */
void regex_parse_symbols(struct regex_prog *prog);
/* Frees what prog holds. */
void regex_parse_clear(struct regex_prog *prog);

#endif
