/*
 * html.h - the text of an HTML page as its reader sees it.
 */
#ifndef MIME_HTML_H
#define MIME_HTML_H

#include "base/buf.h"
#include "base/bytes.h"

#define HTML_BYTES_MAX (16u << 20)  /* of one page; the rest is not read */

/* html: UTF-8. Appends lines of UTF-8: entities decoded, block elements and <br> on lines of their
 * own, white space joined; without comments, scripts, styles and elements hidden by attribute.  The
 * title is a line: a style sheet can show it, and what a reader may see must not be kept from a
 * recipe.  False: some of it was not read, for its size or want of memory. */
bool html_text(struct bytes html, struct buf *out);
/* The charset that the page itself names, empty if none: only the first kilobyte counts. */
struct bytes html_charset(struct bytes html);

#endif
