/*
 * mem.h - memory that is there or ends the process with exit 75 (the mail stays with the MTA).
 *
 * mem_* results are yours to free.  An arena frees all it gave at once, at the end of a delivery.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/bytes.h"

void *mem_zero(size_t size);                    /* zeroed */
void *mem_array(size_t count, size_t size);     /* zeroed; checks count * size */
void *mem_resize(void *p, size_t size);
char *mem_string(const char *s);
char *mem_copy(struct bytes b);                 /* NUL-terminated copy */

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena **arena);
void *arena_zero(struct arena *arena, size_t size);
char *arena_string(struct arena *arena, const char *s);
char *arena_copy(struct arena *arena, struct bytes b);
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
