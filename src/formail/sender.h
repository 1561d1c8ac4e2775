/*
 * sender.h - who sent it: formail's choice among the fields that name a sender.
 */
#ifndef FORMAIL_SENDER_H
#define FORMAIL_SENDER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "formail/hfield.h"

/* Which column of the table of weights (sender.c) counts. */
enum sender_trust { SENDER_ENVELOPE, SENDER_HEADER, SENDER_RESENT };

/* The address into *out, stripped of comments and blanks; false when no field has any. */
bool sender_find(const struct hfields *h, enum sender_trust trust, struct buf *out);
/* The first address of a field's contents in its shortest form. */
void sender_address(struct bytes contents, struct buf *out);

#endif
