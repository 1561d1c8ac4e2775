#include "mime/flatten.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/words.h"
#include "mime/base64.h"
#include "mime/encode.h"
#include "mime/flatten_field.h"
#include "mime/quoted.h"
#include "mime/split.h"

#define FLATTEN_UNWRAP_MAX 8       /* levels of messages that are encoded in messages */
#define FLATTEN_DEPTH_MAX 50       /* levels of the new tree; programs give up at 100 or so */
#define FLATTEN_WORK 64            /* times the message: bytes that readings are looked for in */
#define FLATTEN_PROSE_MAX 200      /* bytes of a preamble that is text for old programs */

struct flatten_leaf {
	struct bytes content;      /* into the message, or into decoded */
	struct buf decoded;
};

struct flatten_extra {
	struct bytes content;
	char *copy, *name;
};

struct flatten {
	struct bytes original;
	struct buf text;           /* the message with encoded messages decoded, if there are any */
	struct split *split;
	int depth_max;             /* what lies deeper is a leaf; 0: the whole body is */
	const char *eol;
	char boundary[40];
	struct flatten_leaf *leaves;  /* one for each entity; of use for leaves */
	struct split *source;         /* of the message as it came */
	char *covered;                /* of each byte of it: is it in a part that everybody sees? */
	struct flatten_extra *known;  /* messages that were encoded, decoded */
	int known_count;
	struct buf junk;           /* lines of headers that are no field */
	struct flatten_extra *extras;
	int extra_count, seen;
	size_t work;
	bool over;
	struct buf type, word;     /* scratch */
};

/* ---- taking apart ---- */

static const char *
flatten_eol(struct bytes text)
{
	const char *lf = text.len ? memchr(text.p, '\n', text.len) : NULL;

	return lf && lf > text.p && lf[-1] == '\r' ? "\r\n" : "\n";
}

/* FNV-1a. Boundaries need not be a secret: by what they are made of, they stand in no part. */
static void
flatten_name_boundary(struct flatten *f)
{
	uint64_t hash = 0xcbf29ce484222325u;
	static const char hex[] = "0123456789abcdef";
	char *to = f->boundary;

	for (size_t i = 0; i < f->original.len; i++)
		hash = (hash ^ (unsigned char)f->original.p[i]) * 0x100000001b3u;
	memcpy(to, "=_bivalve_", 10);
	for (int i = 0; i < 16; i++)
		to[10 + i] = hex[hash >> (60 - 4 * i) & 15];
	to[26] = '\0';
}

static bool
flatten_is_digest_part(const struct split *s, int entity)
{
	int parent = s->entities[entity].parent;

	return parent >= 0 && s->entities[parent].digest;
}

static void
flatten_find_type(struct flatten *f, const struct split *s, int entity)
{
	flatten_field_type(split_head(s, entity), flatten_is_digest_part(s, entity), &f->type);
}

/* Appends body decoded as the word says; false: it stays as it is. *certain_r: nobody disagrees. */
static bool
flatten_decode(struct bytes body, const char *word, struct buf *out, bool *certain_r)
{
	struct base64_oddities odd;
	bool bad;

	if (strcmp(word, "base64") == 0) {
		*certain_r = !base64_check(body, &odd);
		base64_decode_as(body, BASE64_RESTART, out);
		return true;
	}
	if (strcmp(word, "quoted-printable") == 0) {
		*certain_r = !quoted_check(body, &bad);
		quoted_decode(body, QUOTED_PLAIN, out);
		return true;
	}
	*certain_r = true;
	return false;
}

static bool
flatten_has_delimiter(struct bytes text, struct bytes boundary)
{
	struct buf mark = BUF_INIT;
	bool has;

	buf_str(&mark, "--");
	buf_bytes(&mark, boundary);
	has = memmem(text.p, text.len, mark.p, mark.len) != NULL;
	buf_clear(&mark);
	return has;
}

/* Would text, put in its place, be cut by a delimiter of what is around it? */
static bool
flatten_would_cut(const struct split *s, int entity, struct bytes text)
{
	bool cut = false;

	for (int i = s->entities[entity].parent; i >= 0 && !cut; i = s->entities[i].parent)
		cut = s->entities[i].kind == SPLIT_MULTIPART &&
		    flatten_has_delimiter(text, s->entities[i].boundary);
	return cut;
}

/* A message, or a multipart, that is itself encoded: programs that decode it see its parts. */
static bool
flatten_is_wrapped(struct flatten *f, const struct split *s, int entity)
{
	const struct split_entity *e = &s->entities[entity];
	bool odd;

	flatten_field_encoding(split_head(s, entity), &f->word, &odd);
	if (strcmp(f->word.p, "base64") != 0 && strcmp(f->word.p, "quoted-printable") != 0)
		return false;
	if (e->kind == SPLIT_MULTIPART)
		return e->parts == 0;
	flatten_find_type(f, s, entity);
	return e->kind == SPLIT_LEAF && (strcmp(f->type.p, "message/rfc822") == 0 ||
	    strcmp(f->type.p, "message/global") == 0);
}

static void
flatten_put(struct flatten_extra **list, int *count, struct bytes content, const char *name)
{
	struct flatten_extra *e;

	*list = mem_resize(*list, (size_t)(*count + 1) * sizeof **list);
	e = &(*list)[(*count)++];
	e->copy = mem_copy(content);
	e->content = (struct bytes){ e->copy, content.len };
	e->name = mem_string(name);
}

static void
flatten_forget(struct flatten_extra *list, int count)
{
	for (int i = 0; i < count; i++) {
		free(list[i].copy);
		free(list[i].name);
	}
	free(list);
}

/* Its header, without the encoding, which would keep the splitter out. The whole message's stays as
 * it is: nobody asks a multipart for its encoding here. */
static void
flatten_unwrap_head(const struct split *s, int entity, struct patch *p)
{
	struct bytes rest = split_head(s, entity);
	struct split_field field;

	while (split_field_next(&rest, &field))
		if (entity == 0 || !bytes_equal_nocase(field.name,
		    bytes_of("Content-Transfer-Encoding")))
			patch_copy(p, (size_t)(field.all.p - s->text.p), field.all.len);
}

static bool
flatten_unwrap_one(struct flatten *f, const struct split *s, int entity, size_t *at,
    struct patch *p)
{
	const struct split_entity *e = &s->entities[entity];
	struct buf content = BUF_INIT;
	bool certain, done = false;

	if (e->begin >= *at && flatten_is_wrapped(f, s, entity) &&
	    flatten_decode(split_body(s, entity), f->word.p, &content, &certain) &&
	    content.len > 0 && !flatten_would_cut(s, entity, buf_view(&content)) &&
	    (e->kind != SPLIT_MULTIPART || flatten_has_delimiter(buf_view(&content),
	    e->boundary))) {
		patch_copy(p, *at, e->begin - *at);
		flatten_unwrap_head(s, entity, p);
		patch_add(p, bytes_of(f->eol));
		patch_add(p, buf_view(&content));
		flatten_put(&f->known, &f->known_count, buf_view(&content), "");
		*at = e->end;
		done = true;
	}
	buf_clear(&content);
	return done;
}

/* One level of what is encoded. False: there was nothing. */
static bool
flatten_unwrap(struct flatten *f)
{
	struct split *s = f->split;
	struct buf text = BUF_INIT;
	struct patch p;
	bool any = false;
	size_t at = 0;

	patch_init(&p);
	for (int i = 0; i < s->count; i++)
		any |= flatten_unwrap_one(f, s, i, &at, &p);
	if (any) {
		patch_copy(&p, at, s->text.len - at);
		patch_apply(&p, s->text, &text);
		if (f->split != f->source)
			split_free(&f->split);
		buf_clear(&f->text);
		f->text = text;
		f->split = split_new(buf_view(&f->text), &split_main);
	}
	patch_clear(&p);
	return any;
}

/* What is written as a leaf: also a multipart without parts, of which its body is all there is, and
 * what lies too deep. */
static bool
flatten_is_leaf(const struct split *s, int entity, int depth_max)
{
	const struct split_entity *e = &s->entities[entity];

	if (e->depth >= depth_max)
		return e->depth == depth_max;
	return e->kind == SPLIT_LEAF || (e->kind == SPLIT_MULTIPART && e->parts == 0);
}

static void
flatten_read_leaf(struct flatten *f, int entity)
{
	struct flatten_leaf *leaf = &f->leaves[entity];
	bool odd, certain;

	flatten_field_encoding(split_head(f->split, entity), &f->word, &odd);
	leaf->content = split_body(f->split, entity);
	if (f->split->entities[entity].depth < f->depth_max &&
	    flatten_decode(leaf->content, f->word.p, &leaf->decoded, &certain))
		leaf->content = buf_view(&leaf->decoded);
}

/* No program decodes that leaf in another way. */
static bool
flatten_is_certain(struct flatten *f, int entity)
{
	struct bytes body = split_body(f->source, entity);
	struct base64_oddities oddities;
	bool odd, bad;

	flatten_field_encoding(split_head(f->source, entity), &f->word, &odd);
	if (odd)
		return false;
	if (strcmp(f->word.p, "base64") == 0)
		return !base64_check(body, &oddities);
	return strcmp(f->word.p, "quoted-printable") != 0 || !quoted_check(body, &bad);
}

static void
flatten_cover(struct flatten *f, size_t from, size_t to)
{
	memset(f->covered + from, 1, to - from);
}

static void
flatten_read_source(struct flatten *f)
{
	const struct split *s = f->source;

	f->covered = mem_zero(f->original.len + 1);
	for (int i = 0; i < s->count; i++) {
		const struct split_entity *e = &s->entities[i];
		bool leaf = flatten_is_leaf(s, i, SPLIT_DEPTH_MAX + 1);

		flatten_cover(f, e->delimiter, e->body);
		flatten_cover(f, e->close, e->epilogue);
		if (leaf && flatten_is_certain(f, i))
			flatten_cover(f, e->body, e->end);
	}
	for (size_t i = 0; i < f->original.len; i++)
		f->covered[i] |= str_is_space(f->original.p[i]);
}

struct flatten *
flatten_new(struct bytes message)
{
	struct flatten *f = mem_zero(sizeof *f);

	f->original = message;
	f->eol = flatten_eol(message);
	buf_init(&f->text);
	buf_init(&f->junk);
	buf_init(&f->type);
	buf_init(&f->word);
	f->work = message.len * FLATTEN_WORK;
	flatten_name_boundary(f);
	f->split = f->source = split_new(message, &split_main);
	flatten_read_source(f);
	for (int i = 0; i < FLATTEN_UNWRAP_MAX && flatten_unwrap(f); i++)
		;
	f->depth_max = f->split->too_many ? 0 : FLATTEN_DEPTH_MAX;
	f->leaves = mem_array((size_t)f->split->count, sizeof *f->leaves);
	for (int i = 0; i < f->split->count; i++) {
		buf_init(&f->leaves[i].decoded);
		if (flatten_is_leaf(f->split, i, f->depth_max))
			flatten_read_leaf(f, i);
	}
	return f;
}

void
flatten_free(struct flatten **flatten)
{
	struct flatten *f = *flatten;

	if (!f)
		return;
	for (int i = 0; i < f->split->count; i++)
		buf_clear(&f->leaves[i].decoded);
	flatten_forget(f->extras, f->extra_count);
	flatten_forget(f->known, f->known_count);
	free(f->leaves);
	free(f->covered);
	buf_clear(&f->text);
	buf_clear(&f->junk);
	buf_clear(&f->type);
	buf_clear(&f->word);
	if (f->source != f->split)
		split_free(&f->source);
	split_free(&f->split);
	free(f);
	*flatten = NULL;
}

/* ---- other readings ---- */

/* Looks for reading in where; what it costs is counted. */
static bool
flatten_is_in(struct flatten *f, struct bytes where, struct bytes reading)
{
	if (where.len < reading.len)
		return false;
	if (where.len > f->work) {
		f->work = 0; /* enough */
		f->over = true;
		return true;
	}
	f->work -= where.len;
	return memmem(where.p, where.len, reading.p, reading.len) != NULL;
}

/* Text that a mail program shows to nobody, and that hides nothing: "This is a message in MIME
 * format". */
static bool
flatten_is_prose(struct bytes text)
{
	size_t run = 0;
	struct bytes rest = text, line;

	if (text.len > FLATTEN_PROSE_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		run = str_is_space(c) ? 0 : run + 1;
		if ((!str_is_space(c) && (c < ' ' || c > '~')) || c == '=' || run > 60)
			return false;
	}
	while (bytes_line(&rest, &line))
		if (bytes_starts_nocase(line, "content-") || bytes_starts(line, "--") ||
		    bytes_starts_nocase(line, "begin "))
			return false;
	return true;
}

/* Nearly nothing but what base64 is made of? */
static bool
flatten_is_armor(struct bytes text)
{
	size_t other = 0;

	for (size_t i = 0; i < text.len; i++)
		other += !str_is_alnum(text.p[i]) && !strchr("+/=\r\n\t ", text.p[i]);
	return other < text.len / 20;
}

/* Bytes of the message itself that some program may take for a part: is there anything in them that
 * is neither structure nor in a part that everybody sees?  What is encoded in them comes decoded,
 * too. */
static bool
flatten_is_seen(struct flatten *f, struct bytes window)
{
	const char *covered = f->covered + (window.p - f->original.p);
	struct buf rest = BUF_INIT;
	bool seen;

	if (f->work < window.len) {
		f->over = true;
		return true;
	}
	f->work -= window.len;
	if (flatten_is_armor(window))
		return true;
	for (size_t i = 0; i < window.len && rest.len <= FLATTEN_PROSE_MAX; i++)
		if (!covered[i])
			buf_byte(&rest, window.p[i]);
	seen = flatten_is_prose(buf_view(&rest));
	buf_clear(&rest);
	return seen;
}

static bool
flatten_is_text(struct bytes content)
{
	size_t odd = 0;

	for (size_t i = 0; i < content.len; i++) {
		unsigned char c = (unsigned char)content.p[i];

		if (c == '\0' || (c < ' ' && !str_is_space((char)c)))
			return false;
		odd += c >= 0x7f;
	}
	return odd <= content.len / 3;
}

/* Most readings of what is malformed are noise.  What they begin with tells those that are not. */
static bool
flatten_is_known(struct bytes content)
{
	static const char *const magic[] = {
		"PK", "MZ", "%PDF", "GIF8", "\x89PNG", "\xff\xd8\xff", "\x7f" "ELF", "Rar!",
		"7z\xbc\xaf", "\xd0\xcf\x11\xe0", "\x1f\x8b", "BZh", "\xfd" "7zXZ", "{\\rtf",
		"MSCF", "\xca\xfe\xba\xbe", "RIFF", "ITSF", NULL
	};

	for (size_t i = 0; magic[i]; i++)
		if (bytes_starts(content, magic[i]))
			return true;
	return flatten_is_text(content) && words_is_utf8(content);
}

bool
flatten_lacks(struct flatten *f, struct bytes reading)
{
	bool window = reading.p >= f->original.p &&
	    reading.p <= f->original.p + f->original.len;

	if (bytes_trim(reading).len == 0 || (window && flatten_is_seen(f, reading)))
		return false;
	if (++f->seen > FLATTEN_EXTRAS_SEEN) {
		f->over = true;
		return false;
	}
	for (int i = 0; i < f->split->count; i++)
		if (flatten_is_leaf(f->split, i, f->depth_max) &&
		    flatten_is_in(f, f->leaves[i].content, reading))
			return false;
	for (int i = 0; i < f->extra_count; i++)
		if (flatten_is_in(f, f->extras[i].content, reading))
			return false;
	for (int i = 0; i < f->known_count; i++)
		if (f->known[i].content.len == reading.len &&
		    flatten_is_in(f, f->known[i].content, reading))
			return false;
	if (flatten_is_known(reading))
		return true;
	f->over = true; /* it is added as part of the whole */
	return false;
}

void
flatten_add(struct flatten *f, struct bytes reading, const char *name)
{
	if (f->extra_count >= FLATTEN_EXTRAS_MAX)
		f->over = true;
	else
		flatten_put(&f->extras, &f->extra_count, reading, name);
}

void
flatten_add_original(struct flatten *f)
{
	flatten_put(&f->extras, &f->extra_count, f->original, "message.bin");
}

int
flatten_added(const struct flatten *f, bool *over_r)
{
	*over_r = f->over;
	return f->extra_count;
}

/* ---- writing ---- */

struct flatten_writer {
	struct flatten *f;
	struct patch *out;
	struct buf fresh;          /* what has not gone into out yet */
	int open[SPLIT_DEPTH_MAX + 2];   /* multiparts that are not closed yet */
	int opens;
	bool wrapped;              /* the message's own part stands beside the extras */
	bool first;                /* no part of the innermost multipart is there yet */
};

/* -1: the multipart around the message's own part. */
static void
flatten_boundary(const struct flatten *f, int entity, struct buf *out)
{
	buf_printf(out, "%s_%06d", f->boundary, entity + 1);
}

static void
flatten_delimiter(struct flatten_writer *w, bool close)
{
	if (!w->first)
		buf_str(&w->fresh, w->f->eol);
	buf_str(&w->fresh, "--");
	flatten_boundary(w->f, w->open[w->opens - 1], &w->fresh);
	buf_printf(&w->fresh, "%s%s", close ? "--" : "", close ? "" : w->f->eol);
	w->first = false;
}

/* A lone CR, or line ends of the other kind, would be written as escapes at each line. */
static bool
flatten_suits_quoted(struct bytes content, const char *eol)
{
	return flatten_is_text(content) &&
	    (eol[0] == '\r' || !content.len || !memchr(content.p, '\r', content.len));
}

/* The type that a leaf gets; f->type is its storage. */
static const char *
flatten_leaf_type(struct flatten *f, int entity, struct bytes content)
{
	bool text = flatten_is_text(content);

	flatten_find_type(f, f->split, entity);
	if (f->type.len == 0 || bytes_starts(buf_view(&f->type), "multipart/"))
		return text ? "text/plain" : "application/octet-stream";
	if (!bytes_starts(buf_view(&f->type), "message/"))
		return f->type.p;
	if ((strcmp(f->type.p, "message/delivery-status") == 0 ||
	    strcmp(f->type.p, "message/disposition-notification") == 0 ||
	    strcmp(f->type.p, "message/feedback-report") == 0) &&
	    encode_is_plain(content, f->eol))
		return f->type.p;
	return text ? "text/plain" : "application/octet-stream";
}

/* Text that looks like the inside of a message: fields of a part, or base64. */
static bool
flatten_is_tempting(struct bytes text)
{
	struct bytes line;

	while (bytes_line(&text, &line)) {
		line = bytes_trim(line);
		if (bytes_starts_nocase(line, "mime-version") || bytes_starts(line, "--") ||
		    (line.len > 40 && !memchr(line.p, ' ', line.len)))
			return true;
		for (; line.len > 0; line = bytes_from(line, 1))
			if (bytes_starts_nocase(line, "content-"))
				return true;
	}
	return false;
}

static const char *
flatten_leaf_encoding(const struct flatten *f, const char *type, struct bytes content)
{
	bool text = bytes_starts(bytes_of(type), "text/") ||
	    bytes_starts(bytes_of(type), "message/");

	if (text && flatten_is_tempting(content))
		return "base64";
	if (text && encode_is_plain(content, f->eol))
		return "7bit";
	return text && flatten_suits_quoted(content, f->eol) ? "quoted-printable" : "base64";
}

static void
flatten_content(struct flatten *f, struct bytes content, const char *encoding, struct buf *out)
{
	if (encoding[0] == '7') {
		buf_bytes(out, content);
	} else if (encoding[0] == 'q') {
		encode_quoted(content, f->eol, out);
	} else {
		encode_base64(content, f->eol, out);
		if (content.len > 0)
			buf_cut(out, out->len - strlen(f->eol)); /* the delimiter has its own */
	}
}

/* Fields that say what the body is, and for a leaf the body. */
static void
flatten_leaf(struct flatten_writer *w, int entity)
{
	struct flatten *f = w->f;
	struct bytes content = f->leaves[entity].content;
	const char *type = flatten_leaf_type(f, entity, content);
	const char *encoding = flatten_leaf_encoding(f, type, content);
	const struct flatten_part part = { .type = type, .encoding = encoding };

	flatten_field_part(split_head(f->split, entity), &part, f->eol, &w->fresh);
	buf_str(&w->fresh, f->eol);
	flatten_content(f, content, encoding, &w->fresh);
}

/* The types that programs know; any other is mixed (RFC 2046 5.1.3), and so is what was signed. */
static const char *
flatten_multipart_type(struct flatten *f, int entity)
{
	static const char *const known[] = {
		"multipart/alternative", "multipart/related", "multipart/report",
		"multipart/digest", "multipart/encrypted", NULL
	};

	flatten_find_type(f, f->split, entity);
	for (size_t i = 0; known[i]; i++)
		if (strcmp(f->type.p, known[i]) == 0)
			return known[i];
	return "multipart/mixed";
}

static void
flatten_multipart(struct flatten_writer *w, int entity)
{
	struct flatten *f = w->f;
	struct buf boundary = BUF_INIT;
	struct flatten_part part = { .type = flatten_multipart_type(f, entity) };

	flatten_boundary(f, entity, &boundary);
	part.boundary = boundary.p;
	flatten_field_part(split_head(f->split, entity), &part, f->eol, &w->fresh);
	buf_str(&w->fresh, f->eol);
	w->open[w->opens++] = entity;
	w->first = true;
	buf_clear(&boundary);
}

static bool
flatten_has_8bit(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.p[i] >= 0x80)
			return true;
	return false;
}

/* The header of the message inside is part of the body here: all that may have 8-bit bytes. */
static void
flatten_message(struct flatten_writer *w, int entity)
{
	struct flatten *f = w->f;
	const struct split *s = f->split;
	struct flatten_part part = { .type = "message/rfc822", .encoding = "7bit" };

	for (int i = entity + 1; i < s->count && s->entities[i].parent >= entity; i++)
		if (s->entities[s->entities[i].parent].kind == SPLIT_MESSAGE &&
		    flatten_has_8bit(split_head(s, i)))
			part.encoding = "8bit";
	flatten_field_part(split_head(s, entity), &part, f->eol, &w->fresh);
	buf_str(&w->fresh, f->eol);
}

static void
flatten_flush(struct flatten_writer *w)
{
	patch_add(w->out, buf_view(&w->fresh));
	buf_cut(&w->fresh, 0);
}

/* A field of the whole message's header is a run of the original. */
static void
flatten_keep(struct flatten_writer *w, int entity, const struct split_field *field)
{
	if (entity == 0) {
		flatten_flush(w);
		patch_copy(w->out, (size_t)(field->all.p - w->f->split->text.p), field->all.len);
	} else {
		buf_bytes(&w->fresh, field->all);
	}
}

/* The fields of a message's header that stay; those about the body come behind them. */
static void
flatten_head(struct flatten_writer *w, int entity)
{
	struct flatten *f = w->f;
	struct bytes rest = split_head(f->split, entity);
	struct split_field field;

	for (bool first = true; split_field_next(&rest, &field); first = false)
		switch (flatten_field_kind(&field, first, f->eol)) {
		case FLATTEN_FIELD_KEEP:
			flatten_keep(w, entity, &field);
			if (field.all.p[field.all.len - 1] != '\n')
				buf_str(&w->fresh, f->eol);
			break;
		case FLATTEN_FIELD_MEND:
			flatten_field_mend(&field, f->eol, &w->fresh);
			break;
		case FLATTEN_FIELD_JUNK:
		case FLATTEN_FIELD_BODY:
			break;
		}
	buf_printf(&w->fresh, "MIME-Version: 1.0%s", f->eol);
}

static bool
flatten_is_within(const struct split *s, int entity, int outer)
{
	while (entity > outer)
		entity = s->entities[entity].parent;
	return entity == outer;
}

/* Closes multiparts until the innermost one holds the entity. */
static void
flatten_close(struct flatten_writer *w, int entity, int keep)
{
	while (w->opens > keep && !(entity >= 0 &&
	    flatten_is_within(w->f->split, entity, w->open[w->opens - 1]))) {
		flatten_delimiter(w, true);
		w->opens--;
	}
}

static void
flatten_extra(struct flatten_writer *w, struct bytes content, const char *name, const char *type)
{
	struct flatten *f = w->f;
	const char *encoding = flatten_leaf_encoding(f, type, content);

	flatten_delimiter(w, false);
	buf_printf(&w->fresh, "Content-Type: %s%sContent-Transfer-Encoding: %s%s", type, f->eol,
	    encoding, f->eol);
	buf_str(&w->fresh, "Content-Disposition: attachment");
	flatten_field_name("filename", bytes_of(name), f->eol, &w->fresh);
	buf_printf(&w->fresh, "%s%s", f->eol, f->eol);
	flatten_content(f, content, encoding, &w->fresh);
}

static void
flatten_extras(struct flatten_writer *w)
{
	struct flatten *f = w->f;
	char name[32];

	for (int i = 0; i < f->extra_count; i++) {
		memcpy(name, "reading-00.bin", sizeof "reading-00.bin");
		name[8] = (char)('0' + (i + 1) / 10);
		name[9] = (char)('0' + (i + 1) % 10);
		flatten_extra(w, f->extras[i].content,
		    *f->extras[i].name ? f->extras[i].name : name, "application/octet-stream");
	}
	if (f->junk.len > 0)
		flatten_extra(w, buf_view(&f->junk), "header-lines.txt", "text/plain");
}

/* A multipart of our own around the message's own part, unless that is one to add to. */
static void
flatten_wrap(struct flatten_writer *w)
{
	struct flatten *f = w->f;

	if (!flatten_is_leaf(f->split, 0, f->depth_max) &&
	    f->split->entities[0].kind == SPLIT_MULTIPART &&
	    strcmp(flatten_multipart_type(f, 0), "multipart/mixed") == 0)
		return;
	w->wrapped = true;
	buf_printf(&w->fresh, "Content-Type: multipart/mixed;%s boundary=\"", f->eol);
	flatten_boundary(f, -1, &w->fresh);
	buf_printf(&w->fresh, "\"%s%s", f->eol, f->eol);
	w->open[w->opens++] = -1;
	w->first = true;
	flatten_delimiter(w, false);
}

static void
flatten_entity(struct flatten_writer *w, int entity)
{
	const struct flatten *f = w->f;
	const struct split *s = f->split;
	const struct split_entity *e = &s->entities[entity];
	bool in_multipart = e->parent >= 0 && s->entities[e->parent].kind == SPLIT_MULTIPART;

	flatten_close(w, entity, w->wrapped);
	if (in_multipart)
		flatten_delimiter(w, false);
	else
		flatten_head(w, entity);
	if (entity == 0 && (f->extra_count > 0 || f->junk.len > 0))
		flatten_wrap(w);
	if (flatten_is_leaf(s, entity, f->depth_max))
		flatten_leaf(w, entity);
	else if (e->kind == SPLIT_MULTIPART)
		flatten_multipart(w, entity);
	else
		flatten_message(w, entity);
}

/* Nested headers may have junk as well, and it is written last: so it is looked for first. */
static void
flatten_find_junk(struct flatten *f)
{
	struct split_field field;

	buf_cut(&f->junk, 0);
	for (int i = 0; i < f->split->count; i++) {
		struct bytes rest = split_head(f->split, i);
		int parent = f->split->entities[i].parent;

		if (f->split->entities[i].depth > f->depth_max ||
		    (parent >= 0 && f->split->entities[parent].kind == SPLIT_MULTIPART))
			continue;
		for (bool first = true; split_field_next(&rest, &field); first = false)
			if (flatten_field_kind(&field, first, f->eol) == FLATTEN_FIELD_JUNK)
				buf_bytes(&f->junk, field.all);
	}
}

void
flatten_patch(struct flatten *f, struct patch *out)
{
	struct flatten_writer w = { .f = f, .out = out, .fresh = BUF_INIT };

	flatten_find_junk(f);
	for (int i = 0; i < f->split->count; i++)
		if (f->split->entities[i].depth <= f->depth_max)
			flatten_entity(&w, i);
	if (f->extra_count > 0 || f->junk.len > 0) {
		flatten_close(&w, -1, 1);
		flatten_extras(&w);
	}
	flatten_close(&w, -1, 0);
	if (w.fresh.len == 0 || w.fresh.p[w.fresh.len - 1] != '\n')
		buf_str(&w.fresh, f->eol);
	flatten_flush(&w);
	buf_clear(&w.fresh);
}

/* Two views of one message, entity by entity. */
static bool
flatten_agree(const struct split *a, const struct split *b)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++)
		if (a->entities[i].kind != b->entities[i].kind ||
		    a->entities[i].begin != b->entities[i].begin ||
		    a->entities[i].body != b->entities[i].body ||
		    a->entities[i].end != b->entities[i].end)
			return false;
	return true;
}

bool
flatten_is_flat(struct bytes message)
{
	static const struct split_view others[] = {
		{ .last_field = true }, { .last_parameter = true }, { .prefix = true },
		{ .junk_ends_head = true },
	};
	struct split *first = split_new(message, &split_main);
	bool flat = !first->too_many && !first->too_deep;

	for (size_t i = 0; i < sizeof others / sizeof *others && flat; i++) {
		struct split *other = split_new(message, &others[i]);

		flat = flatten_agree(first, other);
		split_free(&other);
	}
	split_free(&first);
	return flat;
}
