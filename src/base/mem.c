#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* Small pieces share a chunk; a large one gets a chunk of its own behind the current one. */
#define ARENA_CHUNK 8192
#define ARENA_FIRST 1024   /* many need no more */

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char data[];
};

struct arena {
	struct chunk *chunks;
};

static void *
mem_or_fatal(void *p, size_t size)
{
	if (!p)
		fatal("out of memory (%zu bytes)", size);
	return p;
}

void *
mem_zero(size_t size)
{
	return mem_or_fatal(calloc(1, size ? size : 1), size);
}

void *
mem_array(size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		fatal("out of memory (%zu times %zu bytes)", count, size);
	return mem_zero(count * size);
}

void *
mem_resize(void *p, size_t size)
{
	return mem_or_fatal(realloc(p, size ? size : 1), size);
}

char *
mem_copy(struct bytes b)
{
	char *p = mem_resize(NULL, b.len + 1);

	if (b.len)
		memcpy(p, b.p, b.len);
	p[b.len] = '\0';
	return p;
}

char *
mem_string(const char *s)
{
	return mem_copy(bytes_of(s));
}

struct arena *
arena_new(void)
{
	return mem_zero(sizeof(struct arena));
}

void
arena_free(struct arena **arena)
{
	struct chunk *c, *next;

	if (!*arena)
		return;
	for (c = (*arena)->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(*arena);
	*arena = NULL;
}

static struct chunk *
arena_chunk(struct arena *arena, size_t size)
{
	size_t least = arena->chunks ? ARENA_CHUNK : ARENA_FIRST;
	size_t room = size > least ? size : least;
	struct chunk *c = mem_zero(sizeof *c + room);

	c->size = room;
	c->next = arena->chunks;
	arena->chunks = c;
	return c;
}

void *
arena_zero(struct arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct chunk *c = arena->chunks;
	void *p;

	if (size > SIZE_MAX / 2)
		fatal("out of memory (%zu bytes)", size);
	size = (size + align - 1) / align * align;
	if (!c || c->size - c->used < size)
		c = arena_chunk(arena, size);
	p = c->data + c->used;
	c->used += size;
	return p;
}

char *
arena_copy(struct arena *arena, struct bytes b)
{
	char *p = arena_zero(arena, b.len + 1);

	if (b.len)
		memcpy(p, b.p, b.len);
	return p;
}

char *
arena_string(struct arena *arena, const char *s)
{
	return arena_copy(arena, bytes_of(s));
}

char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		fatal("format \"%s\" cannot be printed", fmt);
	p = arena_zero(arena, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}
