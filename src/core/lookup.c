#include "core/lookup.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/fd.h"

#define LOOKUP_FIELDS 3
#define LOOKUP_GOOD 'K'
#define LOOKUP_BAD 'E'

static int
lookup_pack(const struct lookup *q, struct buf *out, struct fail *why)
{
	const char *fields[LOOKUP_FIELDS] = { q->subject, q->key, q->name };

	buf_byte(out, (char)q->kind);
	for (int i = 0; i < LOOKUP_FIELDS; i++) {
		buf_str(out, fields[i] ? fields[i] : "");
		buf_byte(out, '\0');
	}
	return out->len <= LOOKUP_QUESTION_MAX ? 0 : fail_temp(why, "look-up: more than %d bytes",
	    LOOKUP_QUESTION_MAX);
}

/* How many bytes came, the kind in front and a NUL behind; -1 with why. */
static ssize_t
lookup_wait(int sock, long seconds, char answer[LOOKUP_ANSWER_MAX + 1], struct fail *why)
{
	struct timeval limit = { .tv_sec = seconds };
	ssize_t n;
	int passed;

	if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0)
		return fail_errno(why, "time limit for a look-up");
	n = fd_recv(sock, answer, LOOKUP_ANSWER_MAX, &passed);
	fd_close(&passed);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return fail_temp(why, "the look-up did not end within %ld seconds", seconds);
	if (n <= 0)
		return fail_temp(why, "the look-up process (bivalve-lookup) has died; the log of "
		    "the mail system may say of what");
	answer[n] = '\0';
	return n;
}

int
lookup_ask(int sock, const struct lookup *q, long seconds, struct buf *out, struct fail *why)
{
	char answer[LOOKUP_ANSWER_MAX + 1];
	struct buf packet = BUF_INIT;
	int rc = lookup_pack(q, &packet, why);
	ssize_t n = -1;

	if (rc == 0 && fd_send(sock, packet.p, packet.len, q->fd) < 0)
		fail_errno(why, "the look-up process (bivalve-lookup) cannot be asked");
	else if (rc == 0)
		n = lookup_wait(sock, seconds, answer, why);
	buf_clear(&packet);
	if (rc < 0 || n < 0)
		return rc < 0 ? rc : LOOKUP_LOST;
	if (answer[0] != LOOKUP_GOOD)
		return fail_temp(why, "%s", answer + 1);
	buf_add(out, answer + 1, (size_t)n - 1);
	return 0;
}

static bool
lookup_is_kind(char c)
{
	return c == LOOKUP_DNS || c == LOOKUP_RHS || c == LOOKUP_MX || c == LOOKUP_MAP
	    || c == LOOKUP_BLOCK;
}

int
lookup_receive(int sock, char *room, struct lookup *q)
{
	const char **fields[LOOKUP_FIELDS] = { &q->subject, &q->key, &q->name };
	ssize_t n = fd_recv(sock, room, LOOKUP_QUESTION_MAX, &q->fd);
	const char *p = room + 1, *end = room + n, *nul;

	if (n <= 0)
		return (int)n;
	if (!lookup_is_kind(room[0]))
		return -1;
	q->kind = (enum lookup_kind)room[0];
	for (int i = 0; i < LOOKUP_FIELDS; i++) {
		nul = p < end ? memchr(p, '\0', (size_t)(end - p)) : NULL;
		if (!nul)
			return -1;
		*fields[i] = p;
		p = nul + 1;
	}
	return p == end ? 1 : -1;
}

int
lookup_answer(int sock, struct bytes lines, const struct fail *why)
{
	struct buf packet = BUF_INIT;
	int rc;

	buf_byte(&packet, why->kind == FAIL_NONE ? LOOKUP_GOOD : LOOKUP_BAD);
	if (why->kind != FAIL_NONE)
		lines = bytes_of(why->text);
	if (lines.len > LOOKUP_ANSWER_MAX - 1) {
		lines.len = LOOKUP_ANSWER_MAX - 1;
		while (lines.len > 0 && lines.p[lines.len - 1] != '\n')
			lines.len--;
	}
	buf_bytes(&packet, lines);
	rc = fd_send(sock, packet.p, packet.len, -1);
	buf_clear(&packet);
	return rc;
}
