/*
 * ast.h - an rcfile as a tree: what the parser makes and the evaluator walks.
 *
 * Constant once built, apart from the compiled regular expressions that conditions keep.  All of it
 * lives in the tree's arena; strings are NUL-terminated and not yet expanded.
 */
#ifndef RECIPE_AST_H
#define RECIPE_AST_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/mem.h"
#include "recipe/regex.h"

/* Text that is expanded when it is used: a list of pieces. */
enum piece_kind {
	PIECE_TEXT,    /* text as it stands; quoted and empty: a word that is there all the same */
	PIECE_BLANK,   /* unquoted white space: words end here */
	PIECE_VAR,     /* $NAME, ${NAME} */
	PIECE_SPECIAL, /* $1 $$ $# $? $_ $- $=: text is that character */
	PIECE_ARGS,    /* $@ in double quotes; quoted: it ends a word, as "$@" does */
	PIECE_COMMAND  /* `program`: its output */
};

/* ${NAME-other} and the like. */
enum piece_test {
	PIECE_PLAIN,
	PIECE_IF_UNSET,  /* ${NAME-other} */
	PIECE_IF_EMPTY,  /* ${NAME:-other} */
	PIECE_IF_SET,    /* ${NAME+other} */
	PIECE_IF_FULL    /* ${NAME:+other} */
};

struct piece {
	struct piece *next;
	enum piece_kind kind;
	enum piece_test test;
	bool quoted;             /* never split into words */
	bool escaped;            /* $\NAME */
	bool unclosed;           /* ${NAME-other without its brace */
	bool prefix;             /* TEXT in front of the first word, which is still to begin */
	const char *text;        /* TEXT, BLANK: the text; VAR: the name */
	struct piece *other;
	struct program *program; /* COMMAND */
};

/* The first line of a recipe, understood. */
struct flags {
	bool head, body, distinguish;              /* H B D */
	bool and_then, and_ok, or_else, or_error;  /* A a E e */
	bool feed_head, feed_body;                 /* h b */
	bool filter, copy, wait, quiet, ignore, raw;   /* f c w W i r */
	bool lock;                                 /* a local lockfile is wanted */
	const char *lockname;                      /* NULL: made from the folder's name */
};

enum cond_kind {
	COND_EMPTY,      /* nothing is left: holds */
	COND_REGEX,
	COND_SHORTER,    /* < */
	COND_LONGER,     /* > */
	COND_PROGRAM,    /* ? */
	COND_EXPAND      /* $: the rest is expanded, then read again */
};

enum cond_area {
	COND_AREA_FLAGS,     /* as the recipe's flags say */
	COND_AREA_PARTS,     /* H ?? B ?? HB ?? BH ?? */
	COND_AREA_VARIABLE,
	COND_AREA_SELECTOR
};

struct cond {
	struct cond *next;
	int line;
	const char *source;      /* the whole condition, for the log */
	size_t length;           /* bytes in the rcfile, for LINEBUF */
	bool weighted, negated;
	double weight, exponent;
	enum cond_area area;
	bool head, body;         /* COND_AREA_PARTS */
	const char *variable;    /* COND_AREA_VARIABLE */
	int selector;            /* COND_AREA_SELECTOR: enum selector, */
	struct piece *argument;  /* and its argument, expanded when asked */
	enum cond_kind kind;
	const char *text;        /* what follows */
	struct piece *pieces;    /* COND_EXPAND: text, SHORTER, LONGER: number, taken apart */
	struct program *program; /* COND_PROGRAM */
	struct regex *regex;     /* COND_REGEX: compiled at first use */
	bool regex_distinguish;  /* with flag D */
};

/* A program line: the shell gets it as it stands, else its words are expanded. */
struct program {
	const char *line;
	struct piece *words;
	bool unclosed;           /* a quote in it never ends */
};

enum action_kind {
	ACTION_NONE,             /* missing: the recipe never holds, unless it is cut_off */
	ACTION_FOLDER,
	ACTION_FORWARD,
	ACTION_PROGRAM,
	ACTION_STDOUT,           /* a lone | */
	ACTION_CAPTURE,          /* VAR=| */
	ACTION_CAPTURE_FORWARD,  /* VAR=!: what SENDMAIL says */
	ACTION_BLOCK,
	ACTION_VERB
};

struct action {
	enum action_kind kind;
	bool cut_off;            /* missing at the end of the file: A and E see that it held */
	int line;
	size_t length;           /* bytes of its line in the rcfile, for LINEBUF */
	struct piece *words;     /* FOLDER, FORWARD, CAPTURE_FORWARD; VERB: its text */
	struct program *program; /* PROGRAM, CAPTURE */
	const char *variable;    /* the CAPTUREs: NULL when nothing is to be set */
	int verb;                /* VERB: enum verb; VERB_NONE: unknown, name tells */
	const char *name;
	struct node *block;
	bool closed;             /* BLOCK: its closing brace is there */
};

enum node_kind {
	NODE_ASSIGN, NODE_UNSET, NODE_RECIPE,
	NODE_STRAY               /* a verb where no recipe is: a mistake, and the mail waits */
};

struct node {
	struct node *next;
	enum node_kind kind;
	int line;
	const char *name;        /* ASSIGN, UNSET; STRAY: the verb's */
	struct piece *value;     /* ASSIGN; RECIPE: the text of its first line */
	size_t length;           /* bytes of the value in the rcfile, for LINEBUF */
	struct flags *flags;     /* RECIPE: NULL when the first line has to be expanded first */
	struct cond *conds;
	struct action action;
};

struct complaint {
	struct complaint *next;
	int line;
	bool hint;               /* procmail is silent here: said with VERBOSE, or when asked */
	const char *text;
};

struct tree {
	struct arena *arena;
	const char *file;        /* borrowed */
	struct node *first;
	struct complaint *complaints;
	struct complaint **complaints_end;
	struct regex **regexes;
	size_t nregexes;
	/* What the file's recipes may be missing for, or match nothing: a quote or block that is
	 * never closed, a quote that goes on over recipes, a recipe without an action, a condition
	 * without a recipe, CR LF, a byte order mark; NULL: nothing. */
	const struct complaint *torn;
};

struct tree *ast_new(const char *file);
void ast_free(struct tree **tree);
/* The pieces are one constant text (or none at all): *text_r is it. */
bool ast_is_constant(const struct piece *pieces);
struct complaint *ast_complain(struct tree *tree, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
struct complaint *ast_hint(struct tree *tree, int line, const char *text);
/* The first that is said counts: what follows may come from it. */
void ast_torn(struct tree *tree, const struct complaint *why);
/* The tree frees re when it is freed. */
void ast_keep_regex(struct tree *tree, struct regex *re);
/* The tree in words, one statement a line, blocks indented: for explain and tests. */
void ast_print(const struct tree *tree, struct buf *out);

#endif
