/*
 * undo.h - what has to be undone if this process ends before it is done.
 *
 * A temporary file, a lock, a half appended mailbox: registered before the fact, forgotten after
 * success.  undo_all runs in signal handlers and in fatal(), so entries live in a fixed table and
 * undoing uses only async-signal-safe calls.  A forked child calls undo_forget_all first: what its
 * parent registered is its parent's.
 */
#ifndef BASE_UNDO_H
#define BASE_UNDO_H

#include <stddef.h>
#include <sys/types.h>

#define UNDO_MAX 64          /* entries at once */
#define UNDO_PATH_MAX 4096   /* bytes of a path, NUL included */

/* Each returns a handle for undo_forget, or -1 with errno (ENAMETOOLONG, ENOSPC): then do not
 * begin what could not be undone. */
int undo_unlink(const char *path);               /* relative paths: against the directory then */
int undo_unlink_at(int dirfd, const char *name); /* dirfd stays open until forgotten */
int undo_truncate(int fd, off_t length);
int undo_kill(pid_t group);                      /* TERM for a program and what it has started */
void undo_forget(int handle);                    /* -1 is ignored */
void undo_forget_all(void);
void undo_all(void);
/* On TERM, HUP, INT, QUIT, ALRM, XCPU, XFSZ: undo_all, then _exit(75); PIPE is ignored; a child's
 * death is waited for as usual.  Undoes what an MTA left ignored for us. */
void undo_on_signals(void);

#endif
