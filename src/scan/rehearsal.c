#include "scan/rehearsal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "scan/mappings.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* proc_pid_pagemap(5): a page that is there; and that is nobody else's. */
#define REHEARSAL_THERE ((uint64_t)1 << 63)
#define REHEARSAL_OWN (REHEARSAL_THERE | (uint64_t)1 << 56)
#define REHEARSAL_GAP 2         /* pages between two runs that cost less than a call of their own */
#define REHEARSAL_SHORTEST 2    /* pages in a run; one alone is as well a fault */
#define REHEARSAL_CHUNK 256     /* pages looked up by one read */

struct rehearsal_search {
	struct rehearsal *found;
	int pagemap;
	uintptr_t page;                /* bytes */
	struct rehearsal_run run;      /* what grows; end 0: none */
};

/* Takes the place of the shortest if all are taken. */
static void
rehearsal_keep(struct rehearsal *r, const struct rehearsal_run *run)
{
	struct rehearsal_run *least = r->run;

	if (r->n < REHEARSAL_RUNS) {
		r->run[r->n++] = *run;
		return;
	}
	for (size_t i = 1; i < REHEARSAL_RUNS; i++)
		if (r->run[i].end - r->run[i].start < least->end - least->start)
			least = &r->run[i];
	if (run->end - run->start > least->end - least->start)
		*least = *run;
}

static void
rehearsal_close_run(struct rehearsal_search *s)
{
	if (s->run.end - s->run.start >= REHEARSAL_SHORTEST * s->page)
		rehearsal_keep(s->found, &s->run);
	s->run.start = s->run.end = 0;
}

static void
rehearsal_page(struct rehearsal_search *s, uintptr_t at)
{
	if (s->run.end == 0 || at - s->run.end > REHEARSAL_GAP * s->page) {
		rehearsal_close_run(s);
		s->run.start = at;
	}
	s->run.end = at + s->page;
}

static void
rehearsal_visit(void *ctx, const struct mapping *m)
{
	struct rehearsal_search *s = ctx;
	const uint64_t wanted = m->writable ? REHEARSAL_OWN : REHEARSAL_THERE;
	uint64_t entry[REHEARSAL_CHUNK];
	uintptr_t at = m->start;
	ssize_t got;

	s->run.written = m->writable;
	while (at < m->end) {
		size_t left = (m->end - at) / s->page;

		got = pread(s->pagemap, entry, sizeof *entry
		    * (left < REHEARSAL_CHUNK ? left : REHEARSAL_CHUNK),
		    (off_t)(at / s->page * sizeof *entry));
		if (got < (ssize_t)sizeof *entry)
			break;
		for (size_t i = 0; i < (size_t)got / sizeof *entry; i++, at += s->page)
			if ((entry[i] & wanted) == wanted)
				rehearsal_page(s, at);
	}
	rehearsal_close_run(s);
}

/* In the process that has worked. */
static void
rehearsal_look(struct rehearsal *r)
{
	struct rehearsal_search s = { .found = r, .page = (uintptr_t)sysconf(_SC_PAGESIZE) };

	r->n = 0;
	s.pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (s.pagemap < 0)
		return;
	mappings_each(rehearsal_visit, &s);
	fd_close(&s.pagemap);
}

void
rehearsal_learn(struct rehearsal *r, void (*work)(void *ctx), void *ctx)
{
	int ends[2], status;
	pid_t pid;

	r->n = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		work(ctx);
		rehearsal_look(r);
		_exit(fd_write_all(ends[1], r, sizeof *r) < 0);
	}
	fd_close(&ends[1]);
	if (pid < 0 || fd_read_full(ends[0], r, sizeof *r) != (ssize_t)sizeof *r
	    || r->n > REHEARSAL_RUNS)
		r->n = 0;
	fd_close(&ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}

void
rehearsal_repeat(const struct rehearsal *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (madvise((void *)r->run[i].start, r->run[i].end - r->run[i].start,
		    r->run[i].written ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) < 0
		    && errno == EINVAL)
			return;
}
