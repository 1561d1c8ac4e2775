#include "act/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/durable.h"
#include "base/fd.h"

#define PLACE_HOPS 16        /* symbolic links until it is a loop */
#define PLACE_TRIES 20       /* somebody makes and removes the file all the time */

/* Splits path into its directory and its last component. */
static int
place_split(const char *path, char dir[PATH_MAX], char name[NAME_MAX + 1])
{
	size_t len = strlen(path), start;
	int n;

	while (len > 1 && path[len - 1] == '/')
		len--;
	for (start = len; start > 0 && path[start - 1] != '/'; start--)
		;
	if (len - start > NAME_MAX || start >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	n = snprintf(dir, PATH_MAX, "%.*s", start ? (int)start : 1, start ? path : ".");
	if (n < 0)
		return -1;
	snprintf(name, NAME_MAX + 1, "%.*s", len > start ? (int)(len - start) : 1,
	    len > start ? path + start : ".");
	return 0;
}

/* Enters the directory that holds path, which counts from p->dir (or from where we are). */
static int
place_enter(struct place *p, const char *path)
{
	char dir[PATH_MAX];
	struct stat st;
	int fd;

	if (place_split(path, dir, p->name) < 0)
		return -1;
	fd = openat(p->dir >= 0 ? p->dir : AT_FDCWD, dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	fd_close(&p->dir);
	p->dir = fd;
	if (fstat(fd, &st) < 0)
		return -1;
	p->world = st.st_mode & S_IWOTH;
	p->shared = (st.st_mode & (S_IWGRP | S_IWOTH))
	    || (st.st_uid != geteuid() && st.st_uid != 0);
	return 0;
}

/* Follows one symbolic link: 1 done, 0 name is none, -1 with errno. */
static int
place_hop(struct place *p)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(p->dir, p->name, target, sizeof target - 1);

	if (n < 0)
		return errno == EINVAL || errno == ENOENT ? 0 : -1;
	if (p->shared) {
		errno = ELOOP;
		return -1;
	}
	target[n] = '\0';
	return place_enter(p, target) < 0 ? -1 : 1;
}

/* The directory's own name as the kernel knows it: no component can be changed behind our back. */
static int
place_confined(const struct place *p, const char *confine, const char *path, struct fail *why)
{
	char link[64], real[PATH_MAX], limit[PATH_MAX];
	ssize_t n;
	size_t len;

	snprintf(link, sizeof link, "/proc/self/fd/%d", p->dir);
	n = readlink(link, real, sizeof real - 1);
	if (n < 0 || !realpath(confine, limit))
		return fail_errno(why, "%s: cannot tell whether it lies below %s", path, confine);
	real[n] = '\0';
	len = strcmp(limit, "/") == 0 ? 0 : strlen(limit);
	if (strncmp(real, limit, len) == 0 && (real[len] == '/' || real[len] == '\0')
	    && strcmp(p->name, "..") != 0)
		return 0;
	return fail_temp(why, "%s lies outside %s: this site allows files only below it", path,
	    confine);
}

int
place_find(struct place *p, const struct act_env *env, const char *path, struct fail *why)
{
	int rc;

	*p = (struct place)PLACE_INIT;
	if (!*path) {
		errno = ENOENT;
		return fail_errno(why, "a folder without a name");
	}
	rc = place_enter(p, path);
	for (int i = 0; rc == 0 && (rc = place_hop(p)) == 1; i++) {
		rc = i < PLACE_HOPS ? 0 : -1;
		if (rc < 0)
			errno = ELOOP;
	}
	if (rc < 0 && errno == ELOOP && p->shared)
		fail_temp(why, "%s is a symbolic link in a directory that others may write to: "
		    "not followed", path);
	else if (rc < 0)
		fail_errno(why, "%s", path);
	else if (env->confine)
		rc = place_confined(p, env->confine, path, why);
	if (rc < 0)
		place_clear(p);
	return rc;
}

void
place_clear(struct place *p)
{
	fd_close(&p->dir);
}

int
place_check_file(const struct place *p, const char *path, const struct stat *st,
    struct fail *why)
{
	bool is_file = S_ISREG(st->st_mode);

	if (S_ISDIR(st->st_mode)) {
		errno = EISDIR;
		return fail_errno(why, "%s", path);
	}
	/* What is written to a fifo or socket is gone when its reader dies. */
	if (!is_file && (p->shared || !S_ISCHR(st->st_mode)))
		return fail_temp(why, "%s is not a regular file: not used as a mailbox", path);
	if (p->shared && st->st_uid != geteuid())
		return fail_temp(why, "%s belongs to uid %lu, not to uid %lu: not used as a "
		    "mailbox", path, (unsigned long)st->st_uid, (unsigned long)geteuid());
	if (p->shared && st->st_nlink > 1)
		return fail_temp(why, "%s has %lu hard links in a directory that others may write "
		    "to: not used as a mailbox", path, (unsigned long)st->st_nlink);
	return 0;
}

static int
place_try_file(const struct place *p, mode_t mode, bool *made_r)
{
	int flags = O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = -1;

	*made_r = false;
	for (int i = 0; i < PLACE_TRIES; i++) {
		fd = openat(p->dir, p->name, O_RDWR | flags);
		if (fd < 0 && errno == EACCES)
			fd = openat(p->dir, p->name, O_WRONLY | flags);
		if (fd >= 0 || errno != ENOENT)
			return fd;
		fd = openat(p->dir, p->name, O_RDWR | O_CREAT | O_EXCL | flags, mode);
		*made_r = fd >= 0;
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return fd;
}

int
place_open_file(const struct place *p, const char *path, mode_t mode, bool *made_r,
    struct fail *why)
{
	struct stat st;
	int fd = place_try_file(p, mode, made_r);

	/* A fifo nobody reads is told as ENXIO. */
	if (fd < 0)
		return errno == ELOOP ? fail_temp(why, "%s has just become a symbolic link", path)
		    : fail_errno(why, "%s", path);
	if (fstat(fd, &st) < 0)
		fail_errno(why, "%s", path);
	else if (place_check_file(p, path, &st, why) == 0)
		return fd;
	fd_close(&fd);
	return -1;
}

int
place_open_dir(const struct place *p, const char *path, bool make, struct fail *why)
{
	int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(p->dir, p->name, flags);
	struct stat st;

	if (fd < 0 && errno == ENOENT && make) {
		if (mkdirat(p->dir, p->name, 0777) < 0 && errno != EEXIST)
			return fail_errno(why, "%s", path);
		if (durable_sync_dir(p->dir) < 0)
			return fail_errno(why, "directory of %s", path);
		fd = openat(p->dir, p->name, flags);
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		fail_errno(why, "%s", path);
	} else if (p->world && st.st_uid != geteuid()) {
		fail_temp(why, "%s belongs to uid %lu, in a directory that anybody may write to: "
		    "not used as a folder", path, (unsigned long)st.st_uid);
	} else {
		return fd;
	}
	fd_close(&fd);
	return -1;
}
