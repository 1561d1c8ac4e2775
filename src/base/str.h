/*
 * str.h - small questions about strings. ASCII only: mail's syntax knows no locale.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* All of s as a decimal number within [min, max] into *out; false leaves *out alone. */
bool str_long(const char *s, long min, long max, long *out);
char str_lower(char c);
bool str_is_space(char c);     /* blank, tab, CR, LF, VT, FF */
bool str_is_alnum(char c);
bool bytes_equal_nocase(struct bytes a, struct bytes b);
bool bytes_starts_nocase(struct bytes b, const char *s);
/* Without white space at both ends. */
struct bytes bytes_trim(struct bytes b);
/* The word at the start of *rest, which is moved to the next one; empty at the end. */
struct bytes bytes_word(struct bytes *rest);
/* Takes the first line off *rest (without its LF); false when nothing is left. */
bool bytes_line(struct bytes *rest, struct bytes *line);

#endif
