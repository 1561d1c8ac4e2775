#include "base/tempdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#define TEMPDIR_PREFIX_MAX 48

char *
tempdir_make(const char *parent, pid_t pid)
{
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/bivalve-%ld-XXXXXX", parent, (long)pid);
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
	return unlinkat(at, name, AT_REMOVEDIR) < 0 ? -1 : rc;
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
	snprintf(prefix, sizeof prefix, "bivalve-%ld-", (long)pid);
	while ((e = readdir(dir)))
		if (strncmp(e->d_name, prefix, strlen(prefix)) == 0 &&
		    tempdir_remove(dirfd(dir), e->d_name, TEMPDIR_DEPTH_MAX) < 0)
			rc = -1;
	closedir(dir);
	return rc;
}
