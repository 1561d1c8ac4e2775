#include "base/title.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

extern char **environ;

static struct {
	char *room;
	size_t size;
} title;

/* Strings that follow each other in memory belong to the room; each is replaced by a copy. */
static char *
title_take(char *s, char *end)
{
	if (s != end)
		return end;
	return s + strlen(s) + 1;
}

void
title_init(int argc, char **argv)
{
	char *end, **copies;
	size_t n = 0;

	if (argc < 1 || title.room)
		return;
	end = argv[0];
	for (int i = 0; i < argc; i++)
		end = title_take(argv[i], end);
	while (environ[n])
		end = title_take(environ[n++], end);
	title.room = argv[0];
	title.size = (size_t)(end - argv[0]);
	for (int i = 0; i < argc; i++)
		argv[i] = mem_string(argv[i]);
	copies = mem_array(n + 1, sizeof *copies);
	for (size_t i = 0; i < n; i++)
		copies[i] = mem_string(environ[i]);
	environ = copies;
}

void
title_set(const char *fmt, ...)
{
	va_list ap;

	if (!title.room)
		return;
	/* The kernel shows the whole room: what an older title left behind must go. */
	memset(title.room, 0, title.size);
	va_start(ap, fmt);
	vsnprintf(title.room, title.size, fmt, ap);
	va_end(ap);
}
