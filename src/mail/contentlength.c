#include "mail/contentlength.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "mail/field.h"

#define CONTENTLENGTH_NAME "Content-Length:"
#define CONTENTLENGTH_PLACES 26   /* of a longer field the rest stays blank, as with procmail */

/* The bytes between the colon and the end of that line, of the first such field; a field written
 * "Content-Length :" is not seen by mailbox readers and left alone. */
static bool
contentlength_room(struct bytes head, struct bytes *room)
{
	struct bytes rest = head;
	struct field f;

	while (field_next(&rest, &f)) {
		if (!bytes_starts_nocase(f.all, CONTENTLENGTH_NAME))
			continue;
		f.value = bytes_from(f.all, sizeof CONTENTLENGTH_NAME - 1);
		if (!bytes_line(&f.value, room))
			return false; /* the message ends at the colon */
		if (room->len && room->p[room->len - 1] == '\r')
			room->len--;
		return room->len > 0;
	}
	return false;
}

long
contentlength_fit(struct bytes head, size_t body_length, struct buf *out)
{
	char digits[32];
	struct bytes room;
	size_t n, places, kept = out->len;
	char *field;
	long trusted = 0;

	if (!contentlength_room(head, &room))
		return -1;
	buf_bytes(out, head);
	field = out->p + kept + (room.p - head.p);
	n = (size_t)snprintf(digits, sizeof digits, "%zu", body_length);
	places = room.len < CONTENTLENGTH_PLACES ? room.len : CONTENTLENGTH_PLACES;
	if (n <= places) {
		memset(field, ' ', room.len);
		memcpy(field + places - n, digits, n);
		return body_length > LONG_MAX ? LONG_MAX : (long)body_length;
	}
	memset(field, '9', room.len);
	for (size_t i = 0; i < room.len; i++)
		trusted = trusted * 10 + 9;
	return trusted;
}
