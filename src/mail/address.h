/*
 * address.h - bare addresses out of address fields (RFC 5322 3.4, with its obsolete forms).
 *
 * Text is hostile: linear time, no recursion, nothing is an error; what is no address yields no
 * line.  Comments nest, groups are opened, display names and routes are dropped.  Names for people
 * are not looked into, quoted or encoded.
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include "base/buf.h"
#include "base/bytes.h"

/* Appends each address of an address list to out, one a line: quotes of the local part only where
 * it needs them, domain in lower case, no blanks or comments. "MAILER-DAEMON" without a domain is
 * one, too. An address with control bytes is left out. */
void address_list(struct bytes value, struct buf *out);
/* The same for all fields of a head whose name stands in names, separated by commas ("From,To"). */
void address_fields(struct bytes head, const char *names, struct buf *out);

#endif
