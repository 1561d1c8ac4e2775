/*
 * autoreply.h - formail -r: a header that answers another.
 */
#ifndef FORMAIL_AUTOREPLY_H
#define FORMAIL_AUTOREPLY_H

#include "base/bytes.h"
#include "formail/hfield.h"
#include "formail/invocation.h"

/* Turns h into the header of a reply to sender: To, Subject, References and In-Reply-To behind
 * what is kept of the original. */
void autoreply_make(const struct invocation *inv, struct hfields *h, struct bytes sender);

#endif
