/*
 * ctltrap.h - what is wrong with an rcfile, or will surprise its author: errors and traps.
 *
 * Looks at the text and at its tree (recipe/ast.h), and at those of the files that it includes;
 * starts nothing and asks no message.
 */
#ifndef TOOLS_CTLTRAP_H
#define TOOLS_CTLTRAP_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/mem.h"
#include "recipe/ast.h"

enum ctltrap_level {
	CTLTRAP_HINT,    /* works; there is a better way */
	CTLTRAP_TRAP,    /* does not do what it seems to */
	CTLTRAP_ERROR    /* not understood, or deferred */
};

struct ctltrap {
	struct ctltrap *next;
	enum ctltrap_level level;
	int line;            /* from 1 */
	size_t column;       /* bytes, from 1 */
	size_t length;       /* bytes that are meant, on that line; 1 at least */
	const char *name;    /* of the rule */
	const char *text;    /* what happens */
	const char *instead; /* what to write; "" when text says all */
};

/* A file and all that was found in it, in the order of its lines. */
struct ctltrap_file {
	struct ctltrap_file *next;   /* included by this file or by one behind it in the list */
	const char *name;
	struct bytes text;
	struct buf own;              /* text, of a file that was included */
	struct tree *tree;
	struct arena *arena;
	struct ctltrap *first;
	dev_t dev;                   /* of what was included; 0 of the first */
	ino_t ino;
};

/* name and text are borrowed. Files that it includes, by names that are known without a message,
 * are read, too, and stand behind it in the list; none does twice. */
void ctltrap_read(struct ctltrap_file *f, const char *name, struct bytes text);
/* The list, all but f itself, and what f holds. */
void ctltrap_clear(struct ctltrap_file *f);
/* For the rules: appends a file to the list that f is in. NULL when it cannot be read. */
struct ctltrap_file *ctltrap_include(struct ctltrap_file *f, const char *path);
const char *ctltrap_level_name(enum ctltrap_level level);
/* The bytes of one line, without its end. */
struct bytes ctltrap_line(const struct ctltrap_file *f, int line);

/* For the rules (ctlrules.c): adds one at the first place behind the start of line that reads
 * token (in that line or those that continue it), or at the line's first word. */
struct ctltrap *ctltrap_add(struct ctltrap_file *f, enum ctltrap_level level, const char *name,
    int line, struct bytes token, const char *text, const char *instead);
/* Text of the file's own, as printf. */
const char *ctltrap_say(struct ctltrap_file *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
