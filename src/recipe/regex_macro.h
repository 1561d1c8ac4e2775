/*
 * regex_macro.h - ^TO_ ^TO ^FROM_DAEMON ^FROM_MAILER (procmailrc(5), MISCELLANEOUS).
 */
#ifndef RECIPE_REGEX_MACRO_H
#define RECIPE_REGEX_MACRO_H

#include <stdbool.h>

#include "base/buf.h"

#define REGEX_MACRO_MAX (1024 * 1024)   /* bytes of an expanded pattern; more is not expanded */

/* The length of the macro's name that rest begins with, 0 for none. *daemon is set when it is
 * ^FROM_DAEMON. */
size_t regex_macro_name(struct bytes rest, bool *daemon);
/* Appends the pattern with its macros replaced, wherever they stand, even in a class. *daemon is
 * set when ^FROM_DAEMON was among them: such a pattern ignores case. */
void regex_macro_expand(struct bytes pattern, struct buf *out, bool *daemon);

#endif
