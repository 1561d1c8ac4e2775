#include "proc/seat.h"

#include <string.h>
#include <unistd.h>

#include "base/fd.h"

static bool
seat_tell(const struct seat *s, const struct seat_note *note)
{
	return fd_send(s->channel, note, sizeof *note, -1) == 0;
}

int
seat_next(const struct seat *s, bool *suspects_r)
{
	struct seat_note note;
	int fd;
	ssize_t n = fd_recv(s->channel, &note, sizeof note, &fd);

	if (n != (ssize_t)sizeof note || note.word != SEAT_CONNECTION)
		fd_close(&fd);
	*suspects_r = n == (ssize_t)sizeof note && note.flag;
	return fd;
}

int
seat_ask_welcome(const struct seat *s, const unsigned char digest[SUSPECT_DIGEST], bool suspects)
{
	struct seat_note note = { .word = SEAT_DIGEST, .flag = suspects };
	int fd;
	ssize_t n;

	memcpy(note.digest, digest, SUSPECT_DIGEST);
	if (!seat_tell(s, &note))
		return -1;
	if (!suspects)
		return 1;
	n = fd_recv(s->channel, &note, sizeof note, &fd);
	fd_close(&fd);
	if (n != (ssize_t)sizeof note || (note.word != SEAT_GO && note.word != SEAT_REFUSED))
		return -1;
	return note.word == SEAT_GO;
}

void
seat_turn_begins(const struct seat *s)
{
	seat_tell(s, &(struct seat_note){ .word = SEAT_BEGIN });
}

void
seat_turn_ends(const struct seat *s, bool scan, enum poolstat_verdict verdict)
{
	seat_tell(s, &(struct seat_note){ .word = SEAT_END, .flag = scan,
		.verdict = (uint8_t)verdict });
}

bool
seat_served(const struct seat *s)
{
	return seat_tell(s, &(struct seat_note){ .word = SEAT_SERVED });
}
