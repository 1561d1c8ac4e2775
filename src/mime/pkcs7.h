/*
 * pkcs7.h - S/MIME bodies (RFC 8551): what was signed can be read, what was encrypted cannot.
 */
#ifndef MIME_PKCS7_H
#define MIME_PKCS7_H

#include "base/buf.h"
#include "base/bytes.h"

enum pkcs7 { PKCS7_NONE, PKCS7_SIGNED, PKCS7_ENCRYPTED };

/* der: the decoded body.  Of signed data appends the content to out, in one piece, whatever pieces
 * it came in (BER); certificates may follow it. */
enum pkcs7 pkcs7_read(struct bytes der, struct buf *out);

#endif
