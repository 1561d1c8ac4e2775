#include "scan/huge.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "scan/mappings.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define HUGE_PAGE ((uintptr_t)2 << 20)
#define HUGE_WORTH ((uintptr_t)16 << 20)  /* bytes in one mapping; less is not worth the time */

/* 2 MB by 2 MB: one call for all stops at the first piece that cannot be moved. */
static void
huge_mapping(uintptr_t start, uintptr_t end)
{
	start = (start + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
	end &= ~(HUGE_PAGE - 1);
	if (end <= start || end - start < HUGE_WORTH)
		return;
	if (madvise((void *)start, end - start, MADV_HUGEPAGE) < 0)
		return;
	for (; start < end; start += HUGE_PAGE)
		madvise((void *)start, HUGE_PAGE, MADV_COLLAPSE);
}

static void
huge_visit(void *ctx, const struct mapping *m)
{
	(void)ctx;
	if (m->writable && m->anonymous)
		huge_mapping(m->start, m->end);
}

void
huge_collapse(void)
{
	mappings_each(huge_visit, NULL);
}

static void
huge_value(const char *line, const char *name, unsigned long *kb_r)
{
	if (strncmp(line, name, strlen(name)) == 0)
		*kb_r = strtoul(line + strlen(name), NULL, 10);
}

void
huge_measure(unsigned long *resident_r, unsigned long *huge_r)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "re");
	char line[256];

	*resident_r = *huge_r = 0;
	if (!f)
		return;
	while (fgets(line, sizeof line, f)) {
		huge_value(line, "Rss:", resident_r);
		huge_value(line, "AnonHugePages:", huge_r);
	}
	fclose(f);
}
