/*
 * bdb.h - one Berkeley DB file, as sendmail and makemap use them: no environment, whole-file locks.
 *
 * The lock is flock(2) on the file, taken before DB->open: sendmail takes LOCK_SH so around its own
 * DB->open and each look-up (8.17.1 in libsmdb and map.c), and notices no fcntl(2) lock.
 */
#ifndef LIST_BDB_H
#define LIST_BDB_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "core/fail.h"

enum bdb_type { BDB_BTREE, BDB_HASH };
enum bdb_mode { BDB_READ, BDB_WRITE };

struct bdb;

/* Opens, locks and verifies path, waiting up to 30 s for the lock.  Writing makes a missing file
 * first, mode 0644, under another name, so that nobody ever sees a half-made one.  NULL with why;
 * why->err is ENOENT where there is no file, EINVAL where it is not a whole map of that type. */
struct bdb *bdb_open(const char *path, enum bdb_type type, enum bdb_mode mode, struct fail *why);
/* The same for a file that is open already, but unverified; it stays yours. Reading only. name: for
 * why. */
struct bdb *bdb_open_fd(int fd, const char *name, enum bdb_type type, struct fail *why);
/* 1: value_r has it (appended); 0: no such key; -1 with why. */
int bdb_get(struct bdb *b, struct bytes key, struct buf *value_r, struct fail *why);
int bdb_put(struct bdb *b, struct bytes key, struct bytes value, struct fail *why);
/* 1: taken out; 0: was not there; -1 with why. */
int bdb_remove(struct bdb *b, struct bytes key, struct fail *why);
/* Calls with each pair; ends early when it returns false. 0, or -1 with why. */
typedef bool bdb_pair(void *ctx, struct bytes key, struct bytes value);
int bdb_each(struct bdb *b, bdb_pair *call, void *ctx, struct fail *why);
/* Writes what is not yet in the file and gives the lock back. -1 with why: the change may be lost.
 * b is NULL afterwards, also on failure; NULL is allowed. */
int bdb_close(struct bdb **b, struct fail *why);

#endif
