#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define FD_READ_STEP 65536
#define FD_UNLINKS 3
#define FD_READ_FIRST 4096   /* most files are small, and each page costs */

int
fd_write_all(int fd, const void *p, size_t len)
{
	const char *s = p;

	while (len > 0) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t
fd_read_full(int fd, void *p, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)p + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

int
fd_read_all(int fd, size_t max, struct buf *out)
{
	size_t start = out->len;

	for (;;) {
		size_t step = out->len == start ? FD_READ_FIRST : FD_READ_STEP;
		ssize_t n = fd_read_full(fd, buf_room(out, step), step);

		if (n < 0)
			return -1;
		buf_grew(out, (size_t)n);
		if (out->len - start > max) {
			errno = EFBIG;
			return -1;
		}
		if ((size_t)n < step)
			return 0;
	}
}

int
fd_read_file(const char *path, size_t max, struct buf *out)
{
	struct stat st;
	int rc = -1, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		else
			rc = fd_read_all(fd, max, out);
	}
	fd_close(&fd);
	return rc;
}

bool
fd_has_name(int fd, int dir, const char *name)
{
	struct stat file, named;
	int saved = errno;
	bool same = fstat(fd, &file) == 0 && fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0
	    && file.st_dev == named.st_dev && file.st_ino == named.st_ino;

	errno = saved;
	return same;
}

void
fd_unlink(int dir, const char *name)
{
	int saved = errno;

	for (int i = 0; i < FD_UNLINKS; i++)
		if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
			break;
	errno = saved;
}

void
fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static int
fd_send_flags(int sock, const void *p, size_t len, int passed, int flags)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)(size_t)p, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (passed >= 0) {
		struct cmsghdr *c;

		msg.msg_control = control.room;
		msg.msg_controllen = sizeof control.room;
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &passed, sizeof(int));
	}
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL | flags);
	while (n < 0 && errno == EINTR);
	if (n >= 0 && (size_t)n != len)
		errno = EMSGSIZE;
	return n == (ssize_t)len ? 0 : -1;
}

int
fd_send(int sock, const void *p, size_t len, int passed)
{
	return fd_send_flags(sock, p, len, passed, 0);
}

int
fd_send_now(int sock, const void *p, size_t len, int passed)
{
	return fd_send_flags(sock, p, len, passed, MSG_DONTWAIT);
}

ssize_t
fd_recv(int sock, void *p, size_t len, int *passed)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { p, len };
	/* CMSG_SPACE pads: with all of it the kernel would hand over a second descriptor. */
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = CMSG_LEN(sizeof(int)) };
	ssize_t n;

	*passed = -1;
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			memcpy(passed, CMSG_DATA(c), sizeof(int));
	return n;
}
