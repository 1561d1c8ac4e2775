/*
 * regex_class.h - bracket expressions, [^-a-d].
 */
#ifndef RECIPE_REGEX_CLASS_H
#define RECIPE_REGEX_CLASS_H

#include "recipe/regex_prog.h"

/* What a text byte is for the pattern: with fold, capitals are small letters. Lives for ever. */
const uint8_t *regex_class_fold(bool fold);
/* Parses the class whose '[' is at p.p[at] and returns the offset behind its ']'. A class without
 * one takes all that is left, *closed is false then. With fold both cases are in it (or, after
 * [^, out of it). */
size_t regex_class_parse(struct bytes p, size_t at, bool fold, struct regex_class *set,
    bool *closed);
/* \< and \>: any byte that is in no word, newlines too. */
void regex_class_no_word(struct regex_class *set);
/* The bytes of the set, folded, up to max of them into out; max + 1 when there are more. */
size_t regex_class_members(const struct regex_class *set, const uint8_t fold[256],
    unsigned char *out, size_t max);

#endif
