/*
 * defect.h - what is malformed or ambiguous about a message's structure, by stable names.
 *
 * A defect is something that two mail programs may read differently, or that hides content; what is
 * merely untidy and common in ordinary mail is none.
 */
#ifndef MIME_DEFECT_H
#define MIME_DEFECT_H

#include <stdbool.h>

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
	DEFECT_AMBIGUOUS_BOUNDARY,     /* several boundaries, or one in several forms */
	DEFECT_MALFORMED_BOUNDARY,
	DEFECT_STRAY_BOUNDARY,         /* not in a multipart's Content-Type, and it does occur */
	DEFECT_NESTED_BOUNDARIES,      /* one begins like another that is open */
	DEFECT_AMBIGUOUS_DELIMITER,    /* indented, glued to text, with more behind it, repeated */
	DEFECT_DELIMITER_IN_HEADER,
	DEFECT_MALFORMED_FIELD,        /* a field of MIME whose name or value is garbled */
	DEFECT_COMMENT_IN_FIELD,       /* of MIME */
	DEFECT_MALFORMED_HEADER_END,   /* an empty line that is not quite empty */
	DEFECT_HEADER_IN_BODY,         /* a body that begins with fields of MIME */
	DEFECT_BASE64_PADDING,
	DEFECT_MALFORMED_QUOTED,
	DEFECT_UNDECLARED_ENCODING,    /* it looks like base64, and nothing says so */
	DEFECT_INLINE_ENCODING,        /* uuencode, yEnc, BinHex in text */
	DEFECT_CONFLICTING_NAMES,
	DEFECT_DECEPTIVE_NAME,
	DEFECT_DISGUISED_PROGRAM,
	DEFECTS
};

struct defects {
	bool seen[DEFECTS];
	bool odd;        /* harmless by itself, but not all programs need read it alike */
};

const char *defect_name(enum defect d);   /* "duplicate-content-type" ... */
/* Is there any reason to read the message in more than the plain way? */
bool defect_any(const struct defects *d);

#endif
