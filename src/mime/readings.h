/*
 * readings.h - each part of a message as every mail program might decode it, for the scanner.
 *
 * libclamav and GMime each miss what the other finds in malformed mail; so the scanner is shown the
 * message as a whole and then these.
 */
#ifndef MIME_READINGS_H
#define MIME_READINGS_H

#include <gmime/gmime.h>

#include "mime/blobs.h"

/* False when a bound on depth or number left something out.  *encrypted_r: as mime_encrypted. */
bool readings_each(GMimeMessage *message, struct blobs *blobs, const char **encrypted_r);

#endif
