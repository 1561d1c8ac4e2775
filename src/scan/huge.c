#include "scan/huge.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define HUGE_PAGE ((uintptr_t)2 << 20)
/* A sanitizer's shadow of the memory is terabytes of mappings, which this would fill. */
#if defined(__SANITIZE_ADDRESS__)
#define HUGE_POSSIBLE false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HUGE_POSSIBLE false
#endif
#endif
#ifndef HUGE_POSSIBLE
#define HUGE_POSSIBLE true
#endif
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

/* "START-END rw-p OFFSET DEVICE 0 ", perhaps with a name: private memory that is no file's. */
static void
huge_line(const char *line)
{
	char *p;
	const uintptr_t start = strtoul(line, &p, 16);
	const uintptr_t end = *p == '-' ? strtoul(p + 1, &p, 16) : 0;

	if (strncmp(p, " rw-p ", 6) != 0 || strstr(p, "[stack"))
		return;
	for (int i = 0; i < 3 && p; i++)
		p = strchr(p + 1, ' ');
	if (p && strtoul(p, &p, 10) == 0)
		huge_mapping(start, end);
}

void
huge_collapse(void)
{
	FILE *f = HUGE_POSSIBLE ? fopen("/proc/self/maps", "re") : NULL;
	char line[512];

	if (!f)
		return;
	while (fgets(line, sizeof line, f))
		huge_line(line);
	fclose(f);
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
