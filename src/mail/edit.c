#include "mail/edit.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "core/words.h"
#include "mail/field.h"

#define EDIT_COLUMNS 78      /* where lines are folded, RFC 5322 2.1.1 */
#define EDIT_NAME_MAX 76     /* bytes of a name, so that it fits on a line */
#define EDIT_WORD_MAX 900    /* a longer word is written as encoded words: 998 is the limit */
#define EDIT_BLANKS_MAX 60   /* a longer run of blanks becomes one */
#define EDIT_ENCODED_MIN 24  /* room on a line for which an encoded word is begun */

/* The field that is being written. */
struct edit_line {
	struct buf *out;
	const char *end;         /* line end of this head */
	size_t start;            /* offset of the present line in out */
	bool first;              /* nothing behind the colon yet: a fold would not help */
	bool encoded;            /* the last word written is an encoded one */
};

static size_t
edit_column(const struct edit_line *l)
{
	return l->out->len - l->start;
}

static void
edit_fold(struct edit_line *l)
{
	buf_str(l->out, l->end);
	l->start = l->out->len;
}

static bool
edit_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t
edit_span(struct bytes s, size_t at, bool blanks)
{
	while (at < s.len && edit_is_blank(s.p[at]) == blanks)
		at++;
	return at;
}

/* Must this word be written as encoded word? */
static bool
edit_needs_encoding(struct bytes word)
{
	if (word.len > EDIT_WORD_MAX)
		return true;
	for (size_t i = 0; i < word.len; i++)
		if (word.p[i] < ' ' || word.p[i] > '~')
			return true;
	return false;
}

/* The end of the run of neighbouring words that are all encoded or all not; the blanks between
 * encoded words belong to their text. Of words that are not, one at a time. */
static size_t
edit_run(struct bytes text, size_t at, bool *encoded)
{
	size_t end = edit_span(text, at, false);

	*encoded = edit_needs_encoding(bytes_first(bytes_from(text, at), end - at));
	while (*encoded) {
		size_t next = edit_span(text, end, true), last = edit_span(text, next, false);

		if (next == last
		    || !edit_needs_encoding(bytes_first(bytes_from(text, next), last - next)))
			break;
		end = last;
	}
	return end;
}

/* Text behind the colon, with a blank in front. joined: what follows is an encoded word, and blanks
 * between two of those are not shown: ours then holds a blank at its end. */
static void
edit_put(struct edit_line *l, struct bytes text, bool joined)
{
	size_t at = 0;

	while (at < text.len) {
		size_t word = edit_span(text, at, true), end, room;
		struct bytes blanks = bytes_first(bytes_from(text, at), word - at), run;
		struct buf piece = BUF_INIT;

		if (blanks.len == 0 || blanks.len > EDIT_BLANKS_MAX)
			blanks = bytes_of(" ");
		end = edit_run(text, word, &l->encoded);
		run = bytes_first(bytes_from(text, word), end - word);
		room = blanks.len + (l->encoded ? EDIT_ENCODED_MIN : run.len);
		if (!l->first && edit_column(l) + room > EDIT_COLUMNS)
			edit_fold(l);
		buf_bytes(l->out, blanks);
		buf_bytes(&piece, run);
		if (l->encoded && joined && end == text.len)
			buf_byte(&piece, ' ');
		if (l->encoded)
			words_encode(buf_view(&piece), edit_column(l), l->end, l->out);
		else
			buf_bytes(l->out, run);
		buf_clear(&piece);
		for (size_t i = l->out->len; i > l->start; i--)
			if (l->out->p[i - 1] == '\n')
				l->start = i;
		l->first = false;
		at = end;
	}
}

static int
edit_check_name(struct bytes name, struct fail *why)
{
	if (!field_is_name(name))
		return fail_temp(why, "\"%.*s\" is no name of a field", (int)(name.len < 80
		    ? name.len : 80), name.p ? name.p : "");
	if (name.len > EDIT_NAME_MAX)
		return fail_temp(why, "name of a field with more than %d bytes", EDIT_NAME_MAX);
	return 0;
}

static int
edit_check_text(struct bytes text, struct fail *why)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] == '\n' || text.p[i] == '\r' || text.p[i] == '\0')
			return fail_temp(why, "text of a field with a line break or NUL in it");
	return 0;
}

int
edit_split(struct bytes line, struct bytes *name_r, struct bytes *value_r, struct fail *why)
{
	const char *colon = line.len ? memchr(line.p, ':', line.len) : NULL;

	if (!colon)
		return fail_temp(why, "\"%.*s\" is no field: write \"Name: value\"",
		    (int)(line.len < 80 ? line.len : 80), line.p ? line.p : "");
	*name_r = bytes_trim(bytes_first(line, (size_t)(colon - line.p)));
	*value_r = bytes_trim(bytes_from(line, (size_t)(colon - line.p) + 1));
	return edit_check_name(*name_r, why);
}

/* As the head's first field ends its lines; the From_ line may have been added by another. */
static const char *
edit_line_end(struct bytes head)
{
	struct bytes rest = head, line;
	struct field f;

	if (field_next(&rest, &f))
		rest = f.all;
	return bytes_line(&rest, &line) && line.len && line.p[line.len - 1] == '\r' ? "\r\n" : "\n";
}

static void
edit_field(struct bytes name, struct bytes value, const char *line_end, struct buf *out)
{
	struct edit_line l = { .out = out, .end = line_end, .start = out->len, .first = true };
	struct buf text = BUF_INIT;

	words_raw(bytes_trim(value), &text);
	buf_bytes(out, name);
	buf_byte(out, ':');
	edit_put(&l, buf_view(&text), false);
	buf_str(out, line_end);
	buf_clear(&text);
}

/* A head may end within a line; what is added begins a new one. */
static void
edit_new_line(size_t start, const char *line_end, struct buf *out)
{
	if (out->len > start && out->p[out->len - 1] != '\n')
		buf_str(out, line_end);
}

static int
edit_check(struct bytes name, struct bytes value, struct fail *why)
{
	return edit_check_name(name, why) < 0 ? -1 : edit_check_text(value, why);
}

static bool
edit_is(const struct field *f, struct bytes name)
{
	return bytes_equal_nocase(f->name, name);
}

/* Copies the head without the fields of that name, up to the empty line, which stays in *rest. With
 * value, the first of them is replaced by it; true when that was done. */
static bool
edit_replace(struct bytes head, struct bytes name, const struct bytes *value, struct bytes *rest,
    struct buf *out)
{
	const char *copied = head.p;
	struct field f;
	bool done = false;

	*rest = head;
	while (field_next(rest, &f)) {
		if (!edit_is(&f, name))
			continue;
		buf_add(out, copied, (size_t)(f.all.p - copied));
		copied = f.all.p + f.all.len;
		if (value && !done)
			edit_field(name, *value, edit_line_end(head), out);
		done = true;
	}
	buf_add(out, copied, head.len - rest->len - (size_t)(copied - head.p));
	return done;
}

int
edit_set(struct bytes head, struct bytes name, struct bytes value, struct buf *out,
    struct fail *why)
{
	struct bytes rest;
	size_t start = out->len;

	if (edit_check(name, value, why) < 0)
		return -1;
	if (!edit_replace(head, name, &value, &rest, out)) {
		edit_new_line(start, edit_line_end(head), out);
		edit_field(name, value, edit_line_end(head), out);
	}
	buf_bytes(out, rest);
	return 0;
}

int
edit_add(struct bytes head, struct bytes name, struct bytes value, struct buf *out,
    struct fail *why)
{
	struct bytes rest = head;
	size_t start = out->len;
	struct field f;

	if (edit_check(name, value, why) < 0)
		return -1;
	while (field_next(&rest, &f))
		;
	buf_bytes(out, bytes_first(head, head.len - rest.len));
	edit_new_line(start, edit_line_end(head), out);
	edit_field(name, value, edit_line_end(head), out);
	buf_bytes(out, rest);
	return 0;
}

int
edit_remove(struct bytes head, struct bytes name, struct buf *out, struct fail *why)
{
	struct bytes rest;

	if (edit_check_name(name, why) < 0)
		return -1;
	edit_replace(head, name, NULL, &rest, out);
	buf_bytes(out, rest);
	return 0;
}

static bool
edit_has_prefix(struct bytes value, struct bytes text)
{
	struct buf shown = BUF_INIT;
	bool has;

	words_decode(value, &shown);
	has = shown.len >= text.len && memcmp(shown.p, text.p, text.len) == 0;
	buf_clear(&shown);
	return has;
}

/* One Subject with text in front: name and colon as they are, the value as it is but for the white
 * space at its start, on a new line where it would make the first one too long. */
static void
edit_prefix(const struct field *f, struct bytes text, const char *line_end, struct buf *out)
{
	struct edit_line l = { .out = out, .end = line_end, .start = out->len, .first = true };
	struct bytes old = f->value, line, rest;

	while (old.len && str_is_space(old.p[0]))
		old = bytes_from(old, 1);
	rest = old;
	buf_add(out, f->all.p, (size_t)(f->value.p - f->all.p));
	edit_put(&l, text, words_encoded_length(old) > 0);
	if (bytes_line(&rest, &line)) {
		if (edit_column(&l) + 1 + line.len > EDIT_COLUMNS)
			edit_fold(&l);
		buf_byte(out, ' ');
		buf_bytes(out, old);
	}
	buf_bytes(out, bytes_from(f->all, (size_t)(f->value.p + f->value.len - f->all.p)));
}

int
edit_subject(struct bytes head, struct bytes text, struct buf *out, struct fail *why)
{
	struct bytes rest = head;
	const char *copied = head.p;
	struct buf prefix = BUF_INIT;
	const char *line_end = edit_line_end(head);
	struct field f;
	bool any = false;

	if (edit_check_text(text, why) < 0)
		return -1;
	words_decode(text, &prefix);
	while (field_next(&rest, &f)) {
		if (!field_is(&f, "Subject"))
			continue;
		any = true;
		if (edit_has_prefix(f.value, buf_view(&prefix)))
			continue;
		buf_add(out, copied, (size_t)(f.all.p - copied));
		copied = f.all.p + f.all.len;
		edit_prefix(&f, buf_view(&prefix), line_end, out);
	}
	if (any)
		buf_add(out, copied, head.len - (size_t)(copied - head.p));
	else
		edit_add(head, bytes_of("Subject"), buf_view(&prefix), out, why);
	buf_clear(&prefix);
	return 0;
}
