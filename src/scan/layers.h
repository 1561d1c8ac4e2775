/*
 * layers.h - what libclamav has taken out of one message by itself and looked at, byte for byte.
 *
 * The same bytes taken out by GMime need no second look: that is what libclamav's own cache says,
 * too, but only after a temporary directory and a look at the type, a millisecond each.
 */
#ifndef SCAN_LAYERS_H
#define SCAN_LAYERS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "scan/digest.h"

struct layers;

struct layers *layers_new(void);
void layers_free(struct layers **l);
/* False where there is no digest. */
bool layers_add(struct layers *l, struct bytes content, unsigned char digest[DIGEST_SIZE]);
/* Has there been a layer of just these bytes? False, too, where a digest cannot be computed. */
bool layers_has(const struct layers *l, struct bytes content);
/* Or one with a line break behind them?  It belongs to the delimiter of the part (RFC 2046, 5.1.1),
 * and libclamav leaves it in place where a part is not encoded in base64. */
bool layers_has_line(const struct layers *l, struct bytes content);

#endif
