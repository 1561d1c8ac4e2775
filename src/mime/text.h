/*
 * text.h - the text of a text part as UTF-8, as its reader sees it.
 */
#ifndef MIME_TEXT_H
#define MIME_TEXT_H

#include <gmime/gmime.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Appends content (decoded as the transfer encoding says) as UTF-8, HTML as its visible text, line
 * ends LF, NULs dropped. False: not all of it (HTML_BYTES_MAX). */
bool text_visible(GMimePart *part, struct bytes content, struct buf *out);
/* True when content is in a charset whose bytes no pattern matches (UTF-16, UTF-32, UTF-7),
 * declared or by its byte order mark; then appends it as UTF-8. */
bool text_narrow(GMimePart *part, struct bytes content, struct buf *out);

#endif
