/*
 * blobs.h - what the scanner is given: each distinct run of bytes once, within bounds.
 */
#ifndef MIME_BLOBS_H
#define MIME_BLOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "mime/mime.h"

#define BLOBS_TIMES 4             /* times the message: bytes of further readings in all */
#define BLOBS_BYTES (4u << 20)    /* and that many more, so that a short message has room */
#define BLOBS_EXTRA_MAX 1000      /* further readings */

struct blobs;

/* message: size in bytes. */
struct blobs *blobs_new(size_t message, mime_reading_fn *fn, void *context);
void blobs_free(struct blobs **b);
/* Gives object to the scanner unless it is empty or had it before.  extra: it comes from another
 * than the plain reading and counts against the bounds. */
void blobs_give(struct blobs *b, struct bytes object, const char *name, bool extra);
/* The scanner wants no more, or a bound was met. */
bool blobs_is_done(const struct blobs *b);
bool blobs_is_over(const struct blobs *b);

#endif
