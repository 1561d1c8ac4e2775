/*
 * armor.h - files that stand in text as uuencode, yEnc, BinHex or "begin-base64".
 *
 * They came before MIME; programs still look for them, whatever the headers say.
 */
#ifndef MIME_ARMOR_H
#define MIME_ARMOR_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/* One file that was found.  name: from its first line, "" if there is none. */
typedef void armor_fn(void *context, struct bytes file, struct bytes name);
/* Calls fn with each, decoded.  Returns how many there were; linear.  *cut_r: BinHex grew too large
 * and was cut. */
int armor_each(struct bytes text, armor_fn *fn, void *context, bool *cut_r);
/* Is there a line that begins one? */
bool armor_is_in(struct bytes text);

/* Bodies that are declared so and lack a first line.  Append to out. */
void armor_uu(struct bytes text, struct buf *out);
void armor_yenc(struct bytes text, struct buf *out);

#endif
