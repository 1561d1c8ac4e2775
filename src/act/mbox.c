/*
 * mbox.c - appends to a mailbox file: locked twice, all or nothing.
 *
 * Order of the locks (Debian Policy 11.6): fcntl, then name.lock without waiting; when the second
 * is taken both are released and tried again after a random pause.  Where the directory does not
 * let us make name.lock, as a mail spool may, fcntl alone has to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/dirbox.h"
#include "act/durable.h"
#include "act/emit.h"
#include "act/lock.h"
#include "act/mboxmark.h"
#include "act/place.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/undo.h"

#define MBOX_MODE 0667     /* less the umask; the last bit is procmail's sign of new mail */
#define MBOX_NEW_MAIL S_IXOTH
#define MBOX_REOPENS 50    /* times a mail reader may replace the file while we wait for it */

struct mbox {
	const char *path;
	struct place place;
	int fd, undo;
	bool made, marked;
	struct lock *dot;
	struct stat st;         /* of the locked file before we write */
};

/* One attempt at a write lock on all of the file. Locks of the open file description conflict with
 * classical ones, but no close() of another descriptor loses them. */
static int
mbox_lock_record(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int rc = fcntl(fd, F_OFD_SETLK, &whole);

	if (rc < 0 && errno == EINVAL)
		rc = fcntl(fd, F_SETLK, &whole);
	return rc;
}

static bool
mbox_is_busy(int err)
{
	return err == EAGAIN || err == EACCES || err == EINTR;
}

/* Reasons for which there is no name.lock, and fcntl alone guards the mailbox. */
static bool
mbox_needs_no_dot(int err)
{
	return err == EACCES || err == EPERM || err == EROFS || err == ENAMETOOLONG;
}

/* In a spool where anybody makes files, anybody could stop a user's mail with a lock. His mailbox
 * is his: only he and root have business to lock it. */
static bool
mbox_is_squatted(const struct mbox *m)
{
	char name[NAME_MAX + 8];
	struct stat st;

	snprintf(name, sizeof name, "%s.lock", m->place.name);
	return m->place.world && fstatat(m->place.dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0
	    && st.st_uid != geteuid() && st.st_uid != 0;
}

/* 1 locked, 0 somebody else has one of the locks, -1 with why. */
static int
mbox_try_lock(struct mbox *m, const struct settings *set, struct fail *why)
{
	struct fail nodot = { 0 };
	int record = mbox_lock_record(m->fd);

	if (record < 0 && mbox_is_busy(errno))
		return 0;
	if (record < 0 && errno != ENOLCK && errno != ENOTSUP)
		return fail_errno(why, "%s cannot be locked", m->path);
	m->dot = lock_try_mailbox(m->place.dir, m->place.name, set, &nodot);
	if (m->dot)
		return 1;
	if (nodot.err == EEXIST)
		return record == 0 && mbox_is_squatted(m) ? 1 : 0;
	/* A file system without fcntl locks needs the other kind. */
	if (record == 0 && mbox_needs_no_dot(nodot.err))
		return 1;
	*why = nodot;
	return -1;
}

/* Is what we locked still what the name means, and still fit for mail? 1, 0 look again, -1. */
static int
mbox_recheck(struct mbox *m, struct fail *why)
{
	struct stat named;

	if (fstat(m->fd, &m->st) < 0)
		return fail_errno(why, "%s", m->path);
	if (fstatat(m->place.dir, m->place.name, &named, AT_SYMLINK_NOFOLLOW) < 0
	    || named.st_dev != m->st.st_dev || named.st_ino != m->st.st_ino)
		return 0;
	return place_check_file(&m->place, m->path, &m->st, why) < 0 ? -1 : 1;
}

static void
mbox_close(struct mbox *m)
{
	lock_drop(&m->dot);
	fd_close(&m->fd);
}

/* Opens and locks, from the start each time: who held the lock may have put another file there. */
static int
mbox_open(struct mbox *m, const struct settings *set, struct fail *why)
{
	struct lock_patience patience = { 0 };

	for (int reopens = 0; reopens < MBOX_REOPENS;) {
		bool made;
		int rc;

		m->fd = place_open_file(&m->place, m->path, MBOX_MODE, &made, why);
		if (m->fd < 0)
			return -1;
		m->made = m->made || made;
		if (fstat(m->fd, &m->st) == 0 && S_ISCHR(m->st.st_mode))
			return 0;
		rc = mbox_try_lock(m, set, why);
		if (rc == 1) {
			rc = mbox_recheck(m, why);
			if (rc == 1)
				return 0;
			reopens++;
			if (rc == 0)
				m->made = false;
		} else if (rc == 0 && !lock_pause(&patience, set)) {
			rc = fail_temp(why, "%s stays locked by another process", m->path);
		}
		mbox_close(m);
		if (rc < 0)
			return -1;
	}
	return fail_temp(why, "%s is replaced all the time", m->path);
}

/* A torn message at the end, of whoever was killed there, shall not swallow ours: an empty line
 * stands between them.  Reading must not look as if the user had read his mail. */
static int
mbox_mend(const struct mbox *m)
{
	char last = '\n';

	if (m->st.st_size == 0 || pread(m->fd, &last, 1, m->st.st_size - 1) != 1 || last == '\n')
		return 0;
	return fd_write_all(m->fd, "\n\n", 2);
}

/* Readers and shells tell new mail by a file changed after it was read; the clock may be too coarse
 * to show it.  procmail's sign, o+x, is given unless the umask forbids it. */
static void
mbox_show_new(const struct mbox *m)
{
	struct timespec times[2] = { { 0, 0 }, { 0, UTIME_OMIT } };
	mode_t mask = umask(077);
	struct stat st;

	umask(mask);
	if (!(mask & MBOX_NEW_MAIL) && !(m->st.st_mode & MBOX_NEW_MAIL)
	    && fchmod(m->fd, (m->st.st_mode & 07777) | MBOX_NEW_MAIL) < 0)
		return; /* a sign only, and not our file */
	if (fstat(m->fd, &st) < 0 || st.st_atim.tv_sec < st.st_mtim.tv_sec
	    || (st.st_atim.tv_sec == st.st_mtim.tv_sec
	    && st.st_atim.tv_nsec < st.st_mtim.tv_nsec))
		return;
	times[0].tv_sec = st.st_mtim.tv_sec - 1;
	if (futimens(m->fd, times) < 0)
		return;
}

static void
mbox_roll_back(struct mbox *m)
{
	if (ftruncate(m->fd, m->st.st_size) < 0)
		log_error("%s: a message written in part cannot be taken back", m->path);
	else if (m->made && m->st.st_size == 0)
		unlinkat(m->place.dir, m->place.name, 0);
	else if (m->marked)
		mboxmark_clear(m->fd);
	durable_sync(m->fd, -1);
}

/* Torn by SIGKILL or a power cut, it is seen by the mark; torn by a signal, taken back. */
static int
mbox_write(struct mbox *m, const struct emit *e, bool raw, size_t *size)
{
	off_t end;

	if (!S_ISREG(m->st.st_mode))
		return emit_write(m->fd, e, size);
	if (!raw && mbox_mend(m) < 0)
		return -1;
	end = lseek(m->fd, 0, SEEK_END);
	m->marked = !raw && end >= 0 && mboxmark_set(m->fd, end, e);
	if (emit_write(m->fd, e, size) < 0)
		return -1;
	return m->marked ? mboxmark_clear(m->fd) : 0;
}

static int
mbox_append(struct mbox *m, const struct act_env *env, const struct act_job *job, size_t *size,
    struct fail *why)
{
	bool is_file = S_ISREG(m->st.st_mode);
	struct emit e;
	int rc = -1;

	emit_plan(&e, job, EMIT_MBOX);
	if (is_file)
		m->st.st_size = mboxmark_take_back(m->fd, m->st.st_size);
	if (is_file && (m->undo = undo_truncate(m->fd, m->st.st_size)) < 0)
		return fail_errno(why, "%s", m->path);
	if (mbox_write(m, &e, job->raw, size) < 0)
		fail_errno(why, "error while writing to %s", m->path);
	else if (durable_sync(m->fd, m->st.st_size == 0 ? m->place.dir : -1) < 0)
		fail_errno(why, "%s cannot be written to disk", m->path);
	else if (!env->may_commit || env->may_commit(env->ctx, why) == 0)
		rc = 0;
	if (rc < 0 && is_file)
		mbox_roll_back(m);
	if (rc == 0 && is_file)
		mbox_show_new(m);
	undo_forget(m->undo);
	return rc;
}

static int
mbox_deliver(const struct act_env *env, const struct act_job *job, struct act_result *res,
    struct fail *why)
{
	struct buf path = BUF_INIT;
	struct mbox m = { .place = PLACE_INIT, .fd = -1, .undo = -1 };
	int rc = -1;

	dirbox_strip(job->words[0] ? job->words[0] : "", &path);
	m.path = path.p;
	buf_cut(&res->folder, 0);
	buf_str(&res->folder, m.path);
	if (place_find(&m.place, env, m.path, why) < 0 || mbox_open(&m, env->set, why) < 0)
		goto out;
	rc = mbox_append(&m, env, job, &res->size, why);
	mbox_close(&m);
	if (rc < 0)
		goto out;
	for (const char *const *w = job->words + 1; *w; w++)
		log_user("Skipped \"%s\"", *w);
out:
	place_clear(&m.place);
	buf_clear(&path);
	return rc;
}

const struct act act_mbox = { "mbox", mbox_deliver };
