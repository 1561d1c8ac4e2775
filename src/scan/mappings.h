/*
 * mappings.h - the private memory of this process, as proc(5) shows it.
 */
#ifndef SCAN_MAPPINGS_H
#define SCAN_MAPPINGS_H

#include <stdbool.h>
#include <stdint.h>

struct mapping {
	uintptr_t start, end;   /* whole pages */
	bool writable;
	bool anonymous;         /* no file lies below it; the stack's counts as a file's */
};

/* Calls visit for each.  Never fails: without /proc, and under a sanitizer, there
 * is none. */
void mappings_each(void (*visit)(void *ctx, const struct mapping *m), void *ctx);

#endif
