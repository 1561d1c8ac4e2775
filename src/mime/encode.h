/*
 * encode.h - content into base64 and quoted-printable (RFC 2045), in the one form that every
 * program decodes alike.
 */
#ifndef MIME_ENCODE_H
#define MIME_ENCODE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Lines of 76 characters, each ended by eol. */
void encode_base64(struct bytes content, const char *eol, struct buf *out);
/* Lines of 76 characters at most. A line end eol in content stays one; any other CR or LF, what is
 * not printable ASCII, and the beginning of a line that some program may take for a delimiter, a
 * From_ line or the like, is encoded. */
void encode_quoted(struct bytes content, const char *eol, struct buf *out);
/* May content go as it is: printable ASCII, tabs, line ends eol, short lines, none of them with a
 * beginning that encode_quoted would encode? */
bool encode_is_plain(struct bytes content, const char *eol);

#endif
