#include "mime/views.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/words.h"
#include "mime/armor.h"
#include "mime/base64.h"
#include "mime/marks.h"
#include "mime/quoted.h"
#include "mime/split.h"

#define VIEWS_EMPTY_MAX 4      /* empty lines, each of which may end a header */
#define VIEWS_STARTS_MAX (2 * VIEWS_EMPTY_MAX + 1)  /* places where one may end in all */
#define VIEWS_HEAD_MAX (256u << 10)  /* bytes of a header that are read for what it mentions */
#define VIEWS_FIELDS_MAX 100   /* that are searched for a file name */
#define VIEWS_LOOK 1024        /* bytes of a body that are looked at for how it is encoded */

enum views_encoding {
	VIEWS_BASE64 = 1, VIEWS_QUOTED = 2, VIEWS_UU = 4, VIEWS_YENC = 8
};

struct views {
	struct blobs *blobs;
	size_t work, work_max;
	int nested, texts;
	bool each;         /* each boundary alone, too */
	bool left_out;
};

/* One text as it is cut. */
struct views_text {
	struct views *views;
	struct bytes text;
	struct marks marks;
	uint64_t *seen;        /* segments so far, begin and end, as an open hash table */
	size_t rows, used;
};

static void views_text(struct views *v, struct bytes text);

static bool
views_stop(struct views *v, size_t work)
{
	v->work += work;
	if (v->work > v->work_max)
		v->left_out = true;
	return v->left_out || blobs_is_done(v->blobs);
}

/* Mail inside what was decoded: a line of it is a field of MIME. */
static bool
views_is_mail(struct bytes text)
{
	struct bytes line;

	while (bytes_line(&text, &line))
		if (line.len > 8 && (line.p[0] | 0x20) == 'c' &&
		    bytes_starts_nocase(line, "content-"))
			return true;
	return false;
}

/* Text in two or four bytes a character shows as every other byte NUL. */
static bool
views_is_wide(struct bytes b)
{
	size_t nuls = 0, n = b.len < VIEWS_LOOK ? b.len : VIEWS_LOOK;

	for (size_t i = 0; i < n; i++)
		nuls += b.p[i] == '\0';
	return n >= 8 && nuls * 10 > n * 4 && nuls * 10 < n * 8;
}

static void
views_narrow(struct views *v, struct bytes b)
{
	struct buf out = BUF_INIT;

	if (b.len >= 2 && (memcmp(b.p, "\xff\xfe", 2) == 0 || memcmp(b.p, "\xfe\xff", 2) == 0))
		b = bytes_from(b, 2);
	for (size_t i = 0; i < b.len; i++)
		if (b.p[i])
			buf_byte(&out, b.p[i]);
	blobs_give(v->blobs, buf_view(&out), "", true);
	buf_clear(&out);
}

/* A body as some program decodes it.  again: read it once more if it looks like mail. */
static void
views_found(struct views *v, struct bytes object, struct bytes name, bool again)
{
	char *copy;

	if (object.len == 0 || views_stop(v, object.len))
		return;
	copy = mem_copy(name);
	blobs_give(v->blobs, object, copy, true);
	free(copy);
	if (views_is_wide(object))
		views_narrow(v, object);
	if (again && v->nested < VIEWS_NESTED_MAX && views_is_mail(object))
		views_text(v, object);
}

static void
views_armored(void *context, struct bytes file, struct bytes name)
{
	views_found(context, file, name, true);
}

static void
views_base64(struct views *v, struct bytes body, struct bytes name)
{
	struct base64_oddities odd;
	int forms = base64_check(body, &odd) ? BASE64_FORMS : 1;
	struct buf out = BUF_INIT;

	for (int form = 0; form < forms && !views_stop(v, body.len); form++) {
		buf_cut(&out, 0);
		base64_decode_as(body, form, &out);
		views_found(v, buf_view(&out), name, true);
	}
	buf_clear(&out);
}

static void
views_quoted(struct views *v, struct bytes body, struct bytes name)
{
	bool bad;
	int forms = quoted_check(body, &bad) ? QUOTED_FORMS : 1;
	bool mail = views_is_mail(body);  /* then it is no news that what comes out is mail */
	struct buf out = BUF_INIT;

	for (int form = 0; form < forms && !views_stop(v, body.len); form++) {
		buf_cut(&out, 0);
		quoted_decode(body, form, &out);
		views_found(v, buf_view(&out), name, form == QUOTED_PLAIN || !mail);
	}
	buf_clear(&out);
}

static void
views_undeclared(struct views *v, struct bytes body, unsigned encodings, struct bytes name)
{
	struct buf out = BUF_INIT;
	bool cut;

	if (armor_is_in(body)) {
		armor_each(body, views_armored, v, &cut);
		v->left_out |= cut;
	}
	if (encodings & VIEWS_UU) {
		armor_uu(body, &out);
		views_found(v, buf_view(&out), name, true);
	}
	if (encodings & VIEWS_YENC) {
		buf_cut(&out, 0);
		armor_yenc(body, &out);
		views_found(v, buf_view(&out), name, true);
	}
	buf_clear(&out);
}

static unsigned
views_search(struct bytes text)
{
	static const struct { const char *word; enum views_encoding encoding; } words[] = {
		{ "base64", VIEWS_BASE64 }, { "gzip64", VIEWS_BASE64 }, { "quoted", VIEWS_QUOTED },
		{ "uue", VIEWS_UU }, { "yenc", VIEWS_YENC },
	};
	unsigned found = 0;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text.len && memmem(text.p, text.len, words[i].word, strlen(words[i].word)))
			found |= words[i].encoding;
	return found;
}

/* Lower case, without what programs pass over; comments, too, if asked. */
static void
views_squeeze(struct bytes head, bool comments, struct buf *out)
{
	int depth = 0;

	buf_cut(out, 0);
	for (size_t i = 0; i < head.len; i++) {
		char c = head.p[i];

		if (comments && (c == '(' || (c == ')' && depth > 0)))
			depth += c == '(' ? 1 : -1;
		else if (c == '\n')
			depth = i + 1 < head.len && str_is_space(head.p[i + 1]) ? depth : 0;
		else if (depth == 0 && (str_is_alnum(c) || c == ':' || c == '='))
			buf_byte(out, str_lower(c));
	}
}

/* The encodings that a header speaks of anywhere, however garbled. */
static unsigned
views_mentioned(struct bytes head)
{
	struct buf text = BUF_INIT, decoded = BUF_INIT;
	unsigned found;

	head = bytes_first(head, VIEWS_HEAD_MAX);
	views_squeeze(head, false, &text);
	found = views_search(buf_view(&text));
	views_squeeze(head, true, &text);
	found |= views_search(buf_view(&text));
	if (head.len && memmem(head.p, head.len, "=?", 2)) {
		words_decode(head, &decoded);
		views_squeeze(buf_view(&decoded), false, &text);
		found |= views_search(buf_view(&text));
	}
	buf_clear(&text);
	buf_clear(&decoded);
	return found;
}

/* "Name:", which no encoded text begins with. */
static bool
views_is_field(struct bytes line)
{
	size_t n = 0;

	while (n < line.len && (str_is_alnum(line.p[n]) || line.p[n] == '-'))
		n++;
	return n > 0 && n < line.len && line.p[n] == ':';
}

/* The encodings that a body looks like, or might be of those that are mentioned. */
static unsigned
views_suggested(struct bytes body, unsigned mentioned)
{
	size_t strict = mentioned & VIEWS_BASE64 ? 1 : 4;
	size_t digits = 0, blanks = 0, others = 0, escapes = 0;

	body = bytes_first(body, VIEWS_LOOK);
	for (size_t i = 0; i < body.len; i++) {
		char c = body.p[i];

		if (str_is_alnum(c) || c == '+' || c == '/')
			digits++;
		else if (c == ' ')
			blanks++;
		else if (!str_is_space(c) && c != '=')
			others++;
		escapes += c == '=' && i + 2 < body.len && str_is_alnum(body.p[i + 1]) &&
		    str_is_alnum(body.p[i + 2]);
	}
	return (digits >= (strict > 1 ? 16 : 2) && others * strict <= digits &&
	    blanks * 2 * strict <= 2 * digits ? VIEWS_BASE64 : 0) |
	    (escapes >= 4 || (mentioned & VIEWS_QUOTED && memchr(body.p, '=', body.len))
	    ? VIEWS_QUOTED : 0) |
	    (mentioned & (VIEWS_UU | VIEWS_YENC));
}

/* The first file name that a field of head gives. */
static void
views_name(struct bytes head, struct buf *out)
{
	static const char *const keys[] = { "filename", "name" };
	struct bytes line, rest = bytes_first(head, VIEWS_HEAD_MAX);
	struct split_field f;

	for (int n = 0; n < VIEWS_FIELDS_MAX && out->len == 0 && split_field_next(&rest, &f); n++)
		if (bytes_starts_nocase(f.name, "content"))
			for (size_t i = 0; i < 2 && out->len == 0; i++)
				words_parameter_all(f.value, keys[i], out);
	rest = buf_view(out);
	if (bytes_line(&rest, &line))
		buf_cut(out, line.len);
}

/* plain: the bytes as they are, too. */
static void
views_leaf(struct views *v, struct bytes head, struct bytes body, bool plain)
{
	struct buf name = BUF_INIT;
	unsigned encodings;

	if (body.len == 0 || views_stop(v, head.len + body.len))
		return;
	views_name(head, &name);
	encodings = views_is_field(body) ? 0 : views_suggested(body, views_mentioned(head));
	if (plain) {
		blobs_give(v->blobs, body, name.p, true);
		if (views_is_wide(body))
			views_narrow(v, body);
	}
	if (encodings & VIEWS_BASE64)
		views_base64(v, body, buf_view(&name));
	if (encodings & VIEWS_QUOTED)
		views_quoted(v, body, buf_view(&name));
	views_undeclared(v, body, encodings, buf_view(&name));
	buf_clear(&name);
}

static bool
views_is_blank(struct bytes line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.p[i] > ' ')
			return false;
	return true;
}

/* Where the body of a segment may begin: at a line behind fields that is none, behind each of the
 * first empty lines. */
static size_t
views_starts(struct bytes segment, size_t starts[VIEWS_STARTS_MAX])
{
	struct bytes rest = segment, line;
	size_t n = 0, empty = 0;
	bool fields = true, first = true;

	while (empty < VIEWS_EMPTY_MAX && bytes_line(&rest, &line)) {
		if (views_is_blank(line)) {
			starts[n++] = segment.len - rest.len;
			empty++;
			fields = false;
			first = true;
			continue;
		}
		if (first && empty > 0)
			fields = views_is_field(line);
		else if (fields && line.p[0] != ' ' && line.p[0] != '\t' &&
		    !memchr(line.p, ':', line.len)) {
			starts[n++] = (size_t)(line.p - segment.p);
			fields = false;
		}
		first = false;
	}
	return n;
}

static void
views_segment(struct views *v, struct bytes segment, bool plain)
{
	size_t starts[VIEWS_STARTS_MAX], n;

	if (segment.len == 0 || views_stop(v, 64))
		return;
	n = views_starts(segment, starts);
	for (size_t i = 0; i < n; i++)
		views_leaf(v, bytes_first(segment, starts[i]), bytes_from(segment, starts[i]),
		    plain);
}

/* True the first time. */
static bool
views_first_time(struct views_text *t, size_t begin, size_t end)
{
	uint64_t key = ((uint64_t)begin << 32 | (uint32_t)end) + 1;
	size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (t->rows - 1);

	while (t->seen[i] && t->seen[i] != key)
		i = (i + 1) & (t->rows - 1);
	if (t->seen[i])
		return false;
	if (t->used * 2 < t->rows) {
		t->seen[i] = key;
		t->used++;
	}
	return true;
}

/* Cuts at the marks of that boundary (-1: all), loose ones too if asked. */
static void
views_cut(struct views_text *t, int boundary, bool loose)
{
	size_t at = 0, between = 0;

	for (size_t i = 0; i <= t->marks.count; i++) {
		const struct marks_mark *m = i < t->marks.count ? &t->marks.list[i] : NULL;
		size_t end = m ? m->begin : t->text.len;

		if (m && ((boundary >= 0 && m->boundary != boundary) ||
		    (!loose && !m->strict))) {
			between++;
			continue;
		}
		if (end > at && views_first_time(t, at, end))
			views_segment(t->views, bytes_first(bytes_from(t->text, at), end - at),
			    between == 0);
		at = m ? m->end : end;
		between = 0;
		if (views_stop(t->views, 0))
			return;
	}
}

static bool
views_has_loose(const struct views_text *t, int boundary)
{
	for (size_t i = 0; i < t->marks.count; i++)
		if (!t->marks.list[i].strict && (boundary < 0 ||
		    t->marks.list[i].boundary == boundary))
			return true;
	return false;
}

static void
views_cuts(struct views *v, struct bytes text)
{
	struct views_text t = { .views = v, .text = text };

	marks_find(&t.marks, text, VIEWS_DELIMITERS_MAX);
	v->left_out |= t.marks.too_many;
	for (t.rows = 64; t.rows < 8 * t.marks.count; t.rows *= 2)
		;
	t.seen = mem_array(t.rows, sizeof *t.seen);
	views_cut(&t, -1, false);
	if (views_has_loose(&t, -1))
		views_cut(&t, -1, true);
	for (int i = 0; i < t.marks.boundary_count && (v->each || v->nested > 1); i++) {
		views_cut(&t, i, false);
		if (views_has_loose(&t, i))
			views_cut(&t, i, true);
	}
	free(t.seen);
	marks_clear(&t.marks);
}

/* text with each CR that ends no line made drop: LF, or nothing ('\0'; then all CRs go). NULs go.
 * False: that changes nothing. */
static bool
views_lines(struct bytes text, char cr, struct buf *out)
{
	bool changed = false;
	char *to = buf_room(out, text.len), *start = to;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		bool bare = c == '\r' && i + 1 < text.len && text.p[i + 1] != '\n';

		changed |= bare || c == '\0';
		if (c == '\0' || (c == '\r' && cr == '\0'))
			continue;
		*to++ = bare ? cr : c;
	}
	buf_grew(out, (size_t)(to - start));
	return changed;
}

static void
views_text(struct views *v, struct bytes text)
{
	struct buf copy = BUF_INIT;

	if (text.len > UINT32_MAX || ++v->texts > VIEWS_TEXTS_MAX)
		v->left_out = true;
	if (views_stop(v, 4 * text.len))
		return;
	v->nested++;
	views_cuts(v, text);
	if (views_lines(text, '\n', &copy)) {
		views_cuts(v, buf_view(&copy));
		buf_cut(&copy, 0);
		views_lines(text, '\0', &copy);
		views_cuts(v, buf_view(&copy));
	}
	buf_clear(&copy);
	v->nested--;
}

/* Is there reason to think that some program passes over a delimiter, or sees another? */
static bool
views_may_miss(const struct defects *d)
{
	static const enum defect reasons[] = {
		DEFECT_DUPLICATE_CONTENT_TYPE, DEFECT_DUPLICATE_PARAMETER,
		DEFECT_INVALID_CONTENT_TYPE, DEFECT_MISSING_BOUNDARY, DEFECT_NO_CLOSING_BOUNDARY,
		DEFECT_PART_IN_PREAMBLE, DEFECT_PART_IN_EPILOGUE, DEFECT_INVALID_HEADER_LINE,
		DEFECT_NUL_IN_HEADER, DEFECT_BARE_CR, DEFECT_AMBIGUOUS_BOUNDARY,
		DEFECT_MALFORMED_BOUNDARY, DEFECT_STRAY_BOUNDARY, DEFECT_NESTED_BOUNDARIES,
		DEFECT_AMBIGUOUS_DELIMITER, DEFECT_DELIMITER_IN_HEADER, DEFECT_MALFORMED_FIELD,
		DEFECT_COMMENT_IN_FIELD, DEFECT_MALFORMED_HEADER_END
	};

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (d->seen[reasons[i]])
			return true;
	return false;
}

bool
views_give(struct bytes text, const struct defects *defects, struct blobs *blobs)
{
	struct views v = { .blobs = blobs, .each = views_may_miss(defects) };

	v.work_max = VIEWS_WORK * text.len + (64u << 20);
	views_text(&v, text);
	return !v.left_out && !blobs_is_over(blobs);
}
