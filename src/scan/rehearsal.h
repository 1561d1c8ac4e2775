/*
 * rehearsal.h - what memory a process that was forked off an engine will touch, known before.
 *
 * A scan fills tables as large as the number of signatures, a thousand pages for the smallest
 * message, and in a new process each first touch of a page is a fault: three milliseconds, with the
 * asker waiting.  All scanners are copies of one engine, so they touch the same pages.  One of them
 * works at a message of ours, tells which those were, and each later one asks for them in a few
 * calls while nobody waits.
 */
#ifndef SCAN_REHEARSAL_H
#define SCAN_REHEARSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REHEARSAL_RUNS 256

struct rehearsal {
	size_t n;
	struct rehearsal_run {
		uintptr_t start, end;   /* whole pages */
		bool written;           /* else read, or executed */
	} run[REHEARSAL_RUNS];
};

/* Forks a process that does work(ctx), waits for it, and remembers the pages it used, the
 * longest runs if there are too many.  Never fails: r is empty where the kernel does not tell. */
void rehearsal_learn(struct rehearsal *r, void (*work)(void *ctx), void *ctx);
/* In a new process: gives it these pages.  Needs Linux 5.14, does nothing before. */
void rehearsal_repeat(const struct rehearsal *r);

#endif
