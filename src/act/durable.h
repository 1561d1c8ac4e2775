/*
 * durable.h - bytes that are on disk before anybody says so.
 *
 * The one order: write all, fsync the file, give it its name (never over an existing one), fsync
 * the directory.  A file on its way has no name, or, on file systems that cannot have that, a
 * temporary one that is registered in undo.h.
 */
#ifndef ACT_DURABLE_H
#define ACT_DURABLE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct durable {
	int fd;                   /* where to write; -1 when there is none */
	int dir;                  /* holds name; borrowed, open until done */
	int undo;
	bool by_fd;               /* without a name: the kernel links a descriptor of ours */
	char name[NAME_MAX + 1];  /* the temporary one; empty: none */
};

#define DURABLE_INIT { -1, -1, -1, false, "" }

/* Makes a file in dir, if need be as name, which must not exist, with mode less the umask. -1 with
 * errno. */
int durable_begin(struct durable *d, int dir, const char *name, mode_t mode);
/* What was written is on disk. -1 with errno. */
int durable_seal(struct durable *d);
/* Gives a sealed file its name in to and makes that durable. -1 with errno, EEXIST: the name is
 * taken and nothing has changed, try another. */
int durable_publish(struct durable *d, int to, const char *name);
/* The same file under a further name, durable. -1 with errno. */
int durable_link(int dir, const char *name, int to, const char *to_name);
/* Closes it; unless published it is gone. */
void durable_end(struct durable *d);

/* fsync of an append; dir is synced too unless it is -1 (the file is new). Things that cannot be
 * synced, such as /dev/tty, are none of ours. */
int durable_sync(int fd, int dir);
/* fsync of a directory that was opened with O_PATH or not. */
int durable_sync_dir(int dir);

#endif
