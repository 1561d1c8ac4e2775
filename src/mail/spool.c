#include "mail/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#define SPOOL_STEP (1u << 20)      /* of one splice; also the pipe's size while we read it */
#define SPOOL_CHUNK 65536          /* of one read */
#define SPOOL_FIRST 8192           /* of the first: most messages are small */

static const char *
spool_dir(const struct spool_options *o)
{
	return o->dir ? o->dir : P_tmpdir;
}

/* For filesystems without O_TMPFILE. The name is gone before a byte is in the file. */
static int
spool_named_file(const char *dir)
{
	struct buf path = BUF_INIT;
	int fd;

	buf_printf(&path, "%s/.bivalve-XXXXXX", dir);
	fd = mkostemp(path.p, O_CLOEXEC);
	if (fd >= 0 && unlink(path.p) < 0)
		fd_close(&fd);
	buf_clear(&path);
	return fd;
}

int
spool_file(const struct spool_options *o, struct fail *why)
{
	int fd = open(spool_dir(o), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
		fd = spool_named_file(spool_dir(o));
	if (fd < 0)
		return fail_errno(why, "cannot make a temporary file in %s (spool_dir in "
		    "bivalve.conf)", spool_dir(o));
	return fd;
}

static int
spool_write_error(const struct spool_options *o, struct fail *why)
{
	return fail_errno(why, "cannot hold the message in %s (spool_dir in bivalve.conf)",
	    spool_dir(o));
}

static int
spool_check_size(size_t size, const struct spool_options *o, struct fail *why)
{
	if (o->max_bytes == 0 || size <= o->max_bytes)
		return 0;
	return fail_temp(why, "message of more than %zu bytes, the limit set here", o->max_bytes);
}

int
spool_reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

bool
spool_is_settled(int fd)
{
	return fcntl(fd, F_SETLEASE, F_RDLCK) == 0 && fcntl(fd, F_SETLEASE, F_UNLCK) == 0;
}

/* Closes file and returns it read-only. Where there is no /proc, file itself: spool_fd looks. */
static int
spool_read_only(int file)
{
	int fd = spool_reopen(file);

	if (fd < 0)
		return file;
	fd_close(&file);
	return fd;
}

/* Takes file over. */
static struct store *
spool_map(int file, const struct spool_options *o, struct fail *why)
{
	struct store *s = store_from_fd(spool_read_only(file));

	if (!s)
		fail_errno(why, "cannot map the message held in %s", spool_dir(o));
	return s;
}

/* One step of fd's bytes into file, without a copy in our memory where fd is a pipe. 0 at the end,
 * -1 with why. */
static ssize_t
spool_move(int fd, int file, bool *spliced, const struct spool_options *o, struct fail *why)
{
	static char chunk[SPOOL_CHUNK];
	ssize_t n;

	if (*spliced) {
		do
			n = splice(fd, NULL, file, NULL, SPOOL_STEP, SPLICE_F_MOVE);
		while (n < 0 && errno == EINTR);
		if (n >= 0)
			return n;
		if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
			return spool_write_error(o, why);
		*spliced = false;
	}
	n = fd_read_full(fd, chunk, sizeof chunk);
	if (n < 0)
		return fail_errno(why, "cannot read the message");
	if (n > 0 && fd_write_all(file, chunk, (size_t)n) < 0)
		return spool_write_error(o, why);
	return n;
}

/* start, then the rest of fd, into a file. */
static struct store *
spool_to_file(int fd, struct bytes start, const struct spool_options *o, struct fail *why)
{
	int file = spool_file(o, why);
	bool spliced = true;
	size_t size = start.len;
	ssize_t n;

	if (file < 0)
		return NULL;
	(void)fcntl(fd, F_SETPIPE_SZ, SPOOL_STEP);
	if (fd_write_all(file, start.p, start.len) < 0) {
		spool_write_error(o, why);
		goto fail;
	}
	do {
		n = spool_move(fd, file, &spliced, o, why);
		if (n < 0 || spool_check_size(size += (size_t)n, o, why) < 0)
			goto fail;
	} while (n > 0);
	return spool_map(file, o, why);
fail:
	fd_close(&file);
	return NULL;
}

struct store *
spool_read(int fd, const struct spool_options *o, struct fail *why)
{
	struct buf b = BUF_INIT;
	struct store *s = NULL;

	while (b.len <= o->memory) {
		size_t want = o->memory + 1 - b.len;
		ssize_t n;

		if (want > (b.len ? SPOOL_CHUNK : SPOOL_FIRST))
			want = b.len ? SPOOL_CHUNK : SPOOL_FIRST;
		n = fd_read_full(fd, buf_room(&b, want), want);
		if (n < 0) {
			fail_errno(why, "cannot read the message");
			goto out;
		}
		buf_grew(&b, (size_t)n);
		if (spool_check_size(b.len, o, why) < 0)
			goto out;
		if ((size_t)n < want) {
			s = store_from_buf(&b);
			goto out;
		}
	}
	s = spool_to_file(fd, buf_view(&b), o, why);
out:
	buf_clear(&b);
	return s;
}

int
spool_open(struct spool_writer *w, const struct spool_options *o, struct fail *why)
{
	w->options = *o;
	w->fd = spool_file(o, why);
	return w->fd < 0 ? -1 : 0;
}

void
spool_abandon(struct spool_writer *w)
{
	fd_close(&w->fd);
}

int
spool_copy(int from, size_t size, int to, const struct spool_options *o, struct fail *why)
{
	bool spliced = false;
	ssize_t n = 1;
	off_t at = 0;

	while (n > 0 && (size_t)at < size)
		n = copy_file_range(from, &at, to, NULL, size - (size_t)at, 0);
	/* Not every filesystem, and not from one to another: go on by hand. */
	if (lseek(from, at, SEEK_SET) < 0)
		return fail_errno(why, "cannot read what is to be copied");
	while ((size_t)at < size) {
		n = spool_move(from, to, &spliced, o, why);
		if (n < 0)
			return -1;
		if (n == 0)
			return fail_temp(why, "a file was cut while it was copied");
		at += n;
	}
	return 0;
}

/* The same into a file that nobody else has. */
static struct store *
spool_copy_of(int from, size_t size, const struct spool_options *o, struct fail *why)
{
	int file = spool_file(o, why);

	if (file < 0)
		return NULL;
	if (spool_copy(from, size, file, o, why) == 0)
		return spool_map(file, o, why);
	fd_close(&file);
	return NULL;
}

struct store *
spool_finish(struct spool_writer *w, struct fail *why)
{
	const struct spool_options *o = &w->options;
	struct store *s = NULL;
	struct buf b = BUF_INIT;
	struct stat st;
	ssize_t n;

	if (fstat(w->fd, &st) < 0) {
		fail_errno(why, "cannot read the program's output");
		goto out;
	}
	if (spool_check_size((size_t)st.st_size, o, why) < 0)
		goto out;
	if ((size_t)st.st_size > o->memory) {
		s = spool_copy_of(w->fd, (size_t)st.st_size, o, why);
		goto out;
	}
	n = lseek(w->fd, 0, SEEK_SET) < 0 ? -1
	    : fd_read_full(w->fd, buf_room(&b, (size_t)st.st_size), (size_t)st.st_size);
	if (n < 0) {
		fail_errno(why, "cannot read the program's output");
		goto out;
	}
	buf_grew(&b, (size_t)n);
	s = store_from_buf(&b);
out:
	buf_clear(&b);
	fd_close(&w->fd);
	return s;
}

static bool
spool_is_whole(const struct message *m)
{
	const struct store *s = m->head_store;

	return s && s == m->body_store && s->fd >= 0 && m->head.p == s->bytes.p
	    && m->body.p == m->head.p + m->head.len && message_size(m) == s->bytes.len;
}

static int
spool_write_message(int fd, const struct message *m, const struct spool_options *o,
    struct fail *why)
{
	if (fd_write_all(fd, m->head.p, m->head.len) < 0
	    || fd_write_all(fd, m->body.p, m->body.len) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return spool_write_error(o, why);
	return 0;
}

/* -1 with errno alone: the caller uses a file instead. */
static int
spool_memfd(const struct message *m)
{
	int fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct fail ignored = { 0 };
	const struct spool_options none = { 0 };

	if (fd < 0)
		return -1;
	if (spool_write_message(fd, m, &none, &ignored) < 0
	    || fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		fd_close(&fd);
	return fd;
}

int
spool_fd(const struct message *m, const struct spool_options *o, struct fail *why)
{
	int file, fd = -1;

	if (spool_is_whole(m))
		fd = spool_reopen(m->head_store->fd);
	if (fd < 0 && message_size(m) <= o->memory)
		fd = spool_memfd(m);
	if (fd >= 0)
		return fd;
	file = spool_file(o, why);
	if (file < 0)
		return -1;
	if (spool_write_message(file, m, o, why) == 0) {
		fd = spool_reopen(file);
		if (fd < 0)
			fail_errno(why, "cannot open a temporary file again (is /proc there?)");
	}
	fd_close(&file);
	return fd;
}
