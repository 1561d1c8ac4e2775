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
/* True when content is in a charset of more than one byte a character (UTF-16, UTF-32), declared or
 * by its byte order mark; then appends it as UTF-8.  Patterns of bytes do not match such text. */
bool text_narrow(GMimePart *part, struct bytes content, struct buf *out);

#endif
