#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

char buf_empty[1];

void
buf_init(struct buf *b)
{
	*b = (struct buf)BUF_INIT;
}

void
buf_clear(struct buf *b)
{
	if (b->cap)
		free(b->p);
	buf_init(b);
}

void
buf_cut(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->p[len] = '\0';
}

char *
buf_room(struct buf *b, size_t extra)
{
	size_t want, cap;

	if (extra >= SIZE_MAX / 2 - b->len)
		fatal("a text of more than %zu bytes was asked for", SIZE_MAX / 2);
	want = b->len + extra + 1;
	if (want <= b->cap)
		return b->p + b->len;
	cap = b->cap ? b->cap : 64;
	while (cap < want)
		cap += cap / 2;
	b->p = mem_resize(b->cap ? b->p : NULL, cap);
	if (b->len == 0)
		b->p[0] = '\0';
	b->cap = cap;
	return b->p + b->len;
}

void
buf_grew(struct buf *b, size_t added)
{
	b->len += added;
	b->p[b->len] = '\0';
}

void
buf_add(struct buf *b, const void *p, size_t len)
{
	if (len == 0)
		return;
	memcpy(buf_room(b, len), p, len);
	buf_grew(b, len);
}

void
buf_byte(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_bytes(struct buf *b, struct bytes s)
{
	buf_add(b, s.p, s.len);
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		fatal("format \"%s\" cannot be printed", fmt);
	vsnprintf(buf_room(b, (size_t)n), (size_t)n + 1, fmt, again);
	va_end(again);
	buf_grew(b, (size_t)n);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

char *
buf_take(struct buf *b)
{
	char *p = b->cap ? b->p : mem_string("");

	buf_init(b);
	return p;
}
