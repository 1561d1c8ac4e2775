#include "mail/contentlength.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "mail/field.h"

#define CONTENTLENGTH_NAME "Content-Length:"
#define CONTENTLENGTH_PLACES 26   /* of a longer field the rest stays blank, as with procmail */

/* The next such field: room is what stands between its colon and the end of that line, perhaps
 * nothing; a field written "Content-Length :" is not seen by mailbox readers and left alone. */
static bool
contentlength_next(struct bytes *rest, struct bytes *room)
{
	struct field f;

	while (field_next(rest, &f)) {
		if (!bytes_starts_nocase(f.all, CONTENTLENGTH_NAME))
			continue;
		*room = (struct bytes){ f.all.p, 0 }; /* the message may end at the colon */
		f.value = bytes_from(f.all, sizeof CONTENTLENGTH_NAME - 1);
		bytes_line(&f.value, room);
		if (room->len && room->p[room->len - 1] == '\r')
			room->len--;
		return true;
	}
	return false;
}

/* Writes length into field, which has that many bytes; what it then says. */
static long
contentlength_write(char *field, size_t room, size_t length)
{
	char digits[32];
	size_t n = (size_t)snprintf(digits, sizeof digits, "%zu", length);
	size_t places = room < CONTENTLENGTH_PLACES ? room : CONTENTLENGTH_PLACES;
	long said = 0;

	if (n <= places) {
		memset(field, ' ', room);
		memcpy(field + places - n, digits, n);
		return length > LONG_MAX ? LONG_MAX : (long)length;
	}
	memset(field, '9', room);
	for (size_t i = 0; i < room; i++)
		said = said * 10 + 9;
	return said;
}

long
contentlength_fit(struct bytes head, size_t body_length, struct buf *out)
{
	struct bytes rest = head, room;
	size_t kept = out->len;
	long trusted = LONG_MAX, said;

	while (contentlength_next(&rest, &room)) {
		said = 0;
		if (room.len > 0 && out->len == kept)
			buf_bytes(out, head);
		if (room.len > 0)
			said = contentlength_write(out->p + kept + (room.p - head.p), room.len,
			    body_length);
		trusted = said < trusted ? said : trusted;
	}
	return out->len > kept ? trusted : -1;
}
