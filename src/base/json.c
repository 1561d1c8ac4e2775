#include "base/json.h"

#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/utf8.h"

/* JSON knows only pairs of surrogates for what lies above U+FFFF (RFC 8259, section 7). */
static void
json_escape(struct buf *out, uint32_t point)
{
	if (point < 0x10000) {
		buf_printf(out, "\\u%04x", (unsigned)point);
		return;
	}
	point -= 0x10000;
	buf_printf(out, "\\u%04x\\u%04x", (unsigned)(0xd800 | point >> 10),
	    (unsigned)(0xdc00 | (point & 0x3ff)));
}

void
json_quote(struct buf *out, struct bytes text)
{
	buf_byte(out, '"');
	while (text.len > 0) {
		uint32_t point = 0;
		size_t n = utf8_length(text, &point);

		if (n == 0)
			buf_str(out, UTF8_REPLACEMENT);
		else if (utf8_is_hidden(point))
			json_escape(out, point);
		else if (point == '"' || point == '\\')
			buf_printf(out, "\\%c", (char)point);
		else
			buf_add(out, text.p, n);
		text = bytes_from(text, n ? n : 1);
	}
	buf_byte(out, '"');
}

void
json_init(struct json *j, struct buf *out)
{
	memset(j, 0, sizeof *j);
	j->out = out;
}

static void
json_line(struct json *j)
{
	buf_byte(j->out, '\n');
	for (int i = 0; i < j->depth; i++)
		buf_str(j->out, "  ");
}

static void
json_begin(struct json *j, const char *key)
{
	if (j->depth > 0) {
		if (j->some[j->depth - 1])
			buf_byte(j->out, ',');
		j->some[j->depth - 1] = true;
		json_line(j);
	}
	if (key) {
		json_quote(j->out, bytes_of(key));
		buf_str(j->out, ": ");
	}
}

static void
json_open(struct json *j, const char *key, char open, char close)
{
	json_begin(j, key);
	if (j->depth == JSON_DEPTH)
		panic("JSON: more than %d levels", JSON_DEPTH);
	buf_byte(j->out, open);
	j->close[j->depth] = close;
	j->some[j->depth++] = false;
}

void
json_object(struct json *j, const char *key)
{
	json_open(j, key, '{', '}');
}

void
json_array(struct json *j, const char *key)
{
	json_open(j, key, '[', ']');
}

void
json_end(struct json *j)
{
	if (j->depth == 0)
		panic("JSON: nothing to end");
	j->depth--;
	if (j->some[j->depth])
		json_line(j);
	buf_byte(j->out, j->close[j->depth]);
	if (j->depth == 0)
		buf_byte(j->out, '\n');
}

void
json_bytes(struct json *j, const char *key, struct bytes value)
{
	json_begin(j, key);
	json_quote(j->out, value);
}

void
json_str(struct json *j, const char *key, const char *value)
{
	json_begin(j, key);
	if (value)
		json_quote(j->out, bytes_of(value));
	else
		buf_str(j->out, "null");
}

void
json_number(struct json *j, const char *key, long long value)
{
	json_begin(j, key);
	buf_printf(j->out, "%lld", value);
}

void
json_decimal(struct json *j, const char *key, double value)
{
	json_begin(j, key);
	/* Neither infinity nor "not a number" has a spelling in JSON. */
	if (value != value || value > 1e300 || value < -1e300)
		buf_str(j->out, "null");
	else
		buf_printf(j->out, "%.10g", value);
}

void
json_bool(struct json *j, const char *key, bool value)
{
	json_begin(j, key);
	buf_str(j->out, value ? "true" : "false");
}

void
json_raw(struct json *j, const char *key, struct bytes value)
{
	json_begin(j, key);
	buf_bytes(j->out, bytes_trim(value));
}

/* ---- reading ---- */

static void
json_blanks(struct bytes *rest)
{
	while (rest->len > 0 && str_is_space(*rest->p))
		*rest = bytes_from(*rest, 1);
}

static bool
json_take(struct bytes *rest, char c)
{
	json_blanks(rest);
	if (rest->len == 0 || *rest->p != c)
		return false;
	*rest = bytes_from(*rest, 1);
	return true;
}

static bool
json_hex(struct bytes *rest, uint32_t *out)
{
	uint32_t n = 0;

	if (rest->len < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = str_lower(rest->p[i]);

		if (c >= '0' && c <= '9')
			n = n << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	*rest = bytes_from(*rest, 4);
	*out = n;
	return true;
}

static bool
json_unescape(struct bytes *rest, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = rest->len ? memchr(from, *rest->p, sizeof from - 1) : NULL;
	uint32_t c, low;

	if (at) {
		buf_byte(out, to[at - from]);
		*rest = bytes_from(*rest, 1);
		return true;
	}
	if (!rest->len || *rest->p != 'u')
		return false;
	*rest = bytes_from(*rest, 1);
	if (!json_hex(rest, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00 && bytes_starts(*rest, "\\u")) {
		*rest = bytes_from(*rest, 2);
		if (!json_hex(rest, &low))
			return false;
		if (low >= 0xdc00 && low < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	utf8_add(out, c);
	return true;
}

/* What follows the opening quote. */
static bool
json_string(struct bytes *rest, struct buf *out)
{
	while (rest->len > 0) {
		char c = *rest->p;

		*rest = bytes_from(*rest, 1);
		if (c == '"')
			return true;
		if (c != '\\')
			buf_byte(out, c);
		else if (!json_unescape(rest, out))
			return false;
	}
	return false;
}

static bool
json_value(struct bytes *rest, struct buf *out)
{
	size_t n = 0;

	if (json_take(rest, '"'))
		return json_string(rest, out);
	while (n < rest->len && (str_is_alnum(rest->p[n]) || strchr("+-.", rest->p[n])))
		n++;
	buf_bytes(out, bytes_first(*rest, n));
	*rest = bytes_from(*rest, n);
	return n > 0;
}

bool
json_find(struct bytes text, const char *key, struct buf *out)
{
	struct buf name = BUF_INIT, value = BUF_INIT;
	bool found = false, more = json_take(&text, '{');

	while (more && !found) {
		buf_cut(&name, 0);
		buf_cut(&value, 0);
		if (!json_take(&text, '"') || !json_string(&text, &name) || !json_take(&text, ':')
		    || !json_value(&text, &value))
			break;
		found = strcmp(name.p, key) == 0;
		more = json_take(&text, ',');
	}
	if (found)
		buf_bytes(out, buf_view(&value));
	buf_clear(&name);
	buf_clear(&value);
	return found;
}
