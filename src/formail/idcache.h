/*
 * idcache.h - formail -D's memory of keys: message-ids, or senders.
 *
 * The file is a ring of NUL-terminated keys.  Behind the newest stands an empty one; what follows
 * that is what is left of older keys, the first of them perhaps without its beginning.
 */
#ifndef FORMAIL_IDCACHE_H
#define FORMAIL_IDCACHE_H

#include <stdbool.h>

#include "base/bytes.h"

/* key.p NULL: there is nothing to look for, but the file is made all the same. */
enum idcache_answer { IDCACHE_NEW, IDCACHE_DUPLICATE, IDCACHE_NO_FILE };

/* Is key in the file? If not it is put there, in place of the oldest once the ring has size bytes
 * or more.  Only up to its first NUL does a key count.  A write that fails leaves the older keys
 * and is not an error: the mail is then taken for new again. */
enum idcache_answer idcache_ask(const char *path, long size, struct bytes key);

/* The same, but a new key is not put there. */
enum idcache_answer idcache_peek(const char *path, long size, struct bytes key);

/* From now on a new key is only kept in mind, where idcache_ask finds it: in the file before the
 * mail is safe, it would make a second attempt a duplicate of the first. */
void idcache_hold(void);
/* Puts what is kept in mind into the files, or, as a clone does with its parent's, forgets it. */
void idcache_let_go(bool keep);

#endif
