/*
 * tempdir.h - a process's own temporary directory, named so that its parent can find it.
 *
 * PARENT/bivalve-PID-XXXXXX, mode 0700.  The scanner cannot remove its own directory once it is in
 * its sandbox, nor when it was killed: whoever started it sweeps when it has ended.
 */
#ifndef BASE_TEMPDIR_H
#define BASE_TEMPDIR_H

#include <sys/types.h>

#define TEMPDIR_DEPTH_MAX 64  /* levels that tempdir_sweep goes down; libclamav makes three */

/* The new directory's path, yours to free; NULL with errno. */
char *tempdir_make(const char *parent, pid_t pid);
/* The same for this process itself, which holds a lock on it for life.  First it removes what
 * others of the same user made so and nobody swept: they have ended, and so has who was to. */
char *tempdir_make_own(const char *parent);
/* Removes what tempdir_make(parent, pid) made, with all that is in it, never following a link out
 * of it.  Call it after pid was waited for, or another process may own the number.  0 when nothing
 * is left (also when nothing was there), -1 with errno. */
int tempdir_sweep(const char *parent, pid_t pid);

#endif
