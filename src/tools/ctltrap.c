#include "tools/ctltrap.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "recipe/parse.h"
#include "tools/ctlrules.h"

#define CTLTRAP_SIZE_MAX (4u << 20)  /* bytes of an included file, as in a delivery */

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
	for (const struct complaint *c = tree->complaints; c; c = c->next) {
		bool trap = c->hint && c != tree->torn;

		ctltrap_add(f, trap ? CTLTRAP_TRAP : CTLTRAP_ERROR, "syntax", c->line,
		    ctltrap_quoted(c->text), arena_string(f->arena, c->text), "");
	}
}

static void
ctltrap_parse(struct ctltrap_file *f, const char *name, struct bytes text)
{
	f->name = name;
	f->text = text;
	f->tree = parse(name, text);
	ctltrap_complaints(f, f->tree);
}

struct ctltrap_file *
ctltrap_include(struct ctltrap_file *f, const char *path)
{
	struct ctltrap_file *new = mem_zero(sizeof *new);

	buf_init(&new->own);
	if (fd_read_file(path, CTLTRAP_SIZE_MAX, &new->own) < 0) {
		buf_clear(&new->own);
		free(new);
		return NULL;
	}
	while (f->next)
		f = f->next;
	f->next = new;
	new->arena = arena_new();
	ctltrap_parse(new, arena_string(new->arena, path), buf_view(&new->own));
	return new;
}

void
ctltrap_read(struct ctltrap_file *f, const char *name, struct bytes text)
{
	*f = (struct ctltrap_file){ .own = BUF_INIT, .arena = arena_new() };
	ctltrap_parse(f, name, text);
	ctlrules_look(f);
}

static void
ctltrap_free(struct ctltrap_file *f)
{
	ast_free(&f->tree);
	arena_free(&f->arena);
	buf_clear(&f->own);
}

void
ctltrap_clear(struct ctltrap_file *f)
{
	struct ctltrap_file *next;

	for (struct ctltrap_file *i = f->next; i; i = next) {
		next = i->next;
		ctltrap_free(i);
		free(i);
	}
	f->next = NULL;
	ctltrap_free(f);
}
