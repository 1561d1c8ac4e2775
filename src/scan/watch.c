#include "scan/watch.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* A sanitizer's runtime makes its report directory with our mkdir before it is ready for
 * instrumented code. */
#define WATCH_PLAIN __attribute__((no_sanitize("address"), no_sanitize("undefined")))

static int watch_first;

void
watch_reset(void)
{
	watch_first = 0;
}

int
watch_error(void)
{
	return watch_first;
}

WATCH_PLAIN static void
watch_note(int error)
{
	if (watch_first == 0)
		watch_first = error ? error : EIO;
}

/* The C library's function of that name, through memcpy: ISO C knows no cast from object to
 * function pointer. */
WATCH_PLAIN static void
watch_find(const char *name, void *function, size_t size)
{
	void *p = dlsym(RTLD_NEXT, name);

	memcpy(function, &p, size);
}

#define WATCH_NEXT(type, ...) \
	static type (*next)(__VA_ARGS__); \
	if (!next) \
		watch_find(__func__, &next, sizeof next)

/* What we replace has these names in libclamav's object code; some have no declaration by it. */
FILE *fopen64(const char *, const char *);
int open64(const char *, int, ...);
int ftruncate64(int, off_t);

WATCH_PLAIN ssize_t
write(int fd, const void *p, size_t len)
{
	WATCH_NEXT(ssize_t, int, const void *, size_t);
	ssize_t n = next(fd, p, len);

	if (n < 0 && errno != EINTR && errno != EAGAIN)
		watch_note(errno);
	return n;
}

WATCH_PLAIN int
open64(const char *path, int flags, ...)
{
	WATCH_NEXT(int, const char *, int, ...);
	mode_t mode = 0;
	va_list ap;
	int fd;

	va_start(ap, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(ap, mode_t);
	va_end(ap);
	fd = next(path, flags, mode);
	/* A file that cannot be read may just not be there. */
	if (fd < 0 && ((flags & O_ACCMODE) != O_RDONLY || errno == EMFILE || errno == ENFILE ||
	    errno == ENOMEM || errno == EIO))
		watch_note(errno);
	return fd;
}

WATCH_PLAIN FILE *
fopen64(const char *path, const char *mode)
{
	WATCH_NEXT(FILE *, const char *, const char *);
	FILE *f = next(path, mode);

	if (!f && (*mode != 'r' || strchr(mode, '+')))
		watch_note(errno);
	return f;
}

/* Fails also when an earlier write to the stream did. */
WATCH_PLAIN int
fclose(FILE *f)
{
	WATCH_NEXT(int, FILE *);
	int rc;

	errno = 0;
	rc = next(f);
	if (rc != 0)
		watch_note(errno);
	return rc;
}

WATCH_PLAIN int
ftruncate64(int fd, off_t length)
{
	WATCH_NEXT(int, int, off_t);
	int rc = next(fd, length);

	if (rc < 0)
		watch_note(errno);
	return rc;
}

WATCH_PLAIN int
mkdir(const char *path, mode_t mode)
{
	WATCH_NEXT(int, const char *, mode_t);
	int rc = next(path, mode);

	if (rc < 0)
		watch_note(errno);
	return rc;
}

WATCH_PLAIN int
dup(int fd)
{
	WATCH_NEXT(int, int);
	int rc = next(fd);

	if (rc < 0)
		watch_note(errno);
	return rc;
}
