#include "proc/mailspool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "core/conf.h"

/*
 * It has its owner before it has its name: killed in between, or with an answer lost on a network,
 * we would leave a mailbox of root's that nobody could ever deliver to.
 */
struct mailspool_owner {
	uid_t uid;
	gid_t gid;
	mode_t mode;
};

/* A file without a name first. -1 with errno, EOPNOTSUPP and others: that cannot be here. */
static int
mailspool_nameless(int dirfd, const char *name, const struct mailspool_owner *o)
{
	int fd = openat(dirfd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	char self[32];

	if (fd < 0)
		return -1;
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	if (fchown(fd, o->uid, o->gid) == 0 && fchmod(fd, o->mode) == 0 && fsync(fd) == 0
	    && (linkat(AT_FDCWD, self, dirfd, name, AT_SYMLINK_FOLLOW) == 0
	    || fd_has_name(fd, dirfd, name)))
		return fd;
	fd_close(&fd);
	return -1;
}

static int
mailspool_new(int dirfd, const char *name, const struct mailspool_owner *o)
{
	return openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, o->mode);
}

/* By the owner's ids, but with root's rights, which a change of ids would take away. */
static int
mailspool_new_of(int dirfd, const char *name, const struct mailspool_owner *o)
{
	int saved, fd, bits = prctl(PR_GET_SECUREBITS);

	if (bits < 0 || prctl(PR_SET_SECUREBITS, bits | SECBIT_NO_SETUID_FIXUP) < 0)
		return -1;
	setfsgid(o->gid);
	setfsuid(o->uid);
	fd = mailspool_new(dirfd, name, o);
	saved = errno;
	setfsuid(0);
	setfsgid(0);
	/* Whoever is forked from here would keep root's capabilities when he gives up his ids. */
	if (prctl(PR_SET_SECUREBITS, bits) < 0)
		panic("the secure bits cannot be set back: %s", strerror(errno));
	errno = saved;
	return fd;
}

/* A file that has its name at once, but no other owner before. */
static int
mailspool_named(int dirfd, const char *name, const struct mailspool_owner *o)
{
	int fd = geteuid() == 0 ? mailspool_new_of(dirfd, name, o)
	    : mailspool_new(dirfd, name, o);
	struct stat st;

	if (fd < 0)
		return -1;
	/* The owner's may hold mail by now, and stays whatever comes. */
	if (fstat(fd, &st) == 0 && st.st_uid != o->uid) {
		fd_unlink(dirfd, name);
		errno = EPERM;
	} else if (fchmod(fd, o->mode) == 0 && fsync(fd) == 0) {
		return fd;
	}
	fd_close(&fd);
	return -1;
}

/* Named by the user database, never by an envelope: but a slash in it would leave the directory. */
static int
mailspool_create(int dirfd, const struct account *a, struct fail *why)
{
	struct mailspool_owner owner = { .uid = a->uid };
	struct stat st;
	int fd;

	if (strchr(a->name, '/') || a->name[0] == '.' || a->name[0] == '\0')
		return fail_temp(why, "\"%s\" cannot be the name of a mailbox", a->name);
	if (fstat(dirfd, &st) < 0)
		return fail_errno(why, "mail spool directory");
	owner.gid = st.st_gid ? st.st_gid : a->gid;
	owner.mode = st.st_gid ? 0660 : 0600;
	fd = mailspool_nameless(dirfd, a->name, &owner);
	if (fd < 0 && errno != EEXIST)
		fd = mailspool_named(dirfd, a->name, &owner);
	if ((fd < 0 && errno != EEXIST) || fsync(dirfd) < 0)
		fail_errno(why, "mailbox of %s cannot be made", a->name);
	fd_close(&fd);
	return why->kind == FAIL_NONE ? 0 : -1;
}

int
mailspool_make(const char *dir, const struct account *a, struct fail *why)
{
	int rc, dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dirfd < 0)
		return fail_errno(why, "mail spool directory %s (mail_spool in " CONF_PATH ")",
		    dir);
	rc = mailspool_create(dirfd, a, why);
	fd_close(&dirfd);
	return rc;
}
