/*
 * headedit.h - what the options of a formail call do to a header, step by step.
 */
#ifndef FORMAIL_HEADEDIT_H
#define FORMAIL_HEADEDIT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "formail/hfield.h"
#include "formail/invocation.h"

/* -z (the blank behind the colon) and -c, before anything is looked at. */
void headedit_first(const struct invocation *inv, struct hfields *h);
/* -i, -I and -R: each field goes by the first option that fits it.  A reply is edited twice: its
 * original's header, where -i only says what to keep and -I with contents nothing (old is false),
 * and then its own. */
void headedit_names(const struct invocation *inv, struct hfields *h, bool old);
/* -u and -U, by whole names. */
void headedit_unique(const struct invocation *inv, struct hfields *h);
/* -z: without empty fields. */
void headedit_zap(const struct invocation *inv, struct hfields *h);
/* What -a, -A, -i and -I append, in this order; raw is the header as it came, for message-ids. */
void headedit_add(const struct invocation *inv, struct hfields *h, struct bytes raw);

#endif
