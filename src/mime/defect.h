/*
 * defect.h - what is malformed or ambiguous about a message's structure, by stable names.
 *
 * A defect is something that two mail programs may read differently, or that hides content; what is
 * merely untidy and common in ordinary mail is none.
 */
#ifndef MIME_DEFECT_H
#define MIME_DEFECT_H

#include <gmime/gmime.h>

#include "base/bytes.h"

enum defect {
	DEFECT_DUPLICATE_CONTENT_TYPE,
	DEFECT_DUPLICATE_TRANSFER_ENCODING,
	DEFECT_DUPLICATE_DISPOSITION,
	DEFECT_DUPLICATE_PARAMETER,
	DEFECT_UNKNOWN_TRANSFER_ENCODING,
	DEFECT_ENCODED_COMPOSITE,      /* a multipart or message in base64 or the like */
	DEFECT_INVALID_CONTENT_TYPE,
	DEFECT_MISSING_BOUNDARY,
	DEFECT_EMPTY_MULTIPART,        /* no part: perhaps the delimiter is another one */
	DEFECT_NO_CLOSING_BOUNDARY,
	DEFECT_PART_IN_PREAMBLE,
	DEFECT_PART_IN_EPILOGUE,
	DEFECT_INVALID_HEADER_LINE,
	DEFECT_NUL_IN_HEADER,
	DEFECT_BARE_CR,
	DEFECT_BASE64_JUNK,
	DEFECT_BASE64_AFTER_PADDING,
	DEFECT_MESSAGE_PARTIAL,
	DEFECT_TOO_DEEP,
	DEFECT_TOO_MANY_PARTS,
	DEFECT_TOO_MUCH_TEXT,          /* text or names over a limit: not all is shown */
	DEFECT_NO_MESSAGE,             /* GMime sees no message at all */
	DEFECTS
};

struct defects {
	bool seen[DEFECTS];
	bool truncated;  /* GMime met the end early: in a multipart that is a defect */
};

const char *defect_name(enum defect d);   /* "duplicate-content-type" ... */
void defect_warning(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer defects);
/* What the bytes of the outermost header say. */
void defect_check_head(struct defects *d, struct bytes head);
/* What one part's own fields say. */
void defect_check_part(struct defects *d, GMimeObject *object);
/* What stands before the first or behind the last delimiter. */
void defect_check_outside(struct defects *d, GMimeMultipart *multi);

#endif
