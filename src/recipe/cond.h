/*
 * cond.h - does a condition hold? And what does it add to the score?
 */
#ifndef RECIPE_COND_H
#define RECIPE_COND_H

#include "recipe/ast.h"

struct interp;

/* All conditions of a recipe, in order, up to the first that fails. Sets $= and MATCH. When a
 * selector's lines cannot be known, evaluation has ended and the result is false. */
bool cond_all(struct interp *in, struct tree *tree, struct cond *conds, const struct flags *flags);

#endif
