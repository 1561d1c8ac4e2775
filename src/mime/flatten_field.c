#include "mime/flatten_field.h"

#include <string.h>

#include "base/str.h"
#include "core/words.h"

#define FLATTEN_FIELD_LINE 76       /* columns that a mended field is folded at */
#define FLATTEN_FIELD_NAME_MAX 200  /* bytes of a file name that are kept; its end */
#define FLATTEN_FIELD_VALUE_MAX 400 /* bytes of another parameter or field */

/* RFC 2045 5.1. */
static bool
flatten_field_is_token(struct bytes b)
{
	if (b.len == 0 || b.len > FLATTEN_FIELD_VALUE_MAX)
		return false;
	for (size_t i = 0; i < b.len; i++)
		if (b.p[i] <= ' ' || b.p[i] > '~' || strchr("()<>@,;:\\\"/[]?=", b.p[i]))
			return false;
	return true;
}

/* RFC 5322 3.6.8, and nothing that looks like a delimiter. */
static bool
flatten_field_is_name(struct bytes name)
{
	if (name.len == 0 || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == ':')
			return false;
	return true;
}

/* Is one line with its end just that, and not empty but for blanks? */
static bool
flatten_field_is_line(struct bytes line, const char *eol)
{
	size_t n = strlen(eol);

	if (line.len < n || memcmp(line.p + line.len - n, eol, n) != 0)
		return false;
	line.len -= n;
	return bytes_trim(line).len > 0 && !memchr(line.p, '\r', line.len) &&
	    !memchr(line.p, '\0', line.len);
}

static bool
flatten_field_is_clean(const struct split_field *f, const char *eol)
{
	struct bytes rest = f->all, line;

	if (f->value.p != f->all.p + f->name.len + 1)
		return false;
	while (rest.len > 0) {
		const char *start = rest.p;

		bytes_line(&rest, &line);
		line = (struct bytes){ start, (size_t)(rest.p - start) };
		if (!flatten_field_is_line(line, eol))
			return false;
	}
	return true;
}

/* Something that only some programs take for a field of MIME. */
static bool
flatten_field_is_sham(struct bytes name)
{
	if (!bytes_starts_nocase(name, "content-") && !bytes_starts_nocase(name, "mime-"))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!str_is_alnum(name.p[i]) && name.p[i] != '-')
			return true;
	return false;
}

enum flatten_field
flatten_field_kind(const struct split_field *f, bool first, const char *eol)
{
	static const char *const body[] = {
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
		"Content-ID", "Content-Description", "Content-Location", "Content-MD5", NULL
	};

	if (first && split_field_is_from_line(f))
		return FLATTEN_FIELD_KEEP;
	if (!flatten_field_is_name(f->name) || flatten_field_is_sham(f->name))
		return FLATTEN_FIELD_JUNK;
	for (size_t i = 0; body[i]; i++)
		if (bytes_equal_nocase(f->name, bytes_of(body[i])))
			return FLATTEN_FIELD_BODY;
	return flatten_field_is_clean(f, eol) ? FLATTEN_FIELD_KEEP : FLATTEN_FIELD_MEND;
}

/* Appends text, whose blanks are places to break a line; column: how much of it is used. */
static void
flatten_field_fold(struct bytes text, size_t column, const char *eol, struct buf *out)
{
	while (text.len > 0) {
		size_t n = 1;

		while (n < text.len && text.p[n] != ' ')
			n++;
		if (text.p[0] == ' ' && n > 1 && column + n > FLATTEN_FIELD_LINE) {
			buf_str(out, eol);
			column = 0;
		}
		buf_bytes(out, bytes_first(text, n));
		column += n;
		text = bytes_from(text, n);
	}
}

void
flatten_field_mend(const struct split_field *f, const char *eol, struct buf *out)
{
	struct buf value = BUF_INIT, line = BUF_INIT;
	struct bytes rest;
	bool blank = false;

	words_unfold(f->value, &value);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.p[i];

		if (c == '\0' || str_is_space(c)) {
			blank = true;
			continue;
		}
		if (blank && line.len > 0)
			buf_byte(&line, ' ');
		buf_byte(&line, c);
		blank = false;
	}
	buf_bytes(out, f->name);
	buf_str(out, ": ");
	rest = buf_view(&line);
	flatten_field_fold(rest, f->name.len + 2, eol, out);
	buf_str(out, eol);
	buf_clear(&line);
	buf_clear(&value);
}

/* Is it text of one line that may stand between quotes? */
static bool
flatten_field_is_plain(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (b.p[i] < ' ' || b.p[i] > '~' || strchr("\"\\%'*", b.p[i]))
			return false;
	return b.len > 0 && b.len <= FLATTEN_FIELD_VALUE_MAX;
}

static void
flatten_field_quoted(const char *parameter, struct bytes value, const char *eol, struct buf *out)
{
	buf_printf(out, ";%s %s=", eol, parameter);
	if (flatten_field_is_token(value)) {
		buf_bytes(out, value);
		return;
	}
	buf_byte(out, '"');
	buf_bytes(out, value);
	buf_byte(out, '"');
}

/* The last component, without what Windows ignores and what readers cannot see. */
static struct bytes
flatten_field_basename(struct bytes name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] == '/' || name.p[i] == '\\') {
			name = bytes_from(name, i + 1);
			i = (size_t)-1;
		}
	name = bytes_trim(name);
	while (name.len > 0 && (name.p[name.len - 1] == '.' || name.p[name.len - 1] == ' '))
		name.len--;
	return name;
}

/* Bytes of a control, or of a mark that is invisible or turns the direction of writing; else 0. */
static size_t
flatten_field_sly(struct bytes b)
{
	unsigned char c = (unsigned char)b.p[0];
	unsigned char d = b.len > 1 ? (unsigned char)b.p[1] : 0;
	unsigned char e = b.len > 2 ? (unsigned char)b.p[2] : 0;

	if (c < ' ' || c == 0x7f)
		return 1;
	if (c == 0xc2 && (d < 0xa0 || d == 0xad))
		return 2;
	if (c == 0xd8 && d == 0x9c)
		return 2;
	if (c == 0xe2 && d == 0x80 && ((e >= 0x8b && e <= 0x8f) || (e >= 0xa8 && e <= 0xae)))
		return 3;
	if ((c == 0xe2 && d == 0x81 && e >= 0xa0) || (c == 0xef && d == 0xbb && e == 0xbf))
		return 3;
	return 0;
}

static void
flatten_field_extended(const char *parameter, struct bytes name, const char *eol, struct buf *out)
{
	static const char hex[] = "0123456789ABCDEF";

	buf_printf(out, ";%s %s*=utf-8''", eol, parameter);
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (str_is_alnum((char)c) || c == '.' || c == '-' || c == '_') {
			buf_byte(out, (char)c);
		} else {
			buf_byte(out, '%');
			buf_byte(out, hex[c >> 4]);
			buf_byte(out, hex[c & 15]);
		}
	}
}

void
flatten_field_name(const char *parameter, struct bytes name, const char *eol, struct buf *out)
{
	struct buf clean = BUF_INIT;
	struct bytes text;
	size_t skip;

	while (name.len > 0) {
		skip = flatten_field_sly(name);
		if (skip == 0)
			buf_byte(&clean, name.p[0]);
		name = bytes_from(name, skip ? skip : 1);
	}
	text = flatten_field_basename(buf_view(&clean));
	/* Cut in front: its extension says what a click does. Not within a character. */
	if (text.len > FLATTEN_FIELD_NAME_MAX)
		text = bytes_from(text, text.len - FLATTEN_FIELD_NAME_MAX);
	while (text.len > 0 && ((unsigned char)text.p[0] & 0xc0) == 0x80)
		text = bytes_from(text, 1);
	text = bytes_trim(text);
	if (flatten_field_is_plain(text))
		flatten_field_quoted(parameter, text, eol, out);
	else if (text.len > 0)
		flatten_field_extended(parameter, text, eol, out);
	buf_clear(&clean);
}

void
flatten_field_type(struct bytes head, bool digest, struct buf *out)
{
	struct bytes all, slash;
	struct split_field f;
	const char *p;

	buf_cut(out, 0);
	if (!split_field_find(head, "Content-Type", false, &f)) {
		buf_str(out, digest ? "message/rfc822" : "text/plain");
		return;
	}
	split_type(f.value, out);
	all = buf_view(out);
	p = memchr(all.p, '/', all.len);
	slash = p ? bytes_from(all, (size_t)(p - all.p)) : bytes_from(all, all.len);
	if (!flatten_field_is_token(bytes_first(all, all.len - slash.len)) ||
	    !flatten_field_is_token(bytes_from(slash, 1)))
		buf_cut(out, 0);
}

void
flatten_field_encoding(struct bytes head, struct buf *word, bool *odd_r)
{
	static const char *const known[] = {
		"7bit", "8bit", "binary", "base64", "quoted-printable", NULL
	};
	struct split_field f, other;
	struct bytes value;
	int depth = 0;

	buf_cut(word, 0);
	*odd_r = false;
	if (!split_field_find(head, "Content-Transfer-Encoding", false, &f))
		return;
	value = bytes_trim(f.value);
	split_field_find(head, "Content-Transfer-Encoding", true, &other);
	*odd_r = other.all.p != f.all.p || !flatten_field_is_token(value);
	for (size_t i = 0; i < value.len && !(depth == 0 && strchr(",;", value.p[i])); i++) {
		if (value.p[i] == '(' || (value.p[i] == ')' && depth > 0))
			depth += value.p[i] == '(' ? 1 : -1;
		else if (depth == 0 && value.p[i] > ' ' && value.p[i] <= '~' &&
		    !strchr("\"\\)", value.p[i]))
			buf_byte(word, str_lower(value.p[i]));
	}
	for (size_t i = 0; known[i]; i++)
		if (strcmp(word->p, known[i]) == 0)
			return;
	*odd_r = true;
}

static void
flatten_field_type_line(struct bytes head, const struct flatten_part *part, const char *eol,
    struct buf *out)
{
	static const char *const parameters[] = {
		"charset", "format", "delsp", "type", "start", "start-info", "report-type",
		"method", "protocol", "smime-type", NULL
	};
	struct buf value = BUF_INIT;
	struct split_field f;
	bool have = split_field_find(head, "Content-Type", false, &f);

	buf_printf(out, "Content-Type: %s", part->type);
	for (size_t i = 0; have && parameters[i]; i++) {
		buf_cut(&value, 0);
		if (words_parameter(f.value, parameters[i], &value) &&
		    flatten_field_is_plain(bytes_trim(buf_view(&value))))
			flatten_field_quoted(parameters[i], bytes_trim(buf_view(&value)), eol, out);
	}
	if (part->boundary)
		buf_printf(out, ";%s boundary=\"%s\"", eol, part->boundary);
	buf_str(out, eol);
	buf_clear(&value);
}

static void
flatten_field_disposition(struct bytes head, const struct flatten_part *part, const char *eol,
    struct buf *out)
{
	struct buf name = BUF_INIT;
	struct split_field f;
	bool given = split_field_find(head, "Content-Disposition", false, &f);
	bool in_line = given && bytes_starts_nocase(bytes_trim(f.value), "inline");
	bool named = given && words_parameter(f.value, "filename", &name) && name.len > 0;
	struct split_field type;

	if (!named && split_field_find(head, "Content-Type", false, &type)) {
		buf_cut(&name, 0);
		named = words_parameter(type.value, "name", &name) && name.len > 0;
	}
	if (given || named || part->attach) {
		buf_printf(out, "Content-Disposition: %s", in_line ? "inline" : "attachment");
		if (named)
			flatten_field_name("filename", buf_view(&name), eol, out);
		buf_str(out, eol);
	}
	buf_clear(&name);
}

/* Identifiers that other parts refer to, as they are. */
static void
flatten_field_identifier(struct bytes head, const char *name, const char *eol, struct buf *out)
{
	struct split_field f;
	struct bytes value;

	if (!split_field_find(head, name, false, &f))
		return;
	value = bytes_trim(f.value);
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] <= ' ' || value.p[i] > '~')
			return;
	if (value.len > 0 && value.len <= FLATTEN_FIELD_VALUE_MAX)
		buf_printf(out, "%s: %.*s%s", name, (int)value.len, value.p, eol);
}

static void
flatten_field_description(struct bytes head, const char *eol, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct split_field f;

	if (split_field_find(head, "Content-Description", false, &f)) {
		words_decode(f.value, &text);
		if (flatten_field_is_plain(buf_view(&text)))
			buf_printf(out, "Content-Description: %s%s", text.p, eol);
	}
	buf_clear(&text);
}

void
flatten_field_part(struct bytes head, const struct flatten_part *part, const char *eol,
    struct buf *out)
{
	flatten_field_type_line(head, part, eol, out);
	if (part->encoding)
		buf_printf(out, "Content-Transfer-Encoding: %s%s", part->encoding, eol);
	flatten_field_disposition(head, part, eol, out);
	flatten_field_identifier(head, "Content-ID", eol, out);
	flatten_field_identifier(head, "Content-Location", eol, out);
	flatten_field_description(head, eol, out);
}
