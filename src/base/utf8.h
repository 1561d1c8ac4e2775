/*
 * utf8.h - which bytes are UTF-8, and which characters do not show themselves.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define UTF8_REPLACEMENT "\xef\xbf\xbd"   /* U+FFFD */

/* Bytes of the character at the start of text, 0 when there is none (RFC 3629: no surrogates, no
 * overlong forms, nothing above U+10FFFF).  point_r (may be NULL) gets the character. */
size_t utf8_length(struct bytes text, uint32_t *point_r);
/* Bytes of text, which was cut off somewhere, up to where its last character may be torn. */
size_t utf8_whole(struct bytes text);
/* Characters that drive a terminal or turn the direction of text: controls, U+0080 to U+009F, line
 * separators, directional marks and overrides, the byte order mark. */
bool utf8_is_hidden(uint32_t point);
/* Appends one character; an impossible one becomes U+FFFD. */
struct buf;
void utf8_add(struct buf *out, uint32_t point);

#endif
