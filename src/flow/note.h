/*
 * note.h - what stands in the place of a part that was taken out of a message: a template with the
 * particulars filled in.
 *
 * In a template %x stands for a value, %% for a percent sign.  A line that begins with %?x is there
 * only if that value is not empty, one with %!x only if it is.
 */
#ifndef FLOW_NOTE_H
#define FLOW_NOTE_H

#include "base/buf.h"
#include "base/bytes.h"

#define NOTE_TEMPLATE_MAX 16384  /* bytes */

enum note_value {
	NOTE_NAMES,       /* n: file names */
	NOTE_TYPE,        /* t: media type */
	NOTE_SIZE,        /* s: bytes, as it was encoded */
	NOTE_VIRUS,       /* v: malware found in it */
	NOTE_PATTERN,     /* p: the regular expression that a name of it matches */
	NOTE_WHOLE,       /* b: set if it is the whole body of the message */
	NOTE_SIGNATURE,   /* k: signatures that the change breaks */
	NOTE_QUARANTINE,  /* q: under which the message as it came is kept */
	NOTE_HOST,        /* h: this host */
	NOTE_RECIPIENT,   /* r */
	NOTE_SENDER,      /* f: of the envelope */
	NOTE_ID,          /* i: the MTA's queue id */
	NOTE_VALUES
};

/* A list of lines as one value: ", " between them, of many the first few.  What could hide or forge
 * text (controls, marks that turn the direction of writing) is spelled out, long lines are cut. */
void note_list(struct bytes lines, struct buf *out);
/* Appends the text, UTF-8 lines. template_text: empty for our own. values: UTF-8; NULL is empty. */
void note_write(struct bytes template_text, const char *const values[NOTE_VALUES],
    struct buf *out);

#endif
