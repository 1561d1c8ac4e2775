#include "act/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/undo.h"

#define DURABLE_SELF "/proc/self/fd"

/* Whether a file can be linked by its descriptor alone, as Linux 6.10 lets who opened it: the way
 * through /proc costs more than writing a small message does. "." is taken, so nothing is made. */
static bool
durable_links_fd(int fd, int dir)
{
	return linkat(fd, "", dir, ".", AT_EMPTY_PATH) < 0 && errno == EEXIST;
}

/* A file that has no name before it is published: who is killed leaves nothing behind. -1: where
 * that cannot be. */
static int
durable_nameless(int dir, mode_t mode, bool *by_fd_r)
{
	int fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);

	if (fd < 0)
		return -1;
	*by_fd_r = durable_links_fd(fd, dir);
	if (!*by_fd_r && access(DURABLE_SELF, X_OK) < 0)
		fd_close(&fd);
	return fd;
}

int
durable_begin(struct durable *d, int dir, const char *name, mode_t mode)
{
	int n = snprintf(d->name, sizeof d->name, "%s", name);

	d->undo = -1;
	d->dir = dir;
	d->fd = durable_nameless(dir, mode, &d->by_fd);
	if (d->fd >= 0) {
		d->name[0] = '\0';
		return 0;
	}
	if (n < 0 || (size_t)n >= sizeof d->name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	d->undo = undo_unlink_at(dir, name);
	if (d->undo < 0)
		return -1;
	d->fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (d->fd >= 0)
		return 0;
	/* It may be there all the same, when a network's answer got lost. */
	if (errno != EEXIST)
		fd_unlink(dir, name);
	undo_forget(d->undo);
	d->undo = -1;
	return -1;
}

static int
durable_fsync(int fd)
{
	int rc;

	do
		rc = fsync(fd);
	while (rc < 0 && errno == EINTR);
	return rc;
}

int
durable_seal(struct durable *d)
{
	return durable_fsync(d->fd);
}

int
durable_sync_dir(int dir)
{
	int rc, fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* A directory one may write but not read: the file system's journal has to do. */
	if (fd < 0)
		return errno == EACCES ? 0 : -1;
	rc = durable_fsync(fd);
	/* Some network file systems know no fsync of directories. */
	if (rc < 0 && (errno == EINVAL || errno == EROFS || errno == ENOTSUP))
		rc = 0;
	fd_close(&fd);
	return rc;
}

int
durable_sync(int fd, int dir)
{
	if (durable_fsync(fd) < 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP)
		return -1;
	return dir < 0 ? 0 : durable_sync_dir(dir);
}

static int
durable_name(const struct durable *d, int to, const char *name)
{
	char self[64];

	if (d->by_fd)
		return linkat(d->fd, "", to, name, AT_EMPTY_PATH);
	snprintf(self, sizeof self, DURABLE_SELF "/%d", d->fd);
	return linkat(AT_FDCWD, self, to, name, AT_SYMLINK_FOLLOW);
}

/* rename(2) would replace what is there.  Where the file system cannot promise otherwise, link(2)
 * does. */
static int
durable_rename(const struct durable *d, int to, const char *name)
{
	if (renameat2(d->dir, d->name, to, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
		return -1;
	return linkat(d->dir, d->name, to, name, 0);
}

/* A repeated request over NFS may say EEXIST or ENOENT for its own success, one whose answer is
 * lost any error: what is there decides. */
static int
durable_move(const struct durable *d, int to, const char *name)
{
	int rc = d->name[0] ? durable_rename(d, to, name) : durable_name(d, to, name);

	if (rc < 0 && !fd_has_name(d->fd, to, name))
		return -1;
	/* What link(2) leaves, rename(2) does not. */
	if (d->name[0] && fd_has_name(d->fd, d->dir, d->name))
		fd_unlink(d->dir, d->name);
	return 0;
}

int
durable_publish(struct durable *d, int to, const char *name)
{
	int saved;

	if (durable_move(d, to, name) < 0)
		return -1;
	undo_forget(d->undo);
	d->undo = undo_unlink_at(to, name);
	if (d->undo >= 0 && durable_sync_dir(to) == 0) {
		undo_forget(d->undo);
		d->undo = -1;
		return 0;
	}
	saved = errno;
	fd_unlink(to, name);
	undo_forget(d->undo);
	d->undo = -1;
	/* Not "the name is taken": nothing is left that could be published again. */
	errno = saved == EEXIST ? EIO : saved;
	return -1;
}

int
durable_link(int dir, const char *name, int to, const char *to_name)
{
	return linkat(dir, name, to, to_name, 0) < 0 ? -1 : durable_sync_dir(to);
}

void
durable_end(struct durable *d)
{
	int saved = errno;

	if (d->undo >= 0)
		fd_unlink(d->dir, d->name);
	undo_forget(d->undo);
	d->undo = -1;
	fd_close(&d->fd);
	errno = saved;
}
