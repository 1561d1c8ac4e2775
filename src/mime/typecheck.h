/*
 * typecheck.h - do all programs read a Content-Type or Content-Transfer-Encoding alike?
 */
#ifndef MIME_TYPECHECK_H
#define MIME_TYPECHECK_H

#include "base/bytes.h"
#include "mime/defect.h"

/* value: what stands behind the colon. Multipart or not it finds out itself. */
void typecheck_type(struct defects *d, struct bytes value);
void typecheck_encoding(struct defects *d, struct bytes value);
/* "content-type" from "Con(x)tent-Type\0 ": lower case, without comments, blanks and the like.
 * out is a string of size bytes. */
void typecheck_squeeze(struct bytes name, char *out, size_t size);

#endif
