#include "core/report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"

static const char *const report_keys[REPORT_KEYS] = {
	[REPORT_MIME_TYPE] = "mime:type", [REPORT_MIME_NAME] = "mime:name",
	[REPORT_MIME_TEXT] = "mime:text", [REPORT_MIME_DEFECT] = "mime:defect",
	[REPORT_SCAN_VIRUS] = "scan:virus", [REPORT_SCAN_CLASS] = "scan:class",
	[REPORT_SCAN_FINDING] = "scan:finding", [REPORT_SCAN_NAME] = "scan:name",
	[REPORT_SCAN_TYPE] = "scan:type", [REPORT_PART] = "part",
};

static const struct {
	const char *name;
	int weight;
} report_statuses[] = {
	[REPORT_NONE] = { "none", 0 }, [REPORT_CLEAN] = { "clean", 1 },
	[REPORT_INFECTED] = { "infected", 4 }, [REPORT_UNSCANNABLE] = { "unscannable", 2 },
	[REPORT_ERROR] = { "error", 3 },
};

/* Bytes; together less than REPORT_BYTES_MAX. */
static const size_t report_shares[REPORT_KEYS] = {
	[REPORT_MIME_TYPE] = 4u << 20, [REPORT_MIME_NAME] = 8u << 20,
	[REPORT_MIME_TEXT] = 28u << 20, [REPORT_MIME_DEFECT] = 64u << 10,
	[REPORT_SCAN_VIRUS] = 1u << 20, [REPORT_SCAN_CLASS] = 64u << 10,
	[REPORT_SCAN_FINDING] = 1u << 20, [REPORT_SCAN_NAME] = 16u << 20,
	[REPORT_SCAN_TYPE] = 64u << 10, [REPORT_PART] = 4u << 20,
};

void
report_init(struct report *r)
{
	memset(r, 0, sizeof *r);
	for (int i = 0; i < REPORT_KEYS; i++)
		buf_init(&r->lines[i]);
}

void
report_clear(struct report *r)
{
	for (int i = 0; i < REPORT_KEYS; i++)
		buf_clear(&r->lines[i]);
	report_init(r);
}

/* Bytes of line or text that still fit; less than wanted is remembered. */
static size_t
report_room(struct report *r, enum report_key key, size_t wanted)
{
	size_t left = report_shares[key] - r->lines[key].len;

	if (wanted <= left)
		return wanted;
	r->cut = true;
	if (r->status != REPORT_NONE)
		report_worse(r, REPORT_UNSCANNABLE, "more names than can be kept");
	return left;
}

void
report_add(struct report *r, enum report_key key, struct bytes line)
{
	char *p;

	if (report_room(r, key, line.len + 1) < line.len + 1)
		return;
	p = buf_room(&r->lines[key], line.len + 1);
	for (size_t i = 0; i < line.len; i++)
		p[i] = line.p[i] == '\n' || line.p[i] == '\0' ? ' ' : line.p[i];
	p[line.len] = '\n';
	buf_grew(&r->lines[key], line.len + 1);
}

void
report_add_text(struct report *r, enum report_key key, struct bytes text)
{
	size_t room = report_room(r, key, text.len + 1);

	if (text.len == 0 || room == 0)
		return;
	text = bytes_first(text, room - 1);
	buf_bytes(&r->lines[key], text);
	if (text.len == 0 || text.p[text.len - 1] != '\n')
		buf_byte(&r->lines[key], '\n');
}

void
report_add_once(struct report *r, enum report_key key, struct bytes line)
{
	const struct buf *b = &r->lines[key];
	const char *p = b->p, *end = b->p + b->len, *nl;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			break;
		if ((size_t)(nl - p) == line.len && memcmp(p, line.p, line.len) == 0)
			return;
	}
	report_add(r, key, line);
}

void
report_worse(struct report *r, enum report_status status, const char *reason)
{
	if (report_statuses[status].weight <= report_statuses[r->status].weight)
		return;
	r->status = status;
	if (reason)
		snprintf(r->reason, sizeof r->reason, "%s", reason);
}

struct bytes
report_word(struct bytes *line)
{
	const char *blank = line->len ? memchr(line->p, ' ', line->len) : NULL;
	struct bytes word = bytes_first(*line, blank ? (size_t)(blank - line->p) : line->len);

	*line = bytes_from(*line, word.len + (blank != NULL));
	return word;
}

bool
report_number(struct bytes *line, long min, long max, long *n_r)
{
	struct bytes word = report_word(line);
	char text[24];  /* the longest number, its sign and NUL */

	if (word.len >= sizeof text)
		return false;
	memcpy(text, word.p, word.len);
	text[word.len] = '\0';
	return str_long(text, min, max, n_r);
}

const char *
report_status_name(enum report_status s)
{
	return report_statuses[s].name;
}

const char *
report_key_name(enum report_key key)
{
	return report_keys[key];
}

#define REPORT_HELD_MAX 65536  /* bytes that are not worth a system call of their own */

static void
report_put(struct buf *out, char type, struct bytes first, struct bytes rest)
{
	const uint32_t n = htonl((uint32_t)(first.len + rest.len));

	buf_byte(out, type);
	buf_bytes(out, (struct bytes){ (const char *)&n, sizeof n });
	buf_bytes(out, first);
	buf_bytes(out, rest);
}

/* Whatever is held above most bytes. */
static int
report_flush(int fd, struct buf *out, size_t most)
{
	int rc = out->len > most ? fd_write_all(fd, out->p, out->len) : 0;

	if (out->len > most)
		buf_cut(out, 0);
	return rc;
}

static void
report_numbers(const struct report *r, uint32_t n[1 + REPORT_STAGES])
{
	n[0] = htonl(r->parts);
	for (int i = 0; i < REPORT_STAGES; i++)
		n[1 + i] = htonl(r->us[i]);
}

int
report_send(int fd, const struct report *r)
{
	const char status = (char)r->status;
	uint32_t numbers[1 + REPORT_STAGES];
	struct buf out = BUF_INIT;
	int rc = 0;

	report_numbers(r, numbers);
	report_put(&out, 'B', (struct bytes){ &status, 1 }, bytes_of(r->reason));
	report_put(&out, 'N', (struct bytes){ (const char *)numbers, sizeof numbers },
	    bytes_of(""));
	for (int i = 0; i < REPORT_KEYS && rc == 0; i++) {
		const char key = (char)i;

		if (r->lines[i].len > 0)
			report_put(&out, 'L', (struct bytes){ &key, 1 }, buf_view(&r->lines[i]));
		rc = report_flush(fd, &out, REPORT_HELD_MAX);
	}
	report_put(&out, 'E', bytes_of(""), bytes_of(""));
	if (rc == 0)
		rc = report_flush(fd, &out, 0);
	buf_clear(&out);
	return rc;
}

static void
report_take_numbers(struct report *r, const char *p)
{
	uint32_t n[1 + REPORT_STAGES];

	memcpy(n, p, sizeof n);
	r->parts = ntohl(n[0]);
	for (int i = 0; i < REPORT_STAGES; i++)
		r->us[i] = ntohl(n[1 + i]);
}

static int
report_take(struct report *r, char type, struct bytes b, struct fail *why)
{
	unsigned char first = b.len ? (unsigned char)b.p[0] : 255;

	if (type == 'B' && first <= REPORT_ERROR) {
		if (first != REPORT_NONE)
			r->status = first;
		snprintf(r->reason, sizeof r->reason, "%.*s", (int)b.len - 1, b.p + 1);
		return 0;
	}
	if (type == 'N' && b.len == (1 + REPORT_STAGES) * sizeof(uint32_t)) {
		report_take_numbers(r, b.p);
		return 0;
	}
	if (type == 'L' && first < REPORT_KEYS) {
		buf_cut(&r->lines[first], 0);
		buf_bytes(&r->lines[first], bytes_from(b, 1));
		return 0;
	}
	return fail_set(why, FAIL_SCAN, "the scanner's answer makes no sense (record %d, %d)",
	    type, first);
}

int
report_receive(int fd, struct report *r, struct fail *why)
{
	const enum report_status before = r->status;
	struct buf b = BUF_INIT;
	size_t total = 0;
	char head[5];
	uint32_t n;
	int rc = -1;

	for (;;) {
		ssize_t got = fd_read_full(fd, head, sizeof head);

		/* With our question still unread its end is a reset. */
		if (got < 0 && errno != ECONNRESET)
			fail_set(why, FAIL_SCAN, "the scanner's answer: %s", strerror(errno));
		else if (got < (ssize_t)sizeof head)
			fail_set(why, FAIL_SCAN, "the scanner ended without an answer (the log may "
			    "have its reason)");
		if (got < (ssize_t)sizeof head)
			break;
		memcpy(&n, head + 1, sizeof n);
		n = ntohl(n);
		total += n;
		if (total > REPORT_BYTES_MAX + 65536) {
			fail_set(why, FAIL_SCAN, "the scanner's answer is too long");
			break;
		}
		if (head[0] == 'E') {
			rc = 0;
			break;
		}
		buf_cut(&b, 0);
		got = fd_read_full(fd, buf_room(&b, n), n);
		if (got != (ssize_t)n) {
			fail_set(why, FAIL_SCAN, "the scanner ended within its answer");
			break;
		}
		buf_grew(&b, n);
		if (report_take(r, head[0], buf_view(&b), why) < 0)
			break;
	}
	buf_clear(&b);
	/* "Infected" without the lines that say by what would match nothing, as clean does. */
	if (rc < 0)
		r->status = before;
	return rc;
}
