/*
 * mime.h - one message taken apart: what the mime: selectors show, and what the scanner must see.
 *
 * Reads hostile bytes; runs in the sandbox only.  Nothing here fails: a message that GMime cannot
 * read has no parts, and says so among its defects.
 */
#ifndef MIME_MIME_H
#define MIME_MIME_H

#include "base/bytes.h"
#include "core/report.h"

#define MIME_DEPTH_MAX 100    /* levels of nesting that are walked; deeper is the defect too-deep */
#define MIME_PARTS_MAX 10000  /* parts; more is the defect too-many-parts */

struct mime;

/* message: the whole of it, a From_ line in front or not; borrowed until mime_close. */
struct mime *mime_open(struct bytes message);
void mime_close(struct mime **m);
/* How many parts there are, multiparts and attached messages among them: lines of mime:type. */
unsigned mime_parts(const struct mime *m);
/* Mail programs may read it differently: mime:defect has a line, or GMime found something odd. */
bool mime_is_ambiguous(const struct mime *m);
/* Fills the lists mime:type, mime:name, mime:text, mime:defect. */
void mime_report(struct mime *m, struct report *r);

/* One object to scan as a file; name is its file name or "". False: no more of them, please. */
typedef bool mime_reading_fn(void *context, struct bytes object, const char *name);
/* Every part as a reader might decode it, each reading only if it differs from those before. */
/* False when bounds on depth and number left something out. */
bool mime_readings(struct mime *m, mime_reading_fn *fn, void *context);
/* "SMIME" or "PGP" when mime_readings met a part that is encrypted, which nobody can look into;
 * else NULL. */
const char *mime_encrypted(const struct mime *m);

/* Versions of the libraries behind this, a line each. */
struct buf;
void mime_libraries(struct buf *out);

#endif
