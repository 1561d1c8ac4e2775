#include "mime/encode.h"

#include "base/str.h"

#define ENCODE_LINE 76

void
encode_base64(struct bytes content, const char *eol, struct buf *out)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < content.len; i += 3) {
		size_t have = content.len - i < 3 ? content.len - i : 3;
		unsigned bits = 0;
		char *to = buf_room(out, 4);

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < have ? (unsigned char)content.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			to[k] = k <= have ? digits[bits >> (18 - 6 * k) & 63] : '=';
		buf_grew(out, 4);
		if ((i / 3 + 1) % (ENCODE_LINE / 4) == 0 || i + 3 >= content.len)
			buf_str(out, eol);
	}
}

/* Bytes of eol at the start of text, 0 if there is none. */
static size_t
encode_line_end(struct bytes text, const char *eol)
{
	return bytes_starts(text, eol) ? strlen(eol) : 0;
}

/* Is that the beginning of a line that means something to somebody? */
static bool
encode_is_marked(struct bytes line)
{
	return bytes_starts(line, "-") || bytes_starts(line, ".") || bytes_starts(line, "From ")
	    || bytes_starts(line, ">From ") || bytes_starts_nocase(line, "begin ")
	    || bytes_starts(line, "=y");
}

void
encode_quoted(struct bytes content, const char *eol, struct buf *out)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t column = 0, end;

	for (bool first = true; content.len > 0; content = bytes_from(content, 1)) {
		unsigned char c = (unsigned char)content.p[0];
		bool encode = c < ' ' || c > '~' || c == '=';
		struct bytes next = bytes_from(content, 1);

		end = encode_line_end(content, eol);
		if (end > 0) {
			buf_str(out, eol);
			content = bytes_from(content, end - 1);
			column = 0;
			first = true;
			continue;
		}
		if (c == '\t' || c == ' ')
			encode = next.len == 0 || encode_line_end(next, eol) > 0;
		if (first)
			encode = encode || encode_is_marked(content);
		first = false;
		if (column + (encode ? 3 : 1) > ENCODE_LINE - 1) {
			buf_printf(out, "=%s", eol);
			column = 0;
			/* A blank or a mark at the start of such a line is none of the text's. */
			encode = encode || encode_is_marked(content);
		}
		if (encode) {
			const char code[3] = { '=', hex[c >> 4], hex[c & 15] };

			buf_add(out, code, sizeof code);
		} else {
			buf_byte(out, (char)c);
		}
		column += encode ? 3 : 1;
	}
}

bool
encode_is_plain(struct bytes content, const char *eol)
{
	size_t column = 0;

	for (; content.len > 0; content = bytes_from(content, 1)) {
		unsigned char c = (unsigned char)content.p[0];
		size_t end = encode_line_end(content, eol);

		if (end > 0) {
			content = bytes_from(content, end - 1);
			column = 0;
			continue;
		}
		if ((c < ' ' && c != '\t') || c > '~' || (column == 0 && encode_is_marked(content)))
			return false;
		if (++column > ENCODE_LINE + 2)
			return false;
	}
	return true;
}
