/*
 * invocation.h - a formail command line, taken apart.
 */
#ifndef FORMAIL_INVOCATION_H
#define FORMAIL_INVOCATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/mem.h"

/* One field argument.  Everything is borrowed from argv. */
struct invocation_field {
	char option;          /* a A i I u U x X R */
	struct bytes name;    /* with its colon; without one it stands for names that begin so */
	bool whole;           /* a whole name: ends in a colon, or is "From " */
	bool bare;            /* nothing behind the name */
	struct bytes text;    /* name and contents as given */
	struct bytes to;      /* R: the new name */
};

struct invocation {
	bool no_escape;       /* -b */
	bool concatenate;     /* -c */
	bool force;           /* -f */
	bool keep_body;       /* -k */
	bool reply;           /* -r */
	bool trust;           /* -t */
	bool resent;          /* -a Resent-, which -t must precede */
	bool zap;             /* -z */
	bool no_length;       /* -Y */
	bool extract;         /* any of -x -X */
	bool extract_whole;   /* any -X */
	const char *cache;    /* -D; NULL: none */
	long cache_size;
	struct invocation_field *fields;   /* in the order given */
	size_t count;
};

/* False when the call is not one that this directory does exactly. */
bool invocation_parse(const char *const *argv, struct arena *arena, struct invocation *inv);
bool invocation_fits(const struct invocation_field *f, struct bytes text);
/* The first field argument of that option whose name fits the field text; NULL: none does. */
const struct invocation_field *invocation_match(const struct invocation *inv, char option,
    struct bytes text);

#endif
