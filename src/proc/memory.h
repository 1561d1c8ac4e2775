/*
 * memory.h - the memory that small messages are held in, as the monitor of a connection deals it
 * out.
 *
 * A session gets one memfd at a time, which cannot grow, and none of its own making.  When a
 * message is over its memfd is emptied: so a session that was taken over, and keeps or maps all it
 * was ever given, keeps nothing.  What somebody may still read is left as it is: cut, it would end
 * him.
 */
#ifndef PROC_MEMORY_H
#define PROC_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MEMORY_HELD_MAX 160   /* more than deliveries and clones of one monitor */

struct memory_held {
	int fd;                /* that can write, and so empty it */
	unsigned long serial;  /* of the message */
	pid_t reader;          /* a process that reads it besides the deliveries; 0 none */
	bool left;             /* a clone or scanner that nobody watches may read it */
};

struct memory {
	int next;              /* the session's, for the message that comes; -1 none */
	struct memory_held held[MEMORY_HELD_MAX];
	size_t n;
};

/* A new m->next of size bytes, to be sent to the session.  -1 with errno. */
int memory_deal(struct memory *m, size_t size);
/* m->next holds size bytes of a message and nobody can write to it any more: returns it, read-only,
 * yours to close.  -1 where that is not so. */
int memory_take(struct memory *m, size_t size, unsigned long serial);
void memory_read_by(struct memory *m, unsigned long serial, pid_t reader);
/* early: a scanner that it has asked may read on. */
void memory_reader_ended(struct memory *m, pid_t pid, bool early);
/* Of this message there is a clone or scanner whose end nobody will hear of. */
void memory_leave(struct memory *m, unsigned long serial);
/* Empties those of messages that are over: not the one at hand, nor what used(ctx, serial) says. */
void memory_sweep(struct memory *m, unsigned long at_hand,
    bool (*used)(const void *ctx, unsigned long serial), const void *ctx);

#endif
