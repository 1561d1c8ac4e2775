/*
 * path.h - the paths of MAIL and RCPT (RFC 5321 4.1.2), as MTAs and local mailers write them.
 *
 * A recipient of a local mailer may have no domain.  Bytes above 0x7f are let through (RFC 6531);
 * control bytes are not, quoted or not.
 */
#ifndef LMTP_PATH_H
#define LMTP_PATH_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Takes "<path>" off the front of *rest. *mailbox_r: what stands between the brackets, without a
 * source route; empty for "<>". local is emptied and gets the local part without its quotes. False
 * when it is no path: *rest is anywhere then. */
bool path_take(struct bytes *rest, struct bytes *mailbox_r, struct buf *local);

#endif
