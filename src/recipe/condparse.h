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
/* again is what the condition before expanded to: it keeps !, area and weight. */
void condparse_inherit(struct cond *again, const struct cond *before);

#endif
