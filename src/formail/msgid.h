/*
 * msgid.h - the message-id that formail -a Message-ID: makes up.
 */
#ifndef FORMAIL_MSGID_H
#define FORMAIL_MSGID_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Over every line of the header as it came, but for first bytes and LFs. */
uint64_t msgid_hash(struct bytes head);
/* Adds "<hash.counter.pid.time@host>": a hash of the header, the number of ids this process has
 * made (formail counts the messages it splits), and who and when we are. */
void msgid_make(uint64_t hash, struct buf *out);

#endif
