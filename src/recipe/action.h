/*
 * action.h - carries out one action line (all but blocks) through the host.
 */
#ifndef RECIPE_ACTION_H
#define RECIPE_ACTION_H

#include "recipe/ast.h"

struct interp;

/* True: it succeeded, for a and e. A delivery without c fills in->out, which ends evaluation. */
bool action_do(struct interp *in, const struct node *recipe, const struct flags *flags);

#endif
