/*
 * json.h - writes JSON (RFC 8259) whatever the bytes are, and reads one flat object.
 *
 * Text is hostile: what is no UTF-8 becomes U+FFFD, and all that would drive a terminal is written
 * as \uXXXX, so that the output may be shown as it is.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>

#include "base/buf.h"

#define JSON_DEPTH 16   /* levels; more is a mistake of ours */

struct json {
	struct buf *out;        /* borrowed */
	int depth;
	char close[JSON_DEPTH]; /* what ends each level */
	bool some[JSON_DEPTH];  /* a member stands there already */
};

void json_init(struct json *j, struct buf *out);
/* key: NULL inside an array and for the outermost value. Each object and array is indented. */
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
/* Ends the innermost; the outermost gets a line end. */
void json_end(struct json *j);
void json_bytes(struct json *j, const char *key, struct bytes value);
/* NULL becomes null. */
void json_str(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, long long value);
void json_decimal(struct json *j, const char *key, double value);
void json_bool(struct json *j, const char *key, bool value);
/* value is JSON already. */
void json_raw(struct json *j, const char *key, struct bytes value);

/* Just the string with its quotes. */
void json_quote(struct buf *out, struct bytes text);

/* Of an object without objects or arrays in it: appends the value of key, a string decoded, another
 * one as it stands. False, out untouched, when it is not there or the text is no such object. */
bool json_find(struct bytes text, const char *key, struct buf *out);

#endif
