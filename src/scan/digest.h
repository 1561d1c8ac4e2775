/*
 * digest.h - which message this is, also when the MTA hands it over a second time.
 */
#ifndef SCAN_DIGEST_H
#define SCAN_DIGEST_H

#include "base/bytes.h"
#include "base/digests.h"

#define DIGEST_SIZE DIGESTS_SIZE

/* SHA-256 without an mbox line in front: its date is that of the delivery.  False when it cannot be
 * computed.  Call it once before a sandbox: the library reads its configuration then. */
bool digest_message(struct bytes message, unsigned char digest_r[DIGEST_SIZE]);
/* SHA-256 of two runs of bytes as if they were one; false as above. */
bool digest_both(struct bytes first, struct bytes second, unsigned char digest_r[DIGEST_SIZE]);

#endif
