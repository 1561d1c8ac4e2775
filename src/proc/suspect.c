#include "proc/suspect.h"

#include <string.h>

static bool
suspect_is(const struct suspect *s, const unsigned char *digest, uid_t uid, int64_t now)
{
	return s->deaths > 0 && s->uid == uid && now - s->last < SUSPECT_MS &&
	    memcmp(s->digest, digest, SUSPECT_DIGEST) == 0;
}

void
suspect_note(struct suspects *s, const unsigned char *digest, uid_t uid, int64_t now)
{
	struct suspect *room = &s->row[0];

	for (size_t i = 0; i < SUSPECT_MAX; i++) {
		struct suspect *row = &s->row[i];

		if (suspect_is(row, digest, uid, now)) {
			row->deaths++;
			row->last = now;
			return;
		}
		if (room->deaths > 0 && (row->deaths == 0 || row->last < room->last))
			room = row;
	}
	memcpy(room->digest, digest, SUSPECT_DIGEST);
	room->uid = uid;
	room->deaths = 1;
	room->last = now;
}

bool
suspect_is_refused(const struct suspects *s, const unsigned char *digest, uid_t uid, int64_t now)
{
	for (size_t i = 0; i < SUSPECT_MAX; i++)
		if (s->row[i].deaths >= SUSPECT_DEATHS && suspect_is(&s->row[i], digest, uid, now))
			return true;
	return false;
}

size_t
suspect_count(const struct suspects *s, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < SUSPECT_MAX; i++)
		if (s->row[i].deaths >= SUSPECT_DEATHS && now - s->row[i].last < SUSPECT_MS)
			n++;
	return n;
}
