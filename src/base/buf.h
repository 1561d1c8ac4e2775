/*
 * buf.h - the one growable byte buffer.
 *
 * p is always NUL-terminated (a string once anything was added, "" before), len does not count
 * that NUL.  Out of memory ends the process with exit 75 (see log.h, fatal), so that nothing here
 * returns an error.  Embed a struct buf, buf_init or BUF_INIT it, buf_clear it when done.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/bytes.h"

struct buf {
	char *p;
	size_t len, cap;
};

extern char buf_empty[1];
#define BUF_INIT { buf_empty, 0, 0 }

void buf_init(struct buf *b);
/* Frees the bytes; the buffer is empty and may be used again. */
void buf_clear(struct buf *b);
/* Keeps the memory, drops the contents beyond len bytes. */
void buf_cut(struct buf *b, size_t len);
/* Makes room for extra more bytes and returns where they go; follow with buf_grew. */
char *buf_room(struct buf *b, size_t extra);
void buf_grew(struct buf *b, size_t added);
void buf_add(struct buf *b, const void *p, size_t len);
void buf_byte(struct buf *b, char c);
void buf_str(struct buf *b, const char *s);
void buf_bytes(struct buf *b, struct bytes s);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Hands the string over (yours to free); the buffer is empty afterwards. */
char *buf_take(struct buf *b);

static inline struct bytes
buf_view(const struct buf *b)
{
	return (struct bytes){ b->p, b->len };
}

#endif
