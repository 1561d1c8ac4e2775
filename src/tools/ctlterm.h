/*
 * ctlterm.h - text for a person's terminal: colours, strangers' words, tables.
 *
 * Whatever a stranger sent is shown through ctlterm_text: no byte of it drives the terminal.
 */
#ifndef TOOLS_CTLTERM_H
#define TOOLS_CTLTERM_H

#include <stdbool.h>

#include "base/buf.h"

enum ctlterm_colour {
	CTLTERM_PLAIN, CTLTERM_BOLD, CTLTERM_DIM, CTLTERM_GOOD, CTLTERM_BAD, CTLTERM_WARN,
	CTLTERM_NAME
};

/* Looks at standard output, TERM and NO_COLOR (https://no-color.org). */
void ctlterm_begin(void);
bool ctlterm_is_tty(void);
/* Columns of the terminal; 80 where there is none. */
int ctlterm_columns(void);

/* The sequence that begins a colour, PLAIN to end it; "" where colours are not wanted. */
const char *ctlterm_colour(enum ctlterm_colour c);
void ctlterm_paint(struct buf *out, enum ctlterm_colour c, const char *text);

/* Appends text on one line: line ends as \n, other hidden characters and broken bytes as \x1b,
 * U+202E. Where the terminal does not know UTF-8 nothing above ASCII passes. */
void ctlterm_text(struct buf *out, struct bytes text);
/* Columns that cleaned text takes. */
size_t ctlterm_width(struct bytes text);
/* As ctlterm_text, but at most columns wide; "..." ends what is cut. */
void ctlterm_short(struct buf *out, struct bytes text, size_t columns);

/* ---- tables ---- */

#define CTLTERM_CELLS 10

struct ctlterm_table {
	const char *heads[CTLTERM_CELLS];
	bool right[CTLTERM_CELLS];    /* numbers */
	size_t width[CTLTERM_CELLS];
	int columns, at;
	struct buf cells;             /* cleaned, each ended by NUL */
};

/* heads: up to NULL; one that begins with ">" is a column of numbers. */
void ctlterm_table(struct ctlterm_table *t, const char *const *heads);
/* Row after row, from the left; the text is cleaned. */
void ctlterm_cell(struct ctlterm_table *t, struct bytes text);
void ctlterm_cell_number(struct ctlterm_table *t, long long number);
/* Appends all rows, each as wide as the terminal at most, and forgets them. */
void ctlterm_table_end(struct ctlterm_table *t, struct buf *out);

/* A bar of share (0 to 1) of columns. */
void ctlterm_bar(struct buf *out, double share, int columns);

#endif
