#include "formail/idcache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "formail/formail.h"

/* A ring grows a little over the size asked for; far beyond that it is no ring of ours. */
#define IDCACHE_MAX ((size_t)1 << 31)

static int
idcache_open(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)))
		fd_close(&fd);
	return fd;
}

/* Between processes of our own; the real formail does not lock.  Whoever sits on the lock cannot
 * keep the mail waiting: after a while we go on as formail would. */
static void
idcache_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct timespec nap = { .tv_nsec = 50 * 1000 * 1000 };

	for (int i = 0; i < FORMAIL_LOCK_SECONDS * 20; i++) {
		if (fcntl(fd, F_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES))
			return;
		nanosleep(&nap, NULL);
	}
}

/* Looks for key among the NUL-terminated keys of text; *empty is where the first empty one is, or
 * 0 when there is none.  The key behind that has lost its beginning, or seems to: it is passed.
 * Keys that begin at size or behind it belong to a ring that was larger once. */
static bool
idcache_find(struct bytes text, struct bytes key, size_t size, size_t *empty)
{
	bool seen = false, pass = false;
	const char *nul;
	size_t at = 0, n;

	*empty = 0;
	while (at < text.len && (at == 0 || at < size)
	    && (nul = memchr(text.p + at, '\0', text.len - at))) {
		n = (size_t)(nul - text.p) - at;
		if (!pass && n > 0 && n == key.len && memcmp(text.p + at, key.p, n) == 0)
			return true;
		pass = n == 0 && !seen;
		if (pass)
			*empty = at;
		seen |= pass;
		at += n + 1;
	}
	return false;
}

/* Puts key and an empty key behind it at offset, or leaves the file as it was. */
static void
idcache_put(int fd, struct bytes key, size_t offset, size_t size)
{
	struct buf b = BUF_INIT;
	ssize_t n;

	buf_bytes(&b, key);
	buf_add(&b, "\0", 2);
	n = pwrite(fd, b.p, b.len, (off_t)offset);
	/* On a full disk half a key is taken back: an empty key stands where it began. */
	if (n > 0 && n < (ssize_t)b.len
	    && (ftruncate(fd, (off_t)size) != 0 || pwrite(fd, "", 1, (off_t)offset) != 1))
		log_warning("formail: cannot repair the cache after a failed write");
	buf_clear(&b);
}

/* A key that goes into its file when the mail is safe. */
struct idcache_pending {
	struct idcache_pending *next;
	int fd;
	dev_t dev;
	ino_t ino;
	long size;
	struct bytes key;    /* owned */
};

static struct idcache_pending *idcache_pending;
static bool idcache_waits;

/* Asks the locked file, and puts a new key there unless it is to wait. */
static enum idcache_answer
idcache_look(int fd, size_t size, struct bytes key, bool put)
{
	enum idcache_answer answer = IDCACHE_NEW;
	struct buf text = BUF_INIT;
	size_t at;

	if (lseek(fd, 0, SEEK_SET) != 0 || fd_read_all(fd, IDCACHE_MAX, &text) != 0)
		goto out;
	if (idcache_find(buf_view(&text), key, size, &at))
		answer = IDCACHE_DUPLICATE;
	at = at < size ? at : 0;
	/* An empty key is known when it would go where one is. */
	if (key.len == 0 && at < text.len && text.p[at] == '\0')
		answer = IDCACHE_DUPLICATE;
	if (answer == IDCACHE_NEW && put)
		idcache_put(fd, key, at, text.len);
out:
	buf_clear(&text);
	return answer;
}

/* Takes *fd over for a key that is new. */
static enum idcache_answer
idcache_wait(int *fd, long size, struct bytes key)
{
	struct flock unlock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };
	struct idcache_pending *p;
	struct stat st;

	if (fstat(*fd, &st) < 0)
		return IDCACHE_NEW;
	for (p = idcache_pending; p; p = p->next)
		if (p->dev == st.st_dev && p->ino == st.st_ino && p->key.len == key.len
		    && memcmp(p->key.p, key.p, key.len) == 0)
			return IDCACHE_DUPLICATE;
	if (fcntl(*fd, F_SETLK, &unlock) < 0)
		log_warning("formail: the cache stays locked: %s", strerror(errno));
	p = mem_zero(sizeof *p);
	*p = (struct idcache_pending){ idcache_pending, *fd, st.st_dev, st.st_ino, size,
		{ mem_copy(key), key.len } };
	idcache_pending = p;
	*fd = -1;
	return IDCACHE_NEW;
}

static enum idcache_answer
idcache_answer(const char *path, long size, struct bytes key, bool put)
{
	enum idcache_answer answer = IDCACHE_NEW;
	int fd = idcache_open(path);

	if (fd < 0)
		return IDCACHE_NO_FILE;
	if (key.p) {
		key = bytes_first(key, strnlen(key.p, key.len));
		idcache_lock(fd);
		answer = idcache_look(fd, (size_t)size, key, put && !idcache_waits);
		if (answer == IDCACHE_NEW && put && idcache_waits)
			answer = idcache_wait(&fd, size, key);
	}
	fd_close(&fd);
	return answer;
}

enum idcache_answer
idcache_ask(const char *path, long size, struct bytes key)
{
	return idcache_answer(path, size, key, true);
}

enum idcache_answer
idcache_peek(const char *path, long size, struct bytes key)
{
	return idcache_answer(path, size, key, false);
}

void
idcache_hold(void)
{
	idcache_waits = true;
}

void
idcache_let_go(bool keep)
{
	while (idcache_pending) {
		struct idcache_pending *p = idcache_pending;

		idcache_pending = p->next;
		if (keep) {
			idcache_lock(p->fd);
			idcache_look(p->fd, (size_t)p->size, p->key, true);
		}
		fd_close(&p->fd);
		free((void *)(size_t)p->key.p);
		free(p);
	}
}
