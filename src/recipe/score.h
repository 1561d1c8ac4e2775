/*
 * score.h - the arithmetic of weighted conditions, procmailsc(5).
 */
#ifndef RECIPE_SCORE_H
#define RECIPE_SCORE_H

#include <stdbool.h>
#include <stddef.h>

#include "recipe/regex.h"

#define SCORE_MAX 2147483647.0   /* "plus infinity" */
#define SCORE_MIN (-2147483647.0)

double score_clamp(double x);
/* w + w*x + w*x*x ... for every match of re in text. from, to: the span of MATCH, of the last match
 * counted that has one; unchanged when none has. */
double score_matches(double score, double w, double x, struct regex *re,
    const struct regex_text *text, size_t *from, size_t *to);
/* The same for n matches. */
double score_count(double score, double w, double x, unsigned long n);
/* w * (size/limit)^x, or the other way round for "<". */
double score_length(double score, double w, double x, size_t size, double limit, bool longer);

#endif
