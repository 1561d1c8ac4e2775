#include "act/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "act/place.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/undo.h"

#define LOCK_MARK "user.bivalve.lock"   /* "its maker holds a flock on it" */
#define LOCK_PAUSE_MIN 4                /* milliseconds */
#define LOCK_PAUSE_PART 16              /* ... or this part of the time waited */
#define LOCK_TRIES 20                   /* locks that vanish while we look at them */
#define LOCK_REMOVALS 3                 /* ... and errors while we remove one */
#define LOCK_SIZE_SURE 16               /* bytes: procmail takes all above for no lockfile */
#define LOCK_SIZE_MAX (HOST_NAME_MAX + 32)  /* process and host, as others write them */
#define LOCK_NFS 0x6969
#define LOCK_SMB2 0xfe534d42u
#define LOCK_CIFS 0xff534d42u
#define LOCK_FUSE 0x65735546

struct lock {
	struct lock *next;
	int dir, fd, undo;
	dev_t dev;
	ino_t ino;
	pid_t owner;       /* a forked child has the list, but not the locks */
	unsigned refs;
	char name[NAME_MAX + 1];
};

static struct lock *lock_held;

static struct lock *
lock_ours(const struct stat *st)
{
	for (struct lock *l = lock_held; l; l = l->next)
		if (l->dev == st->st_dev && l->ino == st->st_ino && l->owner == getpid())
			return l;
	return NULL;
}

/* Process ids mean nothing in a file that another host may have written. */
static bool
lock_is_local(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	switch ((unsigned long)fs.f_type) {
	case LOCK_NFS: case LOCK_SMB2: case LOCK_CIFS: case LOCK_FUSE:
		return false;
	}
	return true;
}

/* "PID" and a newline or nothing (liblockfile), or "PID:HOST" (Dovecot). */
static bool
lock_names_dead(int fd)
{
	char text[HOST_NAME_MAX + 32], host[HOST_NAME_MAX + 1] = "";
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	long pid;
	char *end;

	if (n <= 0 || !lock_is_local(fd))
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	end = text + strcspn(text, ":");
	if (*end) {
		*end++ = '\0';
		if (gethostname(host, sizeof host - 1) < 0 || strcmp(host, end) != 0)
			return false;
	}
	return str_long(text, 2, INT_MAX, &pid) && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

/* The time as the file server has it: that of a file just made beside the lock. */
static time_t
lock_server_time(int dir)
{
	struct stat st;
	time_t now = time(NULL);
	int fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	char name[64];

	if (fd < 0) {
		snprintf(name, sizeof name, ".bivalve-%ld.time", (long)getpid());
		fd = openat(dir, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
		if (fd >= 0)
			unlinkat(dir, name, 0);
	}
	if (fd >= 0 && fstat(fd, &st) == 0)
		now = st.st_mtime;
	fd_close(&fd);
	return now;
}

static bool
lock_is_old(int dir, const struct stat *st, const struct settings *set)
{
	if (set->locktimeout <= 0 || time(NULL) - st->st_mtime < set->locktimeout / 2)
		return false;
	return lock_server_time(dir) - st->st_mtime > set->locktimeout;
}

/* Removes name if it is still the file st describes. Whoever breaks a lock holds its flock, so no
 * two of us are here with one file and nobody removes the lock that the other has just made. */
static bool
lock_unlink(int dir, const char *name, const struct stat *st)
{
	struct stat now;

	return fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_dev == st->st_dev
	    && now.st_ino == st->st_ino && unlinkat(dir, name, 0) == 0;
}

/* Takes the flock of a lockfile opened for reading; over NFS that can only be a shared one. */
static bool
lock_is_free(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	return errno != EWOULDBLOCK
	    && (flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK);
}

/* Breaks the lock that fd is, when its maker is dead or it is old. */
static bool
lock_break_open(int dir, const char *name, int fd, const struct stat *st,
    const struct settings *set)
{
	const char *cause = NULL;
	char mark[8];
	bool marked;

	if (!lock_is_free(fd))
		return false;
	marked = fgetxattr(fd, LOCK_MARK, mark, sizeof mark) >= 0;
	if (marked || lock_names_dead(fd))
		cause = "of a process that is gone";
	else if (lock_is_old(dir, st, set))
		cause = "older than LOCKTIMEOUT";
	if (!cause || !lock_unlink(dir, name, st))
		return false;
	log_user("removed lockfile %s, %s", name, cause);
	return true;
}

/* Can it be a lockfile? ":0:inbox" names the mailbox, which must not be taken for an old lock, and
 * will never go away. */
static bool
lock_is_lockfile(int dir, const char *name, const struct stat *st)
{
	char first = '0'; /* another user's, which we may not read, gets the benefit of the doubt */
	int fd;

	if (!S_ISREG(st->st_mode))
		return !S_ISDIR(st->st_mode);
	if (st->st_size <= LOCK_SIZE_SURE || st->st_size > LOCK_SIZE_MAX)
		return st->st_size <= LOCK_SIZE_SURE;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && pread(fd, &first, 1, 0) < 0)
		first = '\0';
	fd_close(&fd);
	return first >= '0' && first <= '9';
}

/* One attempt to get a stale lock out of the way: true when it is worth to try again at once. */
static bool
lock_break(int dir, const char *name, const struct stat *st, const struct settings *set)
{
	struct stat opened;
	bool broken = false;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return true;
	/* Another user's lock, which we may not read: its age is all we know. */
	if (fd < 0)
		return lock_is_old(dir, st, set) && lock_unlink(dir, name, st);
	if (fstat(fd, &opened) == 0)
		broken = lock_break_open(dir, name, fd, &opened, set);
	fd_close(&fd);
	return broken;
}

/* Fills the file just made. The flock comes before the mark: a mark without it means death. */
static int
lock_fill(int fd, bool mailbox)
{
	char text[32];
	int n = mailbox ? snprintf(text, sizeof text, "%ld\n", (long)getpid())
	    : snprintf(text, sizeof text, "0");

	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fsetxattr(fd, LOCK_MARK, "1", 1, 0) < 0
	    && errno != ENOTSUP && errno != EPERM && errno != ENOSPC && errno != EDQUOT)
		return -1;
	return fd_write_all(fd, text, (size_t)n) < 0 || fchmod(fd, 0400) < 0 ? -1 : 0;
}

static struct lock *
lock_keep(int *dir, const char *name, int *fd, const struct stat *st)
{
	struct lock *l = mem_zero(sizeof *l);

	l->dir = *dir;
	l->fd = *fd;
	*dir = *fd = -1;
	l->dev = st->st_dev;
	l->ino = st->st_ino;
	l->owner = getpid();
	l->refs = 1;
	snprintf(l->name, sizeof l->name, "%s", name);
	l->undo = undo_unlink_at(l->dir, name);
	l->next = lock_held;
	lock_held = l;
	return l;
}

/* A lockfile that gets its name when it is complete: who is killed on the way leaves none that
 * nobody could tell from a living process's.  -1 with errno, EEXIST: it is held. */
static int
lock_make_complete(int dir, const char *name, bool mailbox)
{
	int saved, fd = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char self[32];

	if (fd < 0)
		return -1;
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	if (lock_fill(fd, mailbox) == 0
	    && (linkat(AT_FDCWD, self, dir, name, AT_SYMLINK_FOLLOW) == 0
	    || fd_has_name(fd, dir, name)))
		return fd;
	saved = errno;
	fd_close(&fd);
	errno = saved;
	return -1;
}

static int
lock_make_new(int dir, const char *name, bool mailbox)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd >= 0 && lock_fill(fd, mailbox) < 0) {
		fd_unlink(dir, name);
		fd_close(&fd);
	}
	return fd;
}

/* The same where files cannot be without a name: under one that is ours alone, and a link to it is
 * the lock.  Over a network the link may be there whatever the answer was; then it is ours. */
static int
lock_make_linked(int dir, const char *name, bool mailbox)
{
	char own[64];
	int undo, fd;

	snprintf(own, sizeof own, ".lock.%lx.%lx", (long)getpid(), (long)time(NULL));
	undo = undo_unlink_at(dir, own);
	fd = undo < 0 ? -1 : lock_make_new(dir, own, mailbox);
	if (fd >= 0 && linkat(dir, own, dir, name, 0) < 0 && !fd_has_name(fd, dir, name))
		fd_close(&fd);
	if (undo >= 0)
		fd_unlink(dir, own);
	undo_forget(undo);
	return fd;
}

/* The same where files have one name only. */
static int
lock_make_named(int dir, const char *name, bool mailbox)
{
	int fd = lock_make_linked(dir, name, mailbox);

	if (fd >= 0 || (errno != EPERM && errno != ENOTSUP && errno != ENOSYS && errno != EMLINK))
		return fd;
	return lock_make_new(dir, name, mailbox);
}

static struct lock *
lock_make(int *dir, const char *name, bool mailbox, const char *path, struct fail *why)
{
	struct stat st;
	int fd = lock_make_complete(*dir, name, mailbox);

	if (fd < 0 && errno != EEXIST)
		fd = lock_make_named(*dir, name, mailbox);
	if (fd < 0) {
		fail_errno(why, "%s", path);
		return NULL;
	}
	if (fstat(fd, &st) == 0)
		return lock_keep(dir, name, &fd, &st);
	fail_errno(why, "%s", path);
	unlinkat(*dir, name, 0);
	fd_close(&fd);
	return NULL;
}

/* Takes *dir over. */
static struct lock *
lock_try_in(int dir, const char *name, bool mailbox, const char *path,
    const struct settings *set, struct fail *why)
{
	struct lock *l = NULL;
	struct stat st;

	for (int i = 0; !l && i < LOCK_TRIES; i++) {
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			l = lock_ours(&st);
			if (l) {
				l->refs++;
				break;
			}
			if (!lock_is_lockfile(dir, name, &st)) {
				fail_temp(why, "%s is no lockfile: name another one, or move it "
				    "away", path);
				break;
			}
			if (lock_break(dir, name, &st, set))
				continue;
			errno = EEXIST;
			fail_errno(why, "%s is locked", path);
			break;
		}
		fail_clear(why);
		l = lock_make(&dir, name, mailbox, path, why);
		if (!l && why->err != EEXIST)
			break;
	}
	if (l)
		fail_clear(why);
	fd_close(&dir);
	return l;
}

/* Opens the directory of the lockfile, which must lie below confine where that is set. */
static int
lock_enter(const char *path, const char *confine, char name[NAME_MAX + 1], struct fail *why)
{
	const struct act_env below = { .confine = confine };
	const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
	struct place place;
	char *parent;
	int dir;

	errno = *last ? ENAMETOOLONG : EISDIR;
	if (!*last || strlen(last) > NAME_MAX)
		return fail_errno(why, "%s", path);
	if (confine) {
		if (place_find(&place, &below, path, why) < 0)
			return -1;
		snprintf(name, NAME_MAX + 1, "%s", place.name);
		return place.dir;
	}
	snprintf(name, NAME_MAX + 1, "%s", last);
	parent = mem_copy(slash ? (struct bytes){ path, (size_t)(slash - path) + 1 }
	    : bytes_of("."));
	dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(parent);
	return dir < 0 ? fail_errno(why, "%s", path) : dir;
}

static struct lock *
lock_try_below(const char *path, const char *confine, const struct settings *set,
    struct fail *why)
{
	char name[NAME_MAX + 1];
	int dir = lock_enter(path, confine, name, why);

	return dir < 0 ? NULL : lock_try_in(dir, name, false, path, set, why);
}

struct lock *
lock_try(const char *path, const struct settings *set, struct fail *why)
{
	return lock_try_below(path, NULL, set, why);
}

struct lock *
lock_try_mailbox(int dir, const char *name, const struct settings *set, struct fail *why)
{
	char lockname[NAME_MAX + 8];
	int own;

	snprintf(lockname, sizeof lockname, "%s.lock", name);
	errno = ENAMETOOLONG;
	own = strlen(lockname) > NAME_MAX ? -1 : openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (own < 0) {
		fail_errno(why, "%s", lockname);
		return NULL;
	}
	return lock_try_in(own, lockname, true, lockname, set, why);
}

struct lock *
lock_take(const char *path, const struct settings *set, struct fail *why)
{
	return lock_take_below(path, NULL, set, why);
}

struct lock *
lock_take_below(const char *path, const char *confine, const struct settings *set,
    struct fail *why)
{
	struct lock_patience patience = { 0 };
	struct lock *l;

	while (!(l = lock_try_below(path, confine, set, why)) && why->err == EEXIST) {
		if (!lock_pause(&patience, set))
			return NULL;
		fail_clear(why);
	}
	return l;
}

/* Tries again at an error that may pass: a lock that stays holds up all who come. */
static void
lock_remove(const struct lock *l, const struct stat *st)
{
	for (int i = 0; i < LOCK_REMOVALS; i++)
		if (lock_unlink(l->dir, l->name, st) || !fd_has_name(l->fd, l->dir, l->name))
			return;
	log_warning("lockfile %s cannot be removed: %s", l->name, strerror(errno));
}

void
lock_drop(struct lock **lock)
{
	struct lock *l = *lock, **at;
	struct stat st;

	*lock = NULL;
	if (!l || --l->refs > 0)
		return;
	for (at = &lock_held; *at && *at != l; at = &(*at)->next)
		;
	if (*at)
		*at = l->next;
	if (l->owner == getpid()) {
		/* Forgotten first: a signal must not remove what the next holder makes. */
		undo_forget(l->undo);
		st.st_dev = l->dev;
		st.st_ino = l->ino;
		lock_remove(l, &st);
	}
	fd_close(&l->fd);
	fd_close(&l->dir);
	free(l);
}

static long long
lock_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

bool
lock_pause(struct lock_patience *p, const struct settings *set)
{
	long long longest = set->locksleep > 0 ? set->locksleep * 1000LL : LOCK_PAUSE_MIN;
	long long now = lock_clock(), ms;
	unsigned chance = 0;
	struct timespec ts;

	if (p->begin == 0)
		p->begin = now;
	else if (set->locktimeout > 0 && now - p->begin > (set->locktimeout + 2) * 1000LL)
		return false;
	/* Part of the time waited so far: a short hold is noticed soon, a long one costs little. */
	ms = LOCK_PAUSE_MIN + (now - p->begin) / LOCK_PAUSE_PART;
	if (ms > longest)
		ms = longest;
	if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) < 0)
		chance = (unsigned)getpid() * 2654435761u;
	ms = ms / 2 + (long long)(chance % (unsigned)(ms + 1));
	ts.tv_sec = ms / 1000;
	ts.tv_nsec = (ms % 1000) * 1000000L;
	nanosleep(&ts, NULL);
	return true;
}
