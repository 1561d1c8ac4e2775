/*
 * views.h - what any mail program might see in a message that is not well-formed.
 *
 * Instead of imitating programs one by one: whatever may be a delimiter cuts the message, together
 * and for each boundary alone; whatever may end a header does; and each body is decoded in every
 * way that its header mentions or its bytes suggest.  What comes out is given to the scanner, and
 * read again where it looks like mail.
 */
#ifndef MIME_VIEWS_H
#define MIME_VIEWS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "mime/blobs.h"
#include "mime/defect.h"

#define VIEWS_NESTED_MAX 8      /* levels of text that was decoded from text */
#define VIEWS_TEXTS_MAX 100     /* texts in all */
#define VIEWS_DELIMITERS_MAX 50000
#define VIEWS_WORK 100          /* times the message: bytes that are looked at */

/* defects: of text. False: a bound left something out. */
bool views_give(struct bytes text, const struct defects *defects, struct blobs *blobs);

#endif
