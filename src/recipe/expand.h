/*
 * expand.h - pieces to text or words, at run time. Backquotes run through the host.
 */
#ifndef RECIPE_EXPAND_H
#define RECIPE_EXPAND_H

#include "recipe/ast.h"

struct interp;

/* Words for exec or a list of folders. */
struct expand_words {
	struct buf text;          /* the words, each ended by NUL */
	const char **argv;        /* NULL-terminated once expand_words returned */
	size_t n;
	size_t args_at, args_n;   /* which of them "$@" became; args_n 0: there was none */
	struct buf args_shown;    /* what LASTFOLDER shows in their place */
	const char *option;       /* NULL, or a word whose leading - stands in no rcfile */
};

/* As one text: a run of blanks between words becomes one blank, unless keep_blanks. before: bytes
 * of the line that stand in front of it; output of programs beyond LINEBUF is cut, and
 * PROCMAIL_OVERFLOW says so. True: all of it stands in rcfiles, nothing came with the mail. */
bool expand_text(struct interp *in, const struct piece *pieces, size_t before, bool keep_blanks,
    struct buf *out);
/* arguments: the last "$@" becomes the words of interp_arguments; without, an empty word. */
void expand_words(struct interp *in, const struct piece *pieces, bool arguments,
    struct expand_words *out);
void expand_words_clear(struct expand_words *words);

#endif
