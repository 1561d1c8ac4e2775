/*
 * fd.h - whole reads and writes on descriptors. EINTR is retried everywhere; errno tells the rest.
 */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

/* 0 when all was written, -1 with errno. A short write is gone on with. */
int fd_write_all(int fd, const void *p, size_t len);
/* Bytes read up to len (fewer only at end of file), -1 with errno. */
ssize_t fd_read_full(int fd, void *p, size_t len);
/* All of fd into out; -1 with errno, EFBIG when there is more than max bytes. */
int fd_read_all(int fd, size_t max, struct buf *out);
/* A whole regular file; -1 with errno: EFBIG over max bytes, EINVAL when it is not a file. */
int fd_read_file(const char *path, size_t max, struct buf *out);
/* Whether dir/name is this very file: a network file system may answer an error for what it has
 * done, when the first answer got lost. errno is kept. */
bool fd_has_name(int fd, int dir, const char *name);
/* Removes a name that nobody else uses; an error may pass, so it is tried again. errno is kept. */
void fd_unlink(int dir, const char *name);
/* Closes *fd if it is open and sets it to -1; errno is kept. */
void fd_close(int *fd);
/* Sends or receives one message of len bytes with one descriptor (-1: none) over a Unix socket.
 * Receiving returns the bytes got, 0 at the end, -1 with errno; *passed is -1 or yours to close. */
int fd_send(int sock, const void *p, size_t len, int passed);
/* The same, but never waits: EAGAIN. For a socket whose other end is nobody we trust. */
int fd_send_now(int sock, const void *p, size_t len, int passed);
ssize_t fd_recv(int sock, void *p, size_t len, int *passed);

#endif
