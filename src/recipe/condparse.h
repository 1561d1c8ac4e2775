/*
 * condparse.h - the syntax of one condition, without its star.
 *
 * Also used while evaluating: a condition with $ is expanded and then read again.
 */
#ifndef RECIPE_CONDPARSE_H
#define RECIPE_CONDPARSE_H

#include "recipe/ast.h"

/* The condition in raw, which may hold backslash-newlines. Never fails; lives in tree's arena. */
struct cond *condparse(struct tree *tree, struct bytes raw, int line);
/* text is what the condition before, with $, expanded to, whose !, area and weight it keeps. Its
 * selector's argument is not expanded once more; and foreign, where not all of it stands in an
 * rcfile, nothing is but a program's line. */
struct cond *condparse_again(struct tree *tree, struct bytes text, bool foreign,
    const struct cond *before);

#endif
