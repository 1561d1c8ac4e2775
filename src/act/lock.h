/*
 * lock.h - dot lockfiles: a recipe's local lockfile, LOCKFILE, and the mbox's own.
 *
 * Made whole: a file with its contents, mode 0400, gets the lock's name by link(2); with O_EXCL
 * where there are no links. A recipe's lockfile holds what procmail writes ("0"), a mailbox's
 * holds the process id, as liblockfile and Dovecot read it. The maker also keeps a flock(2) on
 * it and says so in an extended attribute: a lock that has the mark but no holder is a dead
 * process's, on whatever host. Such a lock, one that names a process that is gone from this
 * host, and one older than LOCKTIMEOUT by the file server's clock are broken at once, by one
 * breaker at a time. What cannot be a lockfile, such as a mailbox, is neither broken nor waited
 * for: the lock fails.
 * Registered in undo.h, so a signal takes ours away.
 *
 * A lock this process holds already is handed out again: every lock_drop but the last only counts.
 */
#ifndef ACT_LOCK_H
#define ACT_LOCK_H

#include <stdbool.h>

#include "core/fail.h"
#include "core/settings.h"

struct lock;

/* Waits up to the settings' patience: LOCKTIMEOUT seconds (0: for ever), looking again after pauses
 * that grow to LOCKSLEEP. NULL with why. */
struct lock *lock_take(const char *path, const struct settings *set, struct fail *why);
/* The same for a lockfile that must lie below the directory confine; NULL: anywhere. */
struct lock *lock_take_below(const char *path, const char *confine, const struct settings *set,
    struct fail *why);
/* One attempt: NULL with why.err == EEXIST when somebody holds it. */
struct lock *lock_try(const char *path, const struct settings *set, struct fail *why);
/* One attempt for the mailbox name in dir (which may be O_PATH): the lock is name.lock. */
struct lock *lock_try_mailbox(int dir, const char *name, const struct settings *set,
    struct fail *why);
/* Removes the file if it is still ours; NULL is fine. In a forked child nothing is removed. */
void lock_drop(struct lock **lock);

/* One wait for a lock that somebody else holds. */
struct lock_patience {
	long long begin;    /* milliseconds, CLOCK_MONOTONIC; 0: not begun */
};

/* Sleeps a little longer each time, by chance, so that two who wait do not meet again. False at
 * once when LOCKTIMEOUT has passed since the first call, and the two seconds that an age counted in
 * seconds may lag behind: who made the lock just before has it broken, not passed over. */
bool lock_pause(struct lock_patience *p, const struct settings *set);

#endif
