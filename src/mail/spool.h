/*
 * spool.h - a message, or what a program wrote, read once and held where it costs least.
 *
 * Up to options.memory bytes stay in the heap; more go to a nameless file (O_TMPFILE, or a name
 * removed at once) in options.dir, which is then mapped: memory use stays flat however large the
 * message is.  Bytes in a store never change: no other process holds a descriptor that can write
 * to them.
 */
#ifndef MAIL_SPOOL_H
#define MAIL_SPOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/fail.h"
#include "core/message.h"
#include "core/store.h"

struct spool_options {
	const char *dir;     /* where large ones are held; NULL: the system's temporary directory */
	size_t memory;       /* bytes held in the heap at most */
	size_t max_bytes;    /* more than that is refused with FAIL_TEMP; 0: no limit */
};

/* Reads fd to its end; fd stays open. NULL with why (FAIL_TEMP) when reading or storing fails. */
struct store *spool_read(int fd, const struct spool_options *o, struct fail *why);

/* An empty file without a name that only we hold, open for reading and writing; -1 with why. */
int spool_file(const struct spool_options *o, struct fail *why);
/* A descriptor for the same file or memfd that can only read, with an offset of its own; -1 with
 * errno. Of a sealed memfd, too: a writable descriptor of one cannot be mapped before Linux 6.7. */
int spool_reopen(int fd);
/* Is there nobody who holds a descriptor or a mapping that can write to the file behind fd, which
 * is read-only and a file of our own?  By a read lease (fcntl(2)): the kernel gives it only for a
 * file without writers, and it is given back.  False also where the filesystem does not tell. */
bool spool_is_settled(int fd);
/* The first size bytes of from behind what to holds, in the kernel if it can. -1 with why. */
int spool_copy(int from, size_t size, int to, const struct spool_options *o, struct fail *why);

/* Collects what a program writes: hand w.fd to it as standard output, then finish. */
struct spool_writer {
	int fd;              /* opened for writing and reading, close-on-exec */
	struct spool_options options;
};

/* 0, or -1 with why. options is copied, its strings are borrowed. */
int spool_open(struct spool_writer *w, const struct spool_options *o, struct fail *why);
/* What was written, as a copy that a program still running in the background cannot change. Closes
 * w->fd in any case. NULL with why. */
struct store *spool_finish(struct spool_writer *w, struct fail *why);
/* Closes and forgets; harmless after spool_finish. */
void spool_abandon(struct spool_writer *w);

/* A descriptor of its own, at offset 0, that reads head and body and that its holder cannot write
 * to: the spool file read-only when m is unmodified, else a sealed memfd (up to o->memory) or a
 * fresh nameless file. Yours to close; -1 with why. */
int spool_fd(const struct message *m, const struct spool_options *o, struct fail *why);

#endif
