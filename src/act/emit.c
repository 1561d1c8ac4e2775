#include "act/emit.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define EMIT_VECTORS 64
#define EMIT_SLICE 262144   /* bytes of one system call, and of memory, for large messages */
#define EMIT_FROM "From "
#define EMIT_FROM_LEN 5

/* Collects pieces, so that a message is one system call unless it is large or many lines are
 * quoted. */
struct emit_sink {
	int fd, count;
	struct iovec vector[EMIT_VECTORS];
	size_t pending, written;
	struct bytes mapped;
	size_t reached, released;       /* bytes of mapped */
};

static struct bytes
emit_without_from(struct bytes head)
{
	bool is_first = true;
	struct bytes rest = head;

	while (bytes_starts(rest, is_first ? EMIT_FROM : ">" EMIT_FROM)) {
		const char *nl = memchr(rest.p, '\n', rest.len);

		rest = bytes_from(rest, nl ? (size_t)(nl - rest.p) + 1 : rest.len);
		is_first = false;
	}
	return rest;
}

/* The byte at that distance from the end of head and body together; NUL before the start. */
static char
emit_last(const struct emit *e, size_t distance)
{
	if (distance < e->part[1].len)
		return e->part[1].p[e->part[1].len - 1 - distance];
	distance -= e->part[1].len;
	return distance < e->part[0].len ? e->part[0].p[e->part[0].len - 1 - distance] : '\0';
}

void
emit_plan(struct emit *e, const struct act_job *job, enum emit_form form)
{
	bool drop = job->from_line && (form == EMIT_MAILDIR || form == EMIT_FORWARD);

	memset(e, 0, sizeof *e);
	e->part[0] = drop ? emit_without_from(job->head) : job->head;
	e->part[1] = job->body;
	e->mapped = job->mapped;
	e->quote = form == EMIT_MBOX && !job->raw;
	e->trusted = job->content_length > 0 ? (size_t)job->content_length : 0;
	if (job->raw || form == EMIT_MAILDIR)
		return;
	if (emit_last(e, 0) != '\n' || emit_last(e, 1) != '\n')
		e->part[2] = (struct bytes){ "\n", 1 };
}

size_t
emit_size(const struct emit *e)
{
	return e->part[0].len + e->part[1].len + e->part[2].len;
}

/* Pages of a mapping count as ours as long as we might look at them again. */
static void
emit_release(struct emit_sink *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), upto = s->reached / page * page;

	if (upto <= s->released)
		return;
	(void)madvise((char *)(size_t)s->mapped.p + s->released, upto - s->released,
	    MADV_DONTNEED);
	s->released = upto;
}

static int
emit_flush(struct emit_sink *s)
{
	struct iovec *v = s->vector;
	int left = s->count;

	s->count = 0;
	s->pending = 0;
	while (left > 0) {
		ssize_t n = writev(s->fd, v, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		s->written += (size_t)n;
		for (; left > 0 && (size_t)n >= v->iov_len; v++, left--)
			n -= (ssize_t)v->iov_len;
		if (left > 0) {
			v->iov_base = (char *)v->iov_base + n;
			v->iov_len -= (size_t)n;
		}
	}
	emit_release(s);
	return 0;
}

static int
emit_add(struct emit_sink *s, const char *p, size_t len)
{
	while (len > 0) {
		size_t n = len < EMIT_SLICE - s->pending ? len : EMIT_SLICE - s->pending;
		size_t at = (size_t)p - (size_t)s->mapped.p;

		s->vector[s->count++] = (struct iovec){ (void *)(size_t)p, n };
		s->pending += n;
		if (at < s->mapped.len)
			s->reached = at + n;
		p += n;
		len -= n;
		if ((s->count == EMIT_VECTORS || s->pending == EMIT_SLICE) && emit_flush(s) < 0)
			return -1;
	}
	return 0;
}

/* One half with a '>' before each line that begins with "From ". starts_line: its first byte is the
 * first of a line.  Positions below skip are left alone. */
static int
emit_quoted(struct emit_sink *s, struct bytes text, bool starts_line, size_t skip)
{
	size_t done = 0, from = skip > 1 ? skip - 1 : 0;

	if (starts_line && skip == 0 && bytes_starts(text, EMIT_FROM) && emit_add(s, ">", 1) < 0)
		return -1;
	for (; from < text.len; from = done) {
		/* Slice by slice; what begins in one is seen to its end. */
		struct bytes slice = bytes_first(bytes_from(text, from), EMIT_SLICE);
		size_t seen = bytes_from(text, from).len < EMIT_SLICE + EMIT_FROM_LEN
		    ? bytes_from(text, from).len : EMIT_SLICE + EMIT_FROM_LEN;
		const char *nl = memmem(slice.p, seen, "\n" EMIT_FROM, 1 + EMIT_FROM_LEN);
		size_t upto = nl ? (size_t)(nl - text.p) + 1 : from + slice.len;

		if (emit_add(s, text.p + done, upto - done) < 0 || (nl && emit_add(s, ">", 1) < 0))
			return -1;
		done = upto;
	}
	return emit_add(s, text.p + done, text.len - done);
}

/* How many bytes at the end of head begin a line that the body makes a From_ line; a filter can cut
 * a message there.  0: none. */
static size_t
emit_straddle(const struct emit *e)
{
	struct bytes head = e->part[0], body = e->part[1];

	for (size_t k = 1; k < EMIT_FROM_LEN && k < head.len; k++)
		if (head.p[head.len - k - 1] == '\n')
			return memcmp(head.p + head.len - k, EMIT_FROM, k) == 0
			    && bytes_starts(body, &EMIT_FROM[k]) ? k : 0;
	return 0;
}

static int
emit_quote_all(struct emit_sink *s, const struct emit *e)
{
	struct bytes head = e->part[0];
	size_t k = emit_straddle(e), first = 0;
	bool starts_line = head.len > 0 && head.p[head.len - 1] == '\n';

	/* The first line that is not empty is the message's own From_ line. */
	while (first < head.len - k && head.p[first] == '\n')
		first++;
	if (emit_quoted(s, bytes_first(head, head.len - k), false, first + 1) < 0)
		return -1;
	if (k > 0 && (emit_add(s, ">", 1) < 0 || emit_add(s, head.p + head.len - k, k) < 0))
		return -1;
	return emit_quoted(s, e->part[1], starts_line, e->trusted);
}

int
emit_write(int fd, const struct emit *e, size_t *written)
{
	struct emit_sink s = { .fd = fd, .mapped = e->mapped };
	int rc;

	if (e->quote)
		rc = emit_quote_all(&s, e);
	else
		rc = emit_add(&s, e->part[0].p, e->part[0].len) < 0 ? -1
		    : emit_add(&s, e->part[1].p, e->part[1].len);
	if (rc == 0)
		rc = emit_add(&s, e->part[2].p, e->part[2].len);
	if (rc == 0)
		rc = emit_flush(&s);
	*written = s.written;
	return rc;
}
