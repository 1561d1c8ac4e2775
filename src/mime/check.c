#include "mime/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/words.h"
#include "mime/armor.h"
#include "mime/base64.h"
#include "mime/namecheck.h"
#include "mime/quoted.h"
#include "mime/typecheck.h"

#define CHECK_STRAY_MAX 16      /* boundaries in other fields that are looked for */
#define CHECK_BOUNDARIES_MAX 64 /* of multiparts, that are looked for all over the message */
#define CHECK_RUN 24            /* letters and digits in a row that look like base64 */
#define CHECK_LINES 8           /* that must look so */
#define CHECK_GLUED_MIN 3       /* a shorter boundary may occur in text by chance */

struct check {
	struct defects *defects;
	const struct split *split;
	int stray;
	struct buf scratch, names;
	/* Of the part at hand: */
	struct split_field type, encoding, disposition;
	int types, encodings, dispositions;
};

static void
check_see(struct check *c, enum defect d)
{
	c->defects->seen[d] = true;
}

/* ---- fields ---- */

static bool
check_is_blank(struct bytes line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.p[i] > ' ')
			return false;
	return true;
}

/* Line ends and bytes that no field should have. */
static void
check_field_bytes(struct check *c, const struct split_field *f, bool mime)
{
	struct bytes rest = f->all, line;

	if (memchr(f->all.p, '\0', f->all.len))
		check_see(c, DEFECT_NUL_IN_HEADER);
	for (size_t i = 0; i < f->all.len; i++) {
		char b = f->all.p[i];

		if (b == '\r' && i + 1 < f->all.len && f->all.p[i + 1] != '\n')
			check_see(c, DEFECT_BARE_CR);
		else if (mime && b && b < ' ' && b > 0 && !strchr("\t\r\n", b))
			check_see(c, DEFECT_MALFORMED_FIELD);
	}
	while (bytes_line(&rest, &line))
		if (check_is_blank(line)) {
			c->defects->odd = true;
			if (mime)
				check_see(c, DEFECT_MALFORMED_HEADER_END);
		}
}

/* The names that matter here; NULL for others. */
static const char *
check_mime_name(const char *squeezed)
{
	static const char *const names[] = {
		"content-type", "content-transfer-encoding", "content-disposition", NULL
	};

	for (size_t i = 0; names[i]; i++)
		if (strcmp(squeezed, names[i]) == 0)
			return names[i];
	return NULL;
}

static bool
check_is_plain_name(struct bytes name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 127)
			return false;
	return name.len > 0;
}

/* A boundary in a field that has none: does it cut the message? */
static void
check_stray(struct check *c, struct bytes value)
{
	struct bytes text = c->split->text, rest, line;

	if (value.len < 10 || c->stray >= CHECK_STRAY_MAX)
		return;
	buf_cut(&c->scratch, 0);
	words_parameter_all(value, "boundary", &c->scratch);
	rest = buf_view(&c->scratch);
	while (bytes_line(&rest, &line) && c->stray++ < CHECK_STRAY_MAX) {
		struct buf delimiter = BUF_INIT;

		buf_printf(&delimiter, "\n--");
		buf_bytes(&delimiter, line);
		if (memmem(text.p, text.len, delimiter.p, delimiter.len))
			check_see(c, DEFECT_STRAY_BOUNDARY);
		buf_clear(&delimiter);
	}
}

static void
check_mime_field(struct check *c, const struct split_field *f, const char *name)
{
	static const struct { const char *name; enum defect repeated; } rows[] = {
		{ "content-type", DEFECT_DUPLICATE_CONTENT_TYPE },
		{ "content-transfer-encoding", DEFECT_DUPLICATE_TRANSFER_ENCODING },
		{ "content-disposition", DEFECT_DUPLICATE_DISPOSITION },
	};
	struct split_field *const kept[] = { &c->type, &c->encoding, &c->disposition };
	int *const counts[] = { &c->types, &c->encodings, &c->dispositions };

	for (size_t i = 0; i < 3; i++) {
		if (strcmp(name, rows[i].name) != 0)
			continue;
		if ((*counts[i])++ == 0)
			*kept[i] = *f;
		else if (!bytes_equal_nocase(bytes_trim(kept[i]->value), bytes_trim(f->value)))
			check_see(c, rows[i].repeated);
		else
			c->defects->odd = true;
	}
}

static void
check_name(struct check *c, const struct split_field *f, const char *name)
{
	const char *colon = memchr(f->all.p, ':', f->all.len);
	size_t before = colon ? (size_t)(colon - f->all.p) : 0;

	if (!check_is_plain_name(bytes_first(f->all, before)) ||
	    !bytes_equal_nocase(f->name, bytes_of(name)) ||
	    bytes_starts(bytes_trim(f->value), ":"))
		check_see(c, DEFECT_MALFORMED_FIELD);
}

static void
check_field(struct check *c, const struct split_field *f, bool first)
{
	char squeezed[32];
	const char *name;

	if (first && split_field_is_from_line(f))
		return;
	typecheck_squeeze(f->name, squeezed, sizeof squeezed);
	name = check_mime_name(squeezed);
	check_field_bytes(c, f, name != NULL);
	if (f->name.len == 0 || (!name && !check_is_plain_name(f->name))) {
		check_see(c, DEFECT_INVALID_HEADER_LINE);
		return;
	}
	if (!name) {
		if (strncmp(squeezed, "content", 7) == 0 && !strchr(squeezed, '-'))
			c->defects->odd = true;
		check_stray(c, f->value);
		return;
	}
	check_name(c, f, name);
	check_mime_field(c, f, name);
	if (name[8] == 't' && name[9] == 'y')
		typecheck_type(c->defects, f->value);
	else if (name[8] == 't')
		typecheck_encoding(c->defects, f->value);
	else
		check_stray(c, f->value);
}

static void
check_fields(struct check *c, int entity)
{
	struct bytes head = split_head(c->split, entity);
	struct split_field f;
	bool first = true;

	c->types = c->encodings = c->dispositions = 0;
	c->type = c->encoding = c->disposition = (struct split_field){ { "", 0 }, { "", 0 },
		{ "", 0 } };
	while (split_field_next(&head, &f)) {
		check_field(c, &f, first && (c->split->entities[entity].parent < 0 ||
		    c->split->entities[c->split->entities[entity].parent].kind == SPLIT_MESSAGE));
		first = false;
	}
	buf_cut(&c->names, 0);
	words_parameter_all(c->disposition.value, "filename", &c->names);
	words_parameter_all(c->type.value, "name", &c->names);
	namecheck_names(c->defects, buf_view(&c->names));
}

/* ---- bodies ---- */

/* Does it begin with lines of base64 and nothing else, the first longer than a word? */
static bool
check_looks_encoded(struct bytes body)
{
	struct bytes line;
	size_t lines = 0;

	while (lines < CHECK_LINES && bytes_line(&body, &line)) {
		size_t n = 0;

		line = bytes_trim(line);
		if (line.len == 0)
			continue;
		while (n < line.len && (str_is_alnum(line.p[n]) || strchr("+/=", line.p[n])))
			n++;
		if (n < line.len || (lines == 0 && n < CHECK_RUN))
			return false;
		lines++;
	}
	return lines > 0;
}

/* Is that the beginning of a file, or text? */
static bool
check_is_file(struct bytes start)
{
	static const char *const magics[] = {
		"PK\3\4", "MZ", "\177ELF", "%PDF", "\x1f\x8b", "Rar!", "7z\xbc\xaf",
		"\xd0\xcf\x11\xe0", "GIF8", "\x89PNG", "\xff\xd8\xff",
		"\x78\x9f\x3e\x22", "\xca\xfe\xba\xbe", NULL
	};

	for (size_t i = 0; magics[i]; i++)
		if (bytes_starts(start, magics[i]))
			return true;
	for (size_t i = 0; i < start.len; i++)
		if ((start.p[i] < ' ' && !str_is_space(start.p[i])) || start.p[i] == 127)
			return false;
	return start.len > 0;
}

/* Base64 that nothing declares, and a file when decoded: not just a long word. */
static bool
check_is_undeclared(struct check *c, struct bytes body)
{
	if (!check_looks_encoded(body))
		return false;
	c->defects->odd = true;
	buf_cut(&c->scratch, 0);
	base64_decode_as(bytes_first(bytes_trim(body), CHECK_RUN * 2), BASE64_STOP, &c->scratch);
	return check_is_file(buf_view(&c->scratch));
}

static bool
check_starts_field(struct bytes body)
{
	static const char *const names[] = {
		"content-type", "content-transfer-encoding", "content-disposition", NULL
	};
	struct bytes line = { "", 0 };
	char squeezed[32];
	const char *colon;

	while (bytes_line(&body, &line) && check_is_blank(line))
		;
	colon = line.len ? memchr(line.p, ':', line.len) : NULL;
	if (!colon)
		return false;
	typecheck_squeeze(bytes_first(line, (size_t)(colon - line.p)), squeezed, sizeof squeezed);
	for (size_t i = 0; names[i]; i++)
		if (strcmp(squeezed, names[i]) == 0)
			return true;
	return false;
}

bool
check_is_mail(struct bytes text)
{
	struct bytes line = { "", 0 };
	bool first = true, mime = false;

	text = bytes_first(text, 1u << 16);
	while (bytes_line(&text, &line) && !check_is_blank(line)) {
		size_t n = 0;

		while (n < line.len && (str_is_alnum(line.p[n]) || line.p[n] == '-'))
			n++;
		if (first && (n == 0 || n == line.len || line.p[n] != ':') &&
		    !bytes_starts(line, "From "))
			return false;
		mime |= bytes_starts_nocase(line, "content-");
		first = false;
	}
	return mime;
}

static void
check_base64(struct check *c, struct bytes body)
{
	struct base64_oddities odd;

	if (!base64_check(body, &odd))
		return;
	c->defects->odd = true;
	c->defects->seen[DEFECT_BASE64_JUNK] |= odd.junk;
	c->defects->seen[DEFECT_BASE64_AFTER_PADDING] |= odd.after_padding;
	c->defects->seen[DEFECT_BASE64_PADDING] |= odd.misaligned && !odd.junk &&
	    !odd.after_padding;
}

static void
check_quoted(struct check *c, struct bytes body)
{
	bool bad;

	if (check_is_undeclared(c, body))
		check_see(c, DEFECT_UNDECLARED_ENCODING);
	c->defects->odd |= quoted_check(body, &bad);
	c->defects->seen[DEFECT_MALFORMED_QUOTED] |= bad;
}

/* Mail inside the text, perhaps. */
static bool
check_mentions_fields(struct bytes body)
{
	struct bytes line;

	while (bytes_line(&body, &line))
		if (line.len > 8 && (line.p[0] | 0x20) == 'c' && check_starts_field(line))
			return true;
	return false;
}

static void
check_plain(struct check *c, struct bytes body)
{
	if (check_is_undeclared(c, body))
		check_see(c, DEFECT_UNDECLARED_ENCODING);
	if (armor_is_in(body))
		check_see(c, DEFECT_INLINE_ENCODING);
	if (check_mentions_fields(body))
		c->defects->odd = true;
	if (memchr(body.p, '\0', body.len))
		c->defects->odd = true;
}

/* A program that says it is text, a picture, a sound or a document. */
static void
check_disguise(struct check *c, struct bytes start)
{
	static const char *const types[] = {
		"text/", "image/", "audio/", "video/", "application/pdf", NULL
	};
	struct bytes type = bytes_trim(c->type.value);

	if (!bytes_starts(start, "MZ") && !bytes_starts(start, "\177ELF"))
		return;
	for (size_t i = 0; types[i]; i++)
		if (bytes_starts_nocase(type, types[i]) && memchr(start.p, '\0', start.len))
			check_see(c, DEFECT_DISGUISED_PROGRAM);
}

static void
check_leaf(struct check *c, int entity)
{
	struct bytes body = split_body(c->split, entity), encoding = bytes_trim(c->encoding.value);

	if (body.len == 0)
		return;
	if (check_starts_field(body))
		check_see(c, DEFECT_HEADER_IN_BODY);
	buf_cut(&c->scratch, 0);
	if (bytes_starts_nocase(encoding, "base64")) {
		check_base64(c, body);
		base64_decode_as(bytes_first(body, 400), BASE64_RESTART, &c->scratch);
		check_disguise(c, buf_view(&c->scratch));
	} else if (bytes_starts_nocase(encoding, "quoted-printable")) {
		check_quoted(c, body);
	} else {
		check_plain(c, body);
		check_disguise(c, bytes_first(body, 400));
	}
}

static void
check_composite(struct check *c)
{
	struct bytes value = bytes_trim(c->encoding.value), type = bytes_trim(c->type.value);

	if ((bytes_starts_nocase(type, "multipart/") ||
	    bytes_starts_nocase(type, "message/rfc822") ||
	    bytes_starts_nocase(type, "message/global")) &&
	    (bytes_starts_nocase(value, "base64") || bytes_starts_nocase(value, "quoted")))
		check_see(c, DEFECT_ENCODED_COMPOSITE);
	if (bytes_starts_nocase(type, "message/partial"))
		check_see(c, DEFECT_MESSAGE_PARTIAL);
}

/* ---- the tree ---- */

/* Outside the delimiters stands a line for old programs at most, no field of a part. */
static bool
check_has_part(struct check *c, struct bytes text)
{
	if (bytes_trim(text).len == 0)
		return false;
	if (check_mentions_fields(text))
		return true;
	return check_is_undeclared(c, text) || armor_is_in(text);
}

static bool
check_is_prefix(struct bytes a, struct bytes b)
{
	return a.len <= b.len && memcmp(a.p, b.p, a.len) == 0;
}

static void
check_multipart(struct check *c, int entity)
{
	const struct split *s = c->split;
	const struct split_entity *e = &s->entities[entity];
	size_t first = e->parts > 0 ? s->entities[entity + 1].delimiter : e->close;

	if (e->parts == 0)
		check_see(c, DEFECT_EMPTY_MULTIPART);
	else if (e->close == e->epilogue)
		check_see(c, DEFECT_NO_CLOSING_BOUNDARY);
	if (check_has_part(c, bytes_first(bytes_from(s->text, e->body), first - e->body)))
		check_see(c, DEFECT_PART_IN_PREAMBLE);
	if (check_has_part(c, bytes_first(bytes_from(s->text, e->epilogue), e->end - e->epilogue)))
		check_see(c, DEFECT_PART_IN_EPILOGUE);
	for (int i = e->parent; i >= 0; i = s->entities[i].parent)
		if (s->entities[i].kind == SPLIT_MULTIPART &&
		    (check_is_prefix(s->entities[i].boundary, e->boundary) ||
		    check_is_prefix(e->boundary, s->entities[i].boundary)))
			check_see(c, DEFECT_NESTED_BOUNDARIES);
}

/* A header that a delimiter ends, not an empty line. */
static void
check_header_end(struct check *c, int entity)
{
	const struct split *s = c->split;
	const struct split_entity *e = &s->entities[entity];
	bool inner = e->parent >= 0 && s->entities[e->parent].kind == SPLIT_MESSAGE;

	if (e->body == e->head_end && e->body > e->begin && e->body < s->text.len && !inner &&
	    e->parent >= 0)
		check_see(c, DEFECT_DELIMITER_IN_HEADER);
	if (e->parent < 0 && e->body == e->head_end && e->kind == SPLIT_MULTIPART)
		check_see(c, DEFECT_DELIMITER_IN_HEADER);
	/* CR CR LF and the like make an empty line of nearly nothing. */
	if (e->body > e->head_end && e->head_end > 1 &&
	    s->text.p[e->head_end - 1] == '\n' && e->head_end > 2 &&
	    memcmp(s->text.p + e->head_end - 2, "\r\n", 2) != 0 &&
	    e->body - e->head_end == 2)
		c->defects->odd = true;
}

/* ---- delimiters ---- */

struct check_lines {
	struct bytes boundaries[CHECK_BOUNDARIES_MAX];
	int count;
	size_t *known;       /* offsets of "--" of lines that the main view takes for delimiters */
	size_t known_count;
};

static int
check_by_offset(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

/* Where the "--" of the delimiter line is that begins at that offset, with the line end before. */
static size_t
check_dashes(struct bytes text, size_t at)
{
	while (at < text.len && (text.p[at] == '\r' || text.p[at] == '\n'))
		at++;
	return at;
}

static void
check_collect(struct check *c, struct check_lines *l)
{
	const struct split *s = c->split;

	l->known = mem_array(2 * (size_t)s->count, sizeof *l->known);
	for (int i = 0; i < s->count; i++) {
		const struct split_entity *e = &s->entities[i];

		if (e->begin > e->delimiter)
			l->known[l->known_count++] = check_dashes(s->text, e->delimiter);
		if (e->kind != SPLIT_MULTIPART)
			continue;
		if (e->epilogue > e->close)
			l->known[l->known_count++] = check_dashes(s->text, e->close);
		if (l->count < CHECK_BOUNDARIES_MAX)
			l->boundaries[l->count++] = e->boundary;
		else
			c->defects->odd = true;
	}
	if (l->known_count)
		qsort(l->known, l->known_count, sizeof *l->known, check_by_offset);
}

/* "--" at that offset is no delimiter of the main view. */
static void
check_other_dashes(struct check *c, const struct check_lines *l, size_t at)
{
	struct bytes text = c->split->text, rest = bytes_from(text, at + 2), line, next;
	bool first = at == 0 || text.p[at - 1] == '\n';

	for (int i = 0; i < l->count; i++)
		if ((first || l->boundaries[i].len >= CHECK_GLUED_MIN) &&
		    check_is_prefix(l->boundaries[i], rest))
			check_see(c, DEFECT_AMBIGUOUS_DELIMITER);
	/* An unknown delimiter in front of a field of MIME. Once a line: lines may be long. */
	if (first && !c->defects->odd && bytes_line(&rest, &line) && bytes_line(&rest, &next) &&
	    bytes_starts_nocase(next, "content-"))
		c->defects->odd = true;
}

/* A known delimiter line should hold nothing but blanks behind its boundary. */
static size_t
check_known_line(struct check *c, size_t at)
{
	struct bytes rest = bytes_from(c->split->text, at), line = { rest.p, 0 };

	bytes_line(&rest, &line);
	for (size_t i = 0; i < line.len; i++)
		if (line.p[i] < ' ' && line.p[i] >= 0 && line.p[i] != '\t' &&
		    !(line.p[i] == '\r' && i + 1 == line.len))
			check_see(c, DEFECT_AMBIGUOUS_DELIMITER);
	return (size_t)(line.p - c->split->text.p) + line.len;
}

static void
check_delimiters(struct check *c)
{
	struct check_lines l = { .count = 0 };
	struct bytes text = c->split->text;
	size_t at = 0, known = 0;

	check_collect(c, &l);
	while (at < text.len) {
		const char *p = memmem(text.p + at, text.len - at, "--", 2);

		if (!p)
			break;
		at = (size_t)(p - text.p);
		while (known < l.known_count && l.known[known] < at)
			known++;
		if (known < l.known_count && l.known[known] == at) {
			at = check_known_line(c, at);
			continue;
		}
		check_other_dashes(c, &l, at);
		at++;
	}
	free(l.known);
}

static void
check_entity(struct check *c, int entity)
{
	check_fields(c, entity);
	check_composite(c);
	check_header_end(c, entity);
	if (c->split->entities[entity].kind == SPLIT_MULTIPART)
		check_multipart(c, entity);
	else if (c->split->entities[entity].kind == SPLIT_LEAF)
		check_leaf(c, entity);
}

void
check_message(struct defects *d, const struct split *s)
{
	struct check c = { .defects = d, .split = s, .scratch = BUF_INIT, .names = BUF_INIT };

	d->seen[DEFECT_TOO_DEEP] |= s->too_deep;
	d->seen[DEFECT_TOO_MANY_PARTS] |= s->too_many;
	for (int i = 0; i < s->count; i++)
		check_entity(&c, i);
	check_delimiters(&c);
	buf_clear(&c.scratch);
	buf_clear(&c.names);
}

static void
check_tell(struct report *r, char letter, int entity, struct bytes text)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "%c %d ", letter, entity);
	buf_bytes(&line, text);
	report_add(r, REPORT_PART, buf_view(&line));
	buf_clear(&line);
}

void
check_list(const struct split *s, struct report *r)
{
	struct check c = { .split = s, .scratch = BUF_INIT, .names = BUF_INIT };

	for (int i = 0; i < s->count; i++) {
		struct defects d = { .odd = false };

		c.defects = &d;
		check_entity(&c, i);
		if (i == 0)
			check_delimiters(&c);
		if (c.encoding.value.len)
			check_tell(r, 'e', i, bytes_trim(c.encoding.value));
		for (int k = 0; k < DEFECTS; k++)
			if (d.seen[k])
				check_tell(r, 'd', i, bytes_of(defect_name(k)));
	}
	buf_clear(&c.scratch);
	buf_clear(&c.names);
}
