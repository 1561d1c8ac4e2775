/*
 * eval.h - walks the trees of rcfiles.
 */
#ifndef RECIPE_EVAL_H
#define RECIPE_EVAL_H

#include "recipe/recipe.h"

enum interp_end eval_run(struct interp *in, const char *name, struct bytes text);

#endif
