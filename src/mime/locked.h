/*
 * locked.h - encrypted zip archives whose password stands in the message, as it does when somebody
 * wants a scanner to see nothing and a reader all.
 *
 * Traditional zip encryption only (APPNOTE.TXT 6.1): AES stays closed.
 */
#ifndef MIME_LOCKED_H
#define MIME_LOCKED_H

#include <stdbool.h>

#include "base/bytes.h"

#define LOCKED_PASSWORDS_MAX 1000  /* that are tried for one archive */
#define LOCKED_OPENED_MAX 4        /* of those that seem to fit: one in 256 does by chance */

/* Is file a zip archive with an encrypted member? */
bool locked_is(struct bytes file);

typedef void locked_fn(void *context, struct bytes archive);
/* Tries the words of text, those near "password" and the like first, and some that such mail always
 * uses.  Calls fn with the archive, no longer encrypted, for each that fits. */
void locked_open(struct bytes zip, struct bytes text, locked_fn *fn, void *context);

#endif
