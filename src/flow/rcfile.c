/*
 * rcfile.c - which rcfile may be trusted: whoever can write it, commands the recipient's rights.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "flow/state.h"

#define RCFILE_MAX (4u << 20)  /* bytes of one rcfile */

/* A user's rcfile that may not be read is left out, as in procmail; the site's policy never is. */
static int
rcfile_refuse(struct flow *f, enum rcfile_kind kind, const char *path, const char *reason,
    struct fail *why)
{
	if (kind == RCFILE_SITE)
		return fail_temp(why, "site recipes %s cannot be used: %s", path, reason);
	/* His mail now goes where he did not want it: under an MTA the site's log says so. */
	if (f->d->for_mta && f->log_fd < 0)
		log_warning("rcfile %s is not read: %s", path, reason);
	else
		log_user("rcfile %s is not read: %s", path, reason);
	return 1;
}

/* A directory in which anybody may replace files makes every file in it anybody's. */
static bool
rcfile_dir_is_open(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf dir = BUF_INIT;
	struct stat st;
	bool open_to_all;

	buf_add(&dir, path, slash ? (size_t)(slash - path) : 0);
	if (!slash)
		buf_str(&dir, ".");
	else if (slash == path)
		buf_str(&dir, "/");
	open_to_all = stat(dir.p, &st) == 0 && (st.st_mode & S_IWOTH) && (st.st_mode & S_IXOTH)
	    && !(st.st_mode & S_ISVTX);
	buf_clear(&dir);
	return open_to_all;
}

/* Group write permission matters only for the file nobody named: where users share a group, it is
 * the difference between a configuration and a surprise. */
static const char *
rcfile_problem(struct flow *f, enum rcfile_kind kind, const char *path, const struct stat *st)
{
	if (kind == RCFILE_NAMED && path[0] != '/')
		return NULL; /* named relative to where the caller stands: his own word */
	if (kind == RCFILE_SITE && st->st_uid != 0 && st->st_uid != f->d->account->uid)
		return "it must belong to root";
	if (st->st_uid != 0 && st->st_uid != f->d->account->uid)
		return "it must belong to the recipient or to root";
	if (st->st_mode & S_IWOTH)
		return "it is world-writable: chmod o-w";
	if (kind == RCFILE_OWN && (st->st_mode & S_IWGRP) && st->st_gid != f->d->account->gid)
		return "it is writable by a foreign group: chmod g-w";
	if (rcfile_dir_is_open(path))
		return "its directory is world-writable: chmod o-w";
	return NULL;
}

static bool
rcfile_is_absent(int err)
{
	return err == ENOENT || err == ENOTDIR || err == EACCES || err == EPERM || err == ELOOP
	    || err == ENAMETOOLONG;
}

static int
rcfile_cannot(struct flow *f, enum rcfile_kind kind, const char *path, struct fail *why)
{
	/* A site without recipes has none in the usual place; one that names a place has some,
	 * and if it is the usual one. */
	if (kind == RCFILE_SITE && errno == ENOENT && !f->d->conf->site_named)
		return 1;
	if (kind != RCFILE_SITE && rcfile_is_absent(errno)) {
		if (errno != ENOENT || kind == RCFILE_NAMED)
			rcfile_refuse(f, kind, path, strerror(errno), why);
		return 1;
	}
	/* Site policy that cannot be read, or a disk that does not answer: no guess. */
	return fail_errno(why, "rcfile %s cannot be read", path);
}

/* On restricted sites a user's rcfiles lie below his home, the ones he names in ~/.forward, too.
 * What the MTA's own command line names is the administrator's word. */
static int
rcfile_open(struct flow *f, enum rcfile_kind kind, const char *path, struct fail *outside)
{
	bool trusted = kind == RCFILE_SITE || (kind == RCFILE_NAMED && f->d->services->for_others);

	if (trusted || f->d->conf->programs == CONF_PROGRAMS_ANY)
		return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return world_open(f, path, O_RDONLY, outside);
}

int
rcfile_read(struct flow *f, enum rcfile_kind kind, const char *path, struct buf *text,
    struct fail *why)
{
	struct fail outside = { 0 };
	int fd = rcfile_open(f, kind, path, &outside), rc = 1;
	const char *problem;
	struct stat st;

	if (outside.kind && outside.err == 0)
		return rcfile_refuse(f, kind, path, outside.text, why);
	if (outside.kind)
		errno = outside.err;
	if (fd < 0)
		return rcfile_cannot(f, kind, path, why);
	if (fstat(fd, &st) < 0)
		rc = fail_errno(why, "rcfile %s", path);
	else if (S_ISCHR(st.st_mode))
		rc = 0; /* /dev/null: an empty file */
	else if (!S_ISREG(st.st_mode))
		rc = rcfile_refuse(f, kind, path, "it is no file", why);
	else if ((problem = rcfile_problem(f, kind, path, &st)) != NULL)
		rc = rcfile_refuse(f, kind, path, problem, why);
	else if ((rc = fd_read_all(fd, RCFILE_MAX, text)) < 0)
		fail_errno(why, "rcfile %s cannot be read", path);
	/* A directory can be opened: as with procmail, none is looked for behind it. */
	if (rc == 1 && kind == RCFILE_NAMED && S_ISDIR(st.st_mode))
		rc = 0;
	fd_close(&fd);
	return rc;
}
