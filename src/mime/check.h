/*
 * check.h - finds what is malformed or ambiguous about a message's structure.
 *
 * The rule is the standard's: where a message keeps to it, every program sees the same, and nothing
 * is said.  Linear in the message.
 */
#ifndef MIME_CHECK_H
#define MIME_CHECK_H

#include "core/report.h"
#include "mime/defect.h"
#include "mime/split.h"

/* s: the message's main view. */
void check_message(struct defects *d, const struct split *s);
/* The lines "e" and "d" of REPORT_PART: each part's encoding, and its own defects; those that
 * concern no single part are the whole message's. */
void check_list(const struct split *s, struct report *r);
/* Does text begin with the fields of a message or part? */
bool check_is_mail(struct bytes text);

#endif
