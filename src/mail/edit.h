/*
 * edit.h - changes fields in a head; every byte that need not change stays as it came.
 *
 * Each function appends a whole new head to out (empty it before) and returns 0, or -1 with why
 * and out unusable.  New fields end their lines as the head does (LF, or CRLF), are folded at 78
 * columns where there is a blank, and are never longer than 998 bytes a line (RFC 5322 2.1.1).
 * Text is UTF-8 (other 8-bit text is taken as windows-1252) and written as encoded words where it
 * is not ASCII.  Text with CR, LF or NUL and names that are no ftext are refused: nothing a
 * message says can add a field through us.
 */
#ifndef MAIL_EDIT_H
#define MAIL_EDIT_H

#include "base/buf.h"
#include "base/bytes.h"
#include "core/fail.h"

/* Takes "Name: value" apart (value may be empty, blanks around it are dropped). */
int edit_split(struct bytes line, struct bytes *name_r, struct bytes *value_r, struct fail *why);
/* Replaces the first field of that name where it stands and removes the others; without one, adds
 * the field before the empty line. */
int edit_set(struct bytes head, struct bytes name, struct bytes value, struct buf *out,
    struct fail *why);
/* Adds the field before the empty line. */
int edit_add(struct bytes head, struct bytes name, struct bytes value, struct buf *out,
    struct fail *why);
/* Removes all fields of that name; none is no error. */
int edit_remove(struct bytes head, struct bytes name, struct buf *out, struct fail *why);
/* Puts text and a blank before the Subject, unless the decoded Subject begins with text already;
 * the bytes of the old Subject are kept. Every Subject field there is gets it; without any, one is
 * made. */
int edit_subject(struct bytes head, struct bytes text, struct buf *out, struct fail *why);

#endif
