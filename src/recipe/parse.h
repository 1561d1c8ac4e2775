/*
 * parse.h - an rcfile's bytes to its tree.
 */
#ifndef RECIPE_PARSE_H
#define RECIPE_PARSE_H

#include "recipe/ast.h"

/* Never fails: what is wrong becomes a complaint of the tree, and the statement becomes what
 * procmail would take it for. file is borrowed for the tree's life. */
struct tree *parse(const char *file, struct bytes text);
/* The first line of a recipe, behind its colon, after expansion: its words, NULs between them. */
struct flags *parse_flags(struct tree *tree, struct bytes words, int line);

#endif
