/*
 * map.h - look-ups in maps that makemap(8) or cdb(1) made.
 */
#ifndef LIST_MAP_H
#define LIST_MAP_H

#include "base/buf.h"
#include "base/bytes.h"
#include "core/fail.h"

/* type: "btree", "hash" or "cdb"; fd: the open file (borrowed); name: for why. The key is looked up
 * as sendmail does: in lower case, then as it is, with and without a NUL behind. out gets the
 * value, or where that is empty the key, and LF. 0, also when there is no such key; -1 with why. */
int map_find(const char *type, int fd, const char *name, const char *key, struct buf *out,
    struct fail *why);

#endif
