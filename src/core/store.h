/*
 * store.h - bytes that several views share: a mapped spool file or a heap buffer.
 *
 * Counted references inside one process; the last store_unref unmaps or frees.  The bytes never
 * change once made.
 */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include "base/buf.h"
#include "base/bytes.h"

struct store {
	struct bytes bytes;
	int refs;
	int fd;          /* the spool file or memfd that is mapped, -1 for heap; owned */
	size_t mapped;   /* bytes mapped, 0 for heap */
};

/* Takes the buffer's memory over; b is empty afterwards. */
struct store *store_from_buf(struct buf *b);
/* Maps all of fd (a file or memfd) read-only and takes fd over, also on failure.
 * NULL with errno. An empty file gives empty bytes. */
struct store *store_from_fd(int fd);
struct store *store_ref(struct store *s);
void store_unref(struct store **s);

#endif
