/*
 * weigh.h - is a message more than GMime can bear?
 *
 * GMime keeps an object of a kilobyte for each part and each field, takes quadratic time over
 * parameters and recipients, and calls itself for each group among these.  So a message of a few
 * megabytes could cost the scanner its memory, its time or its stack.  Ordinary mail is far from
 * these bounds.
 */
#ifndef MIME_WEIGH_H
#define MIME_WEIGH_H

#include <stdbool.h>

#include "base/bytes.h"

#define WEIGH_LINES_MAX (1u << 20)  /* that look like fields, and twice those like delimiters */
/* In a field that GMime takes apart: */
#define WEIGH_GROUPS_MAX 5000       /* ":" */
#define WEIGH_PIECES_MAX 20000      /* ":", ";" and "," */

/* The squares of the pieces are summed over all such fields. */
bool weigh_is_too_heavy(struct bytes text);

#endif
