#include "tools/ctlterm.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "base/utf8.h"

#define CTLTERM_CELL_MAX 60    /* columns of one cell where no terminal says how wide it is */
#define CTLTERM_CELL_MIN 8

static struct {
	bool tty, colour, ascii;
	int columns;
} term = { .columns = 80 };

void
ctlterm_begin(void)
{
	const char *no = getenv("NO_COLOR"), *name = getenv("TERM"), *wide = getenv("COLUMNS");
	struct winsize size = { 0 };
	long n;

	term.tty = isatty(STDOUT_FILENO);
	term.colour = term.tty && !(no && *no) && name && *name && strcmp(name, "dumb") != 0;
	term.ascii = term.tty && strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	if (term.tty && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		term.columns = size.ws_col;
	else if (wide && str_long(wide, 40, 1000, &n))
		term.columns = (int)n;
}

bool
ctlterm_is_tty(void)
{
	return term.tty;
}

int
ctlterm_columns(void)
{
	return term.columns;
}

const char *
ctlterm_colour(enum ctlterm_colour c)
{
	static const char *const codes[] = { "\033[0m", "\033[1m", "\033[2m", "\033[32m",
		"\033[31m", "\033[33m", "\033[36m" };

	return term.colour ? codes[c] : "";
}

void
ctlterm_paint(struct buf *out, enum ctlterm_colour c, const char *text)
{
	buf_printf(out, "%s%s%s", ctlterm_colour(c), text, ctlterm_colour(CTLTERM_PLAIN));
}

static void
ctlterm_hidden(struct buf *out, uint32_t point)
{
	if (point == '\n')
		buf_str(out, "\\n");
	else if (point == '\t')
		buf_byte(out, ' ');
	else if (point < 0x80)
		buf_printf(out, "\\x%02x", (unsigned)point);
	else
		buf_printf(out, "U+%04X", (unsigned)point);
}

void
ctlterm_text(struct buf *out, struct bytes text)
{
	while (text.len > 0) {
		uint32_t point = 0;
		size_t n = utf8_length(text, &point);

		if (n == 0)
			buf_printf(out, "\\x%02x", (unsigned char)*text.p);
		else if (utf8_is_hidden(point) || (term.ascii && point >= 0x80))
			ctlterm_hidden(out, point);
		else
			buf_add(out, text.p, n);
		text = bytes_from(text, n ? n : 1);
	}
}

/* Marks that stand on the character before them, and characters of double width: the blocks that
 * mail has (Unicode, EastAsianWidth). */
static size_t
ctlterm_char_width(uint32_t c)
{
	if ((c >= 0x300 && c < 0x370) || (c >= 0x1ab0 && c < 0x1b00) || (c >= 0x20d0 && c < 0x2100)
	    || (c >= 0xfe00 && c < 0xfe10) || (c >= 0xfe20 && c < 0xfe30))
		return 0;
	if ((c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0)
	    || (c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00)
	    || (c >= 0xfe30 && c < 0xfe70) || (c >= 0xff00 && c < 0xff61)
	    || (c >= 0x1f300 && c < 0x1f650) || (c >= 0x1f900 && c < 0x1fa00)
	    || (c >= 0x20000 && c < 0x3fffe))
		return 2;
	return 1;
}

/* How many bytes of text fit into columns; used_r: the columns they take. */
static size_t
ctlterm_fit(struct bytes text, size_t columns, size_t *used_r)
{
	size_t at = 0, used = 0;

	while (at < text.len) {
		uint32_t point = 0;
		size_t n = utf8_length(bytes_from(text, at), &point);
		size_t w = n ? ctlterm_char_width(point) : 1;

		if (used + w > columns)
			break;
		used += w;
		at += n ? n : 1;
	}
	*used_r = used;
	return at;
}

size_t
ctlterm_width(struct bytes text)
{
	size_t used;

	ctlterm_fit(text, SIZE_MAX, &used);
	return used;
}

void
ctlterm_short(struct buf *out, struct bytes text, size_t columns)
{
	struct buf clean = BUF_INIT;
	size_t used;

	ctlterm_text(&clean, bytes_first(text, 4 * columns + 16));
	if (ctlterm_fit(buf_view(&clean), columns, &used) == clean.len) {
		buf_bytes(out, buf_view(&clean));
	} else {
		size_t n = ctlterm_fit(buf_view(&clean), columns > 3 ? columns - 3 : 0, &used);

		buf_bytes(out, bytes_first(buf_view(&clean), n));
		buf_str(out, columns > 3 ? "..." : "");
	}
	buf_clear(&clean);
}

/* ---- tables ---- */

void
ctlterm_table(struct ctlterm_table *t, const char *const *heads)
{
	memset(t, 0, sizeof *t);
	buf_init(&t->cells);
	for (; heads[t->columns] && t->columns < CTLTERM_CELLS; t->columns++) {
		const char *head = heads[t->columns];

		t->right[t->columns] = *head == '>';
		t->heads[t->columns] = head + (*head == '>');
		t->width[t->columns] = strlen(t->heads[t->columns]);
	}
}

void
ctlterm_cell(struct ctlterm_table *t, struct bytes text)
{
	size_t from = t->cells.len, width;

	ctlterm_short(&t->cells, text, term.tty ? (size_t)term.columns : CTLTERM_CELL_MAX);
	width = ctlterm_width(bytes_from(buf_view(&t->cells), from));
	if (width > t->width[t->at])
		t->width[t->at] = width;
	buf_byte(&t->cells, '\0');
	t->at = (t->at + 1) % t->columns;
}

void
ctlterm_cell_number(struct ctlterm_table *t, long long number)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%lld", number);
	ctlterm_cell(t, buf_view(&text));
	buf_clear(&text);
}

/* Takes columns from the widest text until all fits. */
static void
ctlterm_squeeze(struct ctlterm_table *t)
{
	size_t total = 2 * (size_t)(t->columns - 1);

	for (int i = 0; i < t->columns; i++)
		total += t->width[i];
	while (term.tty && total > (size_t)term.columns) {
		int widest = -1;

		for (int i = 0; i < t->columns; i++)
			if (!t->right[i] && (widest < 0 || t->width[i] > t->width[widest]))
				widest = i;
		if (widest < 0 || t->width[widest] <= CTLTERM_CELL_MIN)
			return;
		t->width[widest]--;
		total--;
	}
}

static void
ctlterm_pad(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_byte(out, ' ');
}

static void
ctlterm_row_cell(const struct ctlterm_table *t, int i, struct bytes text, struct buf *out)
{
	struct buf cell = BUF_INIT;
	size_t used;

	ctlterm_short(&cell, text, t->width[i]);
	used = ctlterm_width(buf_view(&cell));
	if (t->right[i])
		ctlterm_pad(out, t->width[i] - used);
	buf_bytes(out, buf_view(&cell));
	if (!t->right[i] && i + 1 < t->columns)
		ctlterm_pad(out, t->width[i] - used);
	buf_str(out, i + 1 < t->columns ? "  " : "\n");
	buf_clear(&cell);
}

void
ctlterm_table_end(struct ctlterm_table *t, struct buf *out)
{
	const char *p = t->cells.p, *end = p + t->cells.len;

	ctlterm_squeeze(t);
	buf_str(out, ctlterm_colour(CTLTERM_BOLD));
	for (int i = 0; i < t->columns; i++)
		ctlterm_row_cell(t, i, bytes_of(t->heads[i]), out);
	buf_str(out, ctlterm_colour(CTLTERM_PLAIN));
	for (int i = 0; p < end; i = (i + 1) % t->columns) {
		ctlterm_row_cell(t, i, bytes_of(p), out);
		p += strlen(p) + 1;
	}
	buf_clear(&t->cells);
}

void
ctlterm_bar(struct buf *out, double share, int columns)
{
	int n = (int)(share * columns + 0.5);

	if (n == 0 && share > 0)
		n = 1;
	for (int i = 0; i < n; i++)
		buf_byte(out, '#');
}
