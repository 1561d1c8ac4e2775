/*
 * mboxmark.h - what a process that is killed while it appends leaves in an mbox.
 *
 * SIGKILL and power cuts run no undo.  So a mailbox carries, while a message is being appended, an
 * extended attribute: where it begins, how long it will be at least, and its first bytes.  The next
 * to append takes back what is certainly the torn beginning of that message, whose sender still has
 * it.  Where there are no extended attributes nothing is marked, and nothing is taken back.
 */
#ifndef ACT_MBOXMARK_H
#define ACT_MBOXMARK_H

#include <stdbool.h>
#include <sys/types.h>

#include "act/emit.h"

/* Marks fd: e is about to be written at from. False: it cannot be, go on without. */
bool mboxmark_set(int fd, off_t from, const struct emit *e);
/* All is written, though not yet on disk: fsync comes after this. -1 with errno, then take the
 * message back. */
int mboxmark_clear(int fd);
/* The length without a torn end: size, or less when fd, which is locked, has been cut. */
off_t mboxmark_take_back(int fd, off_t size);

#endif
