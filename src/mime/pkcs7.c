#include "mime/pkcs7.h"

#include <string.h>

#define PKCS7_HEAD 64           /* bytes in which the type of content stands */
#define PKCS7_OCTET_STRING 0x04
#define PKCS7_CONSTRUCTED 0x20

/* Object identifiers with their tag and length. */
#define PKCS7_OID "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
#define PKCS7_OID_ENVELOPED_AUTH "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"

static enum pkcs7
pkcs7_kind(struct bytes der)
{
	struct bytes head = bytes_first(der, PKCS7_HEAD);
	const char *oid;

	if (head.len < 16 || (unsigned char)head.p[0] != 0x30)
		return PKCS7_NONE;
	if (memmem(head.p, head.len, PKCS7_OID_ENVELOPED_AUTH, sizeof PKCS7_OID_ENVELOPED_AUTH - 1))
		return PKCS7_ENCRYPTED;
	oid = memmem(head.p, head.len - 1, PKCS7_OID, sizeof PKCS7_OID - 1);
	if (!oid)
		return PKCS7_NONE;
	switch (oid[sizeof PKCS7_OID - 1]) {
	case 2:
		return PKCS7_SIGNED;
	case 3:
	case 6:
		return PKCS7_ENCRYPTED;
	default:
		return PKCS7_NONE;
	}
}

/* Takes one tag and its length off *der. False where they make no sense. */
static bool
pkcs7_head(struct bytes *der, unsigned *tag_r, size_t *length_r)
{
	unsigned char first;
	size_t length = 0, octets;

	if (der->len < 2)
		return false;
	*tag_r = (unsigned char)der->p[0];
	first = (unsigned char)der->p[1];
	octets = first & 0x80 ? first & 0x7f : 0;
	if (octets > 4 || der->len < 2 + octets)
		return false;
	for (size_t i = 0; i < octets; i++)
		length = length << 8 | (unsigned char)der->p[2 + i];
	*length_r = first & 0x80 ? length : first;
	*der = bytes_from(*der, 2 + octets);
	return true;
}

enum pkcs7
pkcs7_read(struct bytes der, struct buf *out)
{
	enum pkcs7 kind = pkcs7_kind(der);
	size_t length;
	unsigned tag;

	/* Constructed values are entered by going on behind their head: that needs no stack, and
	 * the lengths of a stranger bound nothing. */
	while (kind == PKCS7_SIGNED && pkcs7_head(&der, &tag, &length)) {
		if (tag & PKCS7_CONSTRUCTED)
			continue;
		if (tag == PKCS7_OCTET_STRING)
			buf_bytes(out, bytes_first(der, length));
		der = bytes_from(der, length);
	}
	return kind;
}
