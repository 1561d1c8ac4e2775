#include "base/tempdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

#define TEMPDIR_PREFIX "bivalve-"
#define TEMPDIR_PID_MAX 4194304  /* PID_MAX_LIMIT of Linux */
#define TEMPDIR_PREFIX_MAX 48

char *
tempdir_make(const char *parent, pid_t pid)
{
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/" TEMPDIR_PREFIX "%ld-XXXXXX", parent, (long)pid);
	if (!mkdtemp(path.p)) {
		int saved = errno;

		buf_clear(&path);
		errno = saved;
		return NULL;
	}
	return buf_take(&path);
}

/* NULL with errno; takes no link for a directory. */
static DIR *
tempdir_open(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static int
tempdir_remove(int at, const char *name, int depth)
{
	const struct dirent *e;
	int rc = 0, saved;
	DIR *dir;

	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	dir = depth > 0 ? tempdir_open(at, name) : NULL;
	if (!dir)
		return -1;
	while ((e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    tempdir_remove(dirfd(dir), e->d_name, depth - 1) < 0)
			rc = -1;
	saved = errno;
	closedir(dir);
	errno = saved;
	/* Another may sweep at the same time. */
	return unlinkat(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : rc;
}

int
tempdir_sweep(const char *parent, pid_t pid)
{
	char prefix[TEMPDIR_PREFIX_MAX];
	const struct dirent *e;
	DIR *dir = opendir(parent);
	int rc = 0;

	if (!dir)
		return -1;
	snprintf(prefix, sizeof prefix, TEMPDIR_PREFIX "%ld-", (long)pid);
	while ((e = readdir(dir)))
		if (strncmp(e->d_name, prefix, strlen(prefix)) == 0 &&
		    tempdir_remove(dirfd(dir), e->d_name, TEMPDIR_DEPTH_MAX) < 0)
			rc = -1;
	closedir(dir);
	return rc;
}

/* Of a process that is there, as far as its number can tell. */
static bool
tempdir_is_used(const char *name)
{
	const char *digits = name + strlen(TEMPDIR_PREFIX), *end = strchr(digits, '-');
	char text[TEMPDIR_PREFIX_MAX];
	long pid;

	if (!end || (size_t)(end - digits) >= sizeof text)
		return true;
	snprintf(text, sizeof text, "%.*s", (int)(end - digits), digits);
	return !str_long(text, 1, TEMPDIR_PID_MAX, &pid) || kill((pid_t)pid, 0) == 0
	    || errno != ESRCH;
}

/* Ours, and nobody holds it: the number alone means nothing where containers share a directory. */
static bool
tempdir_is_orphan(int parent, const char *name)
{
	bool orphan = false;
	struct stat st;
	int fd;

	if (strncmp(name, TEMPDIR_PREFIX, strlen(TEMPDIR_PREFIX)) != 0 || tempdir_is_used(name))
		return false;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	orphan = fstat(fd, &st) == 0 && st.st_uid == geteuid()
	    && flock(fd, LOCK_EX | LOCK_NB) == 0;
	close(fd);
	return orphan;
}

/* What cannot be removed now is tried again by the next one. */
static void
tempdir_reap(const char *parent)
{
	const struct dirent *e;
	DIR *dir = opendir(parent);

	if (!dir)
		return;
	while ((e = readdir(dir)))
		if (tempdir_is_orphan(dirfd(dir), e->d_name))
			(void)tempdir_remove(dirfd(dir), e->d_name, TEMPDIR_DEPTH_MAX);
	closedir(dir);
}

char *
tempdir_make_own(const char *parent)
{
	char *path;
	int fd;

	tempdir_reap(parent);
	path = tempdir_make(parent, getpid());
	fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	/* Never closed: the lock ends with the process, and with those it forks.  Without it the
	 * number has to do. */
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		close(fd);
	return path;
}
