#include "scan/mappings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sanitized.h"

/* "START-END RIGHTS OFFSET DEVICE INODE ", perhaps with a name. */
static bool
mappings_line(const char *line, struct mapping *m)
{
	char *p;

	m->start = strtoul(line, &p, 16);
	m->end = *p == '-' ? strtoul(p + 1, &p, 16) : 0;
	if (m->end <= m->start || strlen(p) < 6 || p[1] != 'r' || p[4] != 'p')
		return false;
	m->writable = p[2] == 'w';
	for (int i = 0; i < 3 && p; i++)
		p = strchr(p + 1, ' ');
	m->anonymous = p && strtoul(p, &p, 10) == 0 && !strstr(p, "[stack");
	return true;
}

void
mappings_each(void (*visit)(void *ctx, const struct mapping *m), void *ctx)
{
	/* A sanitizer's shadow of the memory is terabytes of mappings, which are none of ours. */
	FILE *f = SANITIZED ? NULL : fopen("/proc/self/maps", "re");
	struct mapping m;
	char line[512];

	if (!f)
		return;
	while (fgets(line, sizeof line, f))
		if (mappings_line(line, &m))
			visit(ctx, &m);
	fclose(f);
}
