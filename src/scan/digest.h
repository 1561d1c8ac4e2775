/*
 * digest.h - which message this is, also when the MTA hands it over a second time.
 */
#ifndef SCAN_DIGEST_H
#define SCAN_DIGEST_H

#include "base/bytes.h"

#define DIGEST_SIZE 32

/* SHA-256 without an mbox line in front: its date is that of the delivery.  False when it cannot be
 * computed.  Call it once before a sandbox: the library reads its configuration then. */
bool digest_message(struct bytes message, unsigned char digest_r[DIGEST_SIZE]);

#endif
