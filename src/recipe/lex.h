/*
 * lex.h - the bytes of an rcfile as characters, lines and words.
 *
 * Knows quotes, backslashes, continued lines, comments, ${...} and backquotes; executes nothing.
 * Nothing here fails: what is malformed becomes a complaint of the tree and the text that procmail
 * would make of it.
 */
#ifndef RECIPE_LEX_H
#define RECIPE_LEX_H

#include "recipe/ast.h"

#define LEX_DEPTH_MAX 32   /* ${A:-${B:-...}} and backquotes inside backquotes */

/* How far a text goes and what its blanks mean. */
enum lex_mode {
	LEX_WORD,     /* to the next unquoted white space: the value of an assignment */
	LEX_LINE,     /* to the end of the line, blanks are pieces; # begins a comment */
	LEX_QUOTED,   /* all there is, as if behind an opening double quote */
	LEX_VERB      /* all there is; a quote that never closes stands for itself */
};

struct lex {
	struct tree *tree;
	struct bytes text;
	size_t pos;
	int line;          /* of the next character, counted from 1 */
	int depth;
	struct complaint *unclosed;  /* the last text ended inside quotes; or NULL */
};

void lex_init(struct lex *lx, struct tree *tree, struct bytes text, int line);
/* The next character, or one behind it, as unsigned char; -1 at the end. */
int lex_peek(const struct lex *lx);
int lex_ahead(const struct lex *lx, size_t n);
int lex_get(struct lex *lx);
/* If the next character is c, takes it. */
bool lex_take(struct lex *lx, char c);
void lex_blanks(struct lex *lx);
void lex_skip_line(struct lex *lx);
/* Text to be expanded later. The newline that ended it is not taken. */
struct piece *lex_pieces(struct lex *lx, enum lex_mode mode);
/* A name of a variable ([A-Za-z_][A-Za-z0-9_]*), "" if there is none. */
const char *lex_name(struct lex *lx);
bool lex_is_name(int c, bool first);
/* The rest of the line with its backslash-newlines kept; the newline is taken. */
struct bytes lex_raw_line(struct lex *lx);
/* Such a line for who reads it line by line: a line that holds nothing but its backslash has lost
 * it, and ends the one before. */
struct bytes lex_continued(struct arena *arena, struct bytes line);
/* A program line (what follows | or ?), its words taken apart. */
struct program *lex_program(struct tree *tree, struct bytes line, int number, int depth);

#endif
