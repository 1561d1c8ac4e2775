#include "core/store.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/mem.h"

struct store *
store_from_buf(struct buf *b)
{
	struct store *s = mem_zero(sizeof *s);

	s->bytes.len = b->len;
	s->bytes.p = buf_take(b);
	s->refs = 1;
	s->fd = -1;
	return s;
}

struct store *
store_from_fd(int fd)
{
	struct store *s;
	struct stat st;
	void *p = NULL;

	if (fstat(fd, &st) < 0)
		goto fail;
	if (st.st_size < 0 || (uintmax_t)st.st_size > SIZE_MAX) {
		errno = EFBIG;
		goto fail;
	}
	if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
		if (p == MAP_FAILED)
			goto fail;
	}
	s = mem_zero(sizeof *s);
	s->bytes = (struct bytes){ p ? p : "", (size_t)st.st_size };
	s->mapped = (size_t)st.st_size;
	s->refs = 1;
	s->fd = fd;
	return s;
fail:
	fd_close(&fd);
	return NULL;
}

struct store *
store_ref(struct store *s)
{
	s->refs++;
	return s;
}

void
store_unref(struct store **store)
{
	struct store *s = *store;

	*store = NULL;
	if (!s || --s->refs > 0)
		return;
	if (s->mapped)
		munmap((void *)(uintptr_t)s->bytes.p, s->mapped);
	else if (s->fd < 0)
		free((void *)(uintptr_t)s->bytes.p);
	fd_close(&s->fd);
	free(s);
}
