/*
 * realname.h - the parts of a message by their real names.
 *
 * libclamav reads the names of attachments by itself, and makes seven bits of what is not ASCII.
 * Where the MIME parser has a part of just the same bytes, and its name can have become that of
 * libclamav's, the lines of scan:name get the parser's.  Any doubt leaves them as they are: a name
 * must not be hidden by another one.
 */
#ifndef SCAN_REALNAME_H
#define SCAN_REALNAME_H

#include <stdbool.h>

#include "base/bytes.h"
#include "core/report.h"
#include "scan/digest.h"

struct realname;

struct realname *realname_new(void);
void realname_free(struct realname **r);
/* Can libclamav have made shown of real? */
bool realname_fits(const char *real, const char *shown);
/* libclamav has an object of that digest, right in the message, under this name. */
void realname_shown(struct realname *r, const unsigned char digest[DIGEST_SIZE], const char *shown);
/* The message has this part. */
void realname_part(struct realname *r, struct bytes part, const char *name);
/* Behind the last part: in the names of report. */
void realname_apply(const struct realname *r, struct report *report);

#endif
