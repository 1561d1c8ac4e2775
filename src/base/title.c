#include "base/title.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

extern char **environ;

static struct {
	char *room;
	size_t size;
	char *volatile copy;  /* of what stood there, to the end; a leak checker must find it */
} title;

/* Strings that follow each other in memory belong to the room. */
static char *
title_take(char *s, char *end)
{
	if (s != end)
		return end;
	return s + strlen(s) + 1;
}

static void
title_move(char **s)
{
	if (*s >= title.room && *s < title.room + title.size)
		*s = title.copy + (*s - title.room);
}

void
title_init(int argc, char **argv)
{
	char *end;

	if (argc < 1 || title.room)
		return;
	end = argv[0];
	for (int i = 0; i < argc; i++)
		end = title_take(argv[i], end);
	for (char **e = environ; *e; e++)
		end = title_take(*e, end);
	title.room = argv[0];
	title.size = (size_t)(end - argv[0]);
	title.copy = mem_copy((struct bytes){ title.room, title.size });
	for (int i = 0; i < argc; i++)
		title_move(&argv[i]);
	for (char **e = environ; *e; e++)
		title_move(e);
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
