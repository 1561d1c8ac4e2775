#include "mime/typecheck.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define TYPECHECK_BOUNDARY_MAX 70   /* RFC 2046 5.1.1 */

void
typecheck_squeeze(struct bytes name, char *out, size_t size)
{
	size_t n = 0;
	int depth = 0;

	for (size_t i = 0; i < name.len && n + 1 < size; i++) {
		char c = name.p[i];

		if (c == '(' || (c == ')' && depth > 0))
			depth += c == '(' ? 1 : -1;
		else if (depth == 0 && (str_is_alnum(c) || c == '-' || c == '_'))
			out[n++] = str_lower(c);
	}
	out[n] = '\0';
}

/* token of RFC 2045 5.1, without 8-bit bytes. */
static bool
typecheck_is_token(char c)
{
	return c > ' ' && c < 127 && !strchr("()<>@,;:\\\"/[]?=", c);
}

static size_t
typecheck_token(struct bytes s)
{
	size_t n = 0;

	while (n < s.len && typecheck_is_token(s.p[n]))
		n++;
	return n;
}

static struct bytes
typecheck_blanks(struct bytes s)
{
	while (s.len && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\r' || s.p[0] == '\n'))
		s = bytes_from(s, 1);
	return s;
}

/* Bytes of a value without comment: a quoted string, or text up to ";" or a blank. */
static size_t
typecheck_value(struct bytes s)
{
	size_t n = 0;

	if (s.len && s.p[0] == '"') {
		for (n = 1; n < s.len && s.p[n] != '"'; n++)
			n += s.p[n] == '\\';
		return n < s.len ? n + 1 : 0;
	}
	while (n < s.len && s.p[n] != ';' && !str_is_space(s.p[n]))
		n++;
	return n;
}

/* Is that, quotes included, a boundary nobody can misread? */
static bool
typecheck_is_boundary(struct bytes v)
{
	bool quoted = v.len >= 2 && v.p[0] == '"';

	if (quoted)
		v = bytes_first(bytes_from(v, 1), v.len - 2);
	if (v.len == 0 || v.len > TYPECHECK_BOUNDARY_MAX || v.p[0] == ' ' ||
	    v.p[v.len - 1] == ' ' || (v.p[0] == '\'' && v.p[v.len - 1] == '\'') ||
	    bytes_starts(v, "=?"))
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] < ' ' || v.p[i] >= 127 || strchr("\"\\;", v.p[i]) ||
		    (!quoted && strchr(" (),", v.p[i])))
			return false;
	return true;
}

struct typecheck_parameters {
	int boundaries;      /* named exactly so */
	int charsets;
	bool good;           /* the last of them */
	bool irregular;      /* something is not "; key=value" */
};

static void
typecheck_parameters(struct bytes s, struct typecheck_parameters *p)
{
	while ((s = typecheck_blanks(s)).len) {
		struct bytes key, value;

		if (s.p[0] != ';')
			break;
		s = typecheck_blanks(bytes_from(s, 1));
		if (s.len == 0 || s.p[0] == ';')
			continue; /* one ";" too many is common, and harmless */
		key = bytes_first(s, typecheck_token(s));
		s = bytes_from(s, key.len);
		if (key.len == 0 || s.len == 0 || s.p[0] != '=')
			break;
		s = bytes_from(s, 1);
		value = bytes_first(s, typecheck_value(s));
		s = bytes_from(s, value.len);
		if (value.len == 0)
			break;
		if (bytes_equal_nocase(key, bytes_of("boundary"))) {
			p->boundaries++;
			p->good = typecheck_is_boundary(value);
		}
		p->charsets += bytes_equal_nocase(key, bytes_of("charset"));
	}
	p->irregular = s.len > 0;
}

/* How often the word stands there, however it is meant. */
static int
typecheck_mentions(struct bytes value)
{
	struct buf plain = BUF_INIT;
	struct bytes rest;
	int n = 0;

	for (size_t i = 0; i < value.len; i++)
		if (!strchr("\\ \t\r\n", value.p[i]) && value.p[i])
			buf_byte(&plain, value.p[i]);
	for (rest = buf_view(&plain); rest.len; rest = bytes_from(rest, 1))
		n += (rest.p[0] | 0x20) == 'b' && bytes_starts_nocase(rest, "boundary");
	buf_clear(&plain);
	return n;
}

static void
typecheck_multipart(struct defects *d, struct bytes value, const struct typecheck_parameters *p)
{
	int mentions = typecheck_mentions(value);

	if (mentions == 0)
		d->seen[DEFECT_MISSING_BOUNDARY] = true;
	else if (mentions > 1 || p->boundaries > 1)
		d->seen[DEFECT_AMBIGUOUS_BOUNDARY] = true;
	else if (p->boundaries == 0 || !p->good || p->irregular)
		d->seen[DEFECT_MALFORMED_BOUNDARY] = true;
	if (memchr(value.p, '(', value.len))
		d->seen[DEFECT_COMMENT_IN_FIELD] |= p->irregular;
}

void
typecheck_type(struct defects *d, struct bytes value)
{
	struct typecheck_parameters p = { 0 };
	struct bytes rest = typecheck_blanks(value);
	size_t n = typecheck_token(rest);
	char squeezed[32];
	bool valid = n > 0 && n < rest.len && rest.p[n] == '/', multipart;

	rest = bytes_from(rest, n + 1);
	n = typecheck_token(rest);
	valid = valid && n > 0;
	rest = typecheck_blanks(bytes_from(rest, n));
	valid = valid && (rest.len == 0 || rest.p[0] == ';' || rest.p[0] == '(');
	if (rest.len && rest.p[0] == '(')
		d->odd = true;
	if (!valid && bytes_trim(value).len > 0)
		d->seen[DEFECT_INVALID_CONTENT_TYPE] = true;
	typecheck_parameters(rest, &p);
	typecheck_squeeze(bytes_first(value, 64), squeezed, sizeof squeezed);
	multipart = strncmp(squeezed, "multipart", 9) == 0 || (!valid && strstr(squeezed, "multi"));
	d->odd |= p.irregular;
	d->seen[DEFECT_DUPLICATE_PARAMETER] |= p.charsets > 1;
	if (multipart)
		typecheck_multipart(d, value, &p);
}

void
typecheck_encoding(struct defects *d, struct bytes value)
{
	static const char *const known[] = {
		"7bit", "8bit", "binary", "base64", "quoted-printable", NULL
	};
	/* What sloppy programs write and nobody decodes. */
	static const char *const plain[] = {
		"", "7-bit", "8-bit", "7bits", "8bits", "none", "us-ascii", "utf-8", "utf8",
		"plain", "text", NULL
	};

	value = bytes_trim(value);
	for (size_t i = 0; known[i]; i++)
		if (bytes_equal_nocase(value, bytes_of(known[i])))
			return;
	d->odd = true;
	for (size_t i = 0; plain[i]; i++)
		if (bytes_equal_nocase(value, bytes_of(plain[i])))
			return;
	d->seen[DEFECT_UNKNOWN_TRANSFER_ENCODING] = true;
	d->seen[DEFECT_COMMENT_IN_FIELD] |= memchr(value.p, '(', value.len) != NULL;
}
