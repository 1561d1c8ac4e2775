#include "tools/ctltrap.h"

#include <stdarg.h>
#include <string.h>

#include "recipe/parse.h"
#include "tools/ctlrules.h"

const char *
ctltrap_level_name(enum ctltrap_level level)
{
	static const char *const names[] = { "hint", "trap", "error" };

	return names[level];
}

struct bytes
ctltrap_line(const struct ctltrap_file *f, int line)
{
	struct bytes rest = f->text;
	const char *nl;

	for (; line > 1 && rest.len > 0; line--) {
		nl = memchr(rest.p, '\n', rest.len);
		rest = bytes_from(rest, nl ? (size_t)(nl - rest.p) + 1 : rest.len);
	}
	nl = rest.len ? memchr(rest.p, '\n', rest.len) : NULL;
	return bytes_first(rest, nl ? (size_t)(nl - rest.p) : rest.len);
}

const char *
ctltrap_say(struct ctltrap_file *f, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	const char *copy;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	copy = arena_copy(f->arena, buf_view(&text));
	buf_clear(&text);
	return copy;
}

/* Finds token from the start of line on, as far as backslashes at line ends go on. */
static void
ctltrap_place(const struct ctltrap_file *f, struct ctltrap *t, struct bytes token)
{
	int line = t->line;
	struct bytes here = ctltrap_line(f, line);

	for (; token.len > 0; here = ctltrap_line(f, ++line)) {
		const char *at = here.len < token.len ? NULL : memmem(here.p, here.len, token.p,
		    token.len);

		if (at) {
			t->line = line;
			t->column = (size_t)(at - here.p) + 1;
			t->length = token.len;
			return;
		}
		if (here.len == 0 || here.p[here.len - 1] != '\\')
			break;
	}
	here = ctltrap_line(f, t->line);
	for (t->column = 0; t->column < here.len && strchr(" \t*", here.p[t->column]);)
		t->column++;
	t->length = t->column < here.len ? here.len - t->column : 1;
	t->column++;
}

struct ctltrap *
ctltrap_add(struct ctltrap_file *f, enum ctltrap_level level, const char *name, int line,
    struct bytes token, const char *text, const char *instead)
{
	struct ctltrap *t = arena_zero(f->arena, sizeof *t), **at = &f->first;

	*t = (struct ctltrap){ .level = level, .name = name, .line = line, .text = text,
		.instead = instead };
	ctltrap_place(f, t, token);
	while (*at && ((*at)->line < t->line || ((*at)->line == t->line
	    && (*at)->column <= t->column)))
		at = &(*at)->next;
	t->next = *at;
	*at = t;
	return t;
}

/* What a complaint quotes first is what it is about. */
static struct bytes
ctltrap_quoted(const char *text)
{
	const char *from = strchr(text, '"'), *to = from ? strchr(from + 1, '"') : NULL;

	if (!to)
		return (struct bytes){ "", 0 };
	return (struct bytes){ from + 1, (size_t)(to - from - 1) };
}

static void
ctltrap_complaints(struct ctltrap_file *f, const struct tree *tree)
{
	for (const struct complaint *c = tree->complaints; c; c = c->next)
		ctltrap_add(f, c->hint ? CTLTRAP_TRAP : CTLTRAP_ERROR, "syntax", c->line,
		    ctltrap_quoted(c->text), arena_string(f->arena, c->text), "");
}

void
ctltrap_read(struct ctltrap_file *f, const char *name, struct bytes text)
{
	struct tree *tree;

	*f = (struct ctltrap_file){ .name = name, .text = text, .arena = arena_new() };
	tree = parse(name, text);
	ctltrap_complaints(f, tree);
	ctlrules_look(f, tree);
	ast_free(&tree);
}

void
ctltrap_clear(struct ctltrap_file *f)
{
	arena_free(&f->arena);
}
