#include "proc/memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "mail/spool.h"

int
memory_deal(struct memory *m, size_t size)
{
	m->next = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	/* Whoever holds one that can only read shall not open it again to write. */
	if (m->next >= 0 && (fchmod(m->next, 0444) < 0 || ftruncate(m->next, (off_t)size) < 0
	    || fcntl(m->next, F_ADD_SEALS, F_SEAL_GROW) < 0))
		fd_close(&m->next);
	return m->next < 0 ? -1 : 0;
}

int
memory_take(struct memory *m, size_t size, unsigned long serial)
{
	struct stat st;
	int fd;

	if (m->next < 0 || m->n == MEMORY_HELD_MAX || fstat(m->next, &st) < 0
	    || size > (size_t)st.st_size)
		return -1;
	/* Not against shrinking, or it could not be emptied: nobody else has it to write, but the
	 * session, whose cell has no such call. It fails while a mapping can still write. */
	if (ftruncate(m->next, (off_t)size) < 0 || fcntl(m->next, F_ADD_SEALS, F_SEAL_WRITE) < 0)
		return -1;
	fd = spool_reopen(m->next);
	if (fd < 0)
		return -1;
	m->held[m->n++] = (struct memory_held){ .fd = m->next, .serial = serial };
	m->next = -1;
	return fd;
}

void
memory_read_by(struct memory *m, unsigned long serial, pid_t reader)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->held[i].serial == serial)
			m->held[i].reader = reader;
}

void
memory_reader_ended(struct memory *m, pid_t pid, bool early)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->held[i].reader == pid) {
			m->held[i].reader = 0;
			m->held[i].left |= early;
		}
}

void
memory_leave(struct memory *m, unsigned long serial)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->held[i].serial == serial)
			m->held[i].left = true;
}

void
memory_sweep(struct memory *m, unsigned long at_hand,
    bool (*used)(const void *ctx, unsigned long serial), const void *ctx)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct memory_held *h = &m->held[i];

		if (h->serial == at_hand || h->reader > 0 || used(ctx, h->serial)) {
			m->held[kept++] = *h;
			continue;
		}
		/* If it could not be emptied it would be held by us, too. */
		if (!h->left && ftruncate(h->fd, 0) < 0)
			m->held[kept++] = *h;
		else
			fd_close(&h->fd);
	}
	m->n = kept;
}
