/*
 * regex_prog.h - a compiled pattern: the nodes of a nondeterministic automaton and what is known
 * about every match.  Inside of regex*.c only.
 */
#ifndef RECIPE_REGEX_PROG_H
#define RECIPE_REGEX_PROG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "recipe/regex_need.h"

enum regex_op {
	REGEX_OP_JUMP,      /* to next */
	REGEX_OP_EMPTY,     /* to next too: an empty alternative; gone after parsing */
	REGEX_OP_SPLIT,     /* to next, then to alt: the order decides in odd patterns with \/ */
	REGEX_OP_MARK,      /* \/ */
	REGEX_OP_ACCEPT,
	REGEX_OP_BYTE,      /* one byte, folded */
	REGEX_OP_CLASS,     /* one byte of classes[set] */
	REGEX_OP_TEXT_START,    /* ^^: consumes the virtual newline before the text */
	REGEX_OP_TEXT_END       /* ^^ as the last thing: the same, or the text ends here */
};

#define REGEX_NONE UINT32_MAX

struct regex_node {
	uint8_t op;         /* enum regex_op */
	uint8_t byte;
	uint32_t next;
	union {
		uint32_t alt;   /* SPLIT */
		uint32_t set;   /* CLASS */
	};
};

struct regex_class {
	uint64_t bits[4];
};

/* Symbols the automaton eats: byte classes 0 ... nsymbols - 1, and the two virtual newlines. */
#define REGEX_LINES_MANY 3      /* a match may hold this many newlines or more */

struct regex_prog {
	struct regex_node *nodes;
	uint32_t n, start;
	struct regex_class *classes;
	uint32_t nclasses;
	const uint8_t *fold;    /* text byte -> the byte that BYTE nodes hold */
	uint16_t symbol[256];   /* text byte -> its symbol */
	uint8_t sample[256];    /* symbol -> one of its bytes */
	uint16_t nsymbols;
	bool has_mark;          /* \/ occurs */
	bool odd_mark; /* more than once, or in a group: MATCH follows procmail's accidents */
	int lines;              /* newlines a match can hold, up to REGEX_LINES_MANY */
	struct regex_need need; /* of which every match holds one; count 0: unknown */
};

static inline bool
regex_class_has(const struct regex_class *set, unsigned char c)
{
	return set->bits[c >> 6] >> (c & 63) & 1;
}

static inline void
regex_class_put(struct regex_class *set, unsigned char c, bool value)
{
	uint64_t bit = (uint64_t)1 << (c & 63);

	if (value)
		set->bits[c >> 6] |= bit;
	else
		set->bits[c >> 6] &= ~bit;
}

#endif
