#include "proc/mailspool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

/* An empty file without a name; where that cannot be, under the mailbox's own. */
static int
mailspool_file(int dirfd, const char *name)
{
	int fd = openat(dirfd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
	    | O_CLOEXEC, 0600);
}

/* Gives it to its owner before it has its name: killed in between, we would leave a mailbox of
 * root's that nobody could ever deliver to. */
static int
mailspool_give(int dirfd, int fd, const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	char self[32];
	struct stat st;

	if (fchown(fd, uid, gid) < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0 || fstat(fd, &st) < 0)
		return -1;
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	if (st.st_nlink == 0 && linkat(AT_FDCWD, self, dirfd, name, AT_SYMLINK_FOLLOW) < 0
	    && errno != EEXIST)
		return -1;
	return fsync(dirfd);
}

/* Named by the user database, never by an envelope: but a slash in it would leave the directory. */
static int
mailspool_create(int dirfd, const struct account *a, struct fail *why)
{
	struct stat st, made;
	int fd;

	if (strchr(a->name, '/') || a->name[0] == '.' || a->name[0] == '\0')
		return fail_temp(why, "\"%s\" cannot be the name of a mailbox", a->name);
	if (fstat(dirfd, &st) < 0)
		return fail_errno(why, "mail spool directory");
	fd = mailspool_file(dirfd, a->name);
	if (fd < 0)
		return errno == EEXIST ? 0
		    : fail_errno(why, "mailbox of %s cannot be made", a->name);
	if (mailspool_give(dirfd, fd, a->name, a->uid, st.st_gid ? st.st_gid : a->gid,
	    st.st_gid ? 0660 : 0600) < 0) {
		fail_errno(why, "mailbox of %s cannot be given to him", a->name);
		if (fstat(fd, &made) == 0 && made.st_nlink > 0)
			unlinkat(dirfd, a->name, 0);
	}
	fd_close(&fd);
	return why->kind == FAIL_NONE ? 0 : -1;
}

int
mailspool_make(const char *dir, const struct account *a, struct fail *why)
{
	int rc, dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dirfd < 0)
		return fail_errno(why, "mail spool directory %s", dir);
	rc = mailspool_create(dirfd, a, why);
	fd_close(&dirfd);
	return rc;
}
