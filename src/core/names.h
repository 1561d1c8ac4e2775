/*
 * names.h - the names of attachments, and of all that is unpacked: which have been seen?
 *
 * Names are a stranger's: any bytes, any number.  At most NAMES_MAX are kept.
 */
#ifndef CORE_NAMES_H
#define CORE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define NAMES_MAX 65536        /* distinct lines */
#define NAMES_LENGTH_MAX 4096  /* bytes of one line; the trail keeps its end */

struct names;

struct names *names_new(void);
void names_free(struct names **n);
/* True the first time that this line comes; false ever after, and when the set is full. */
bool names_add(struct names *n, struct bytes line);
bool names_full(const struct names *n);

#endif
