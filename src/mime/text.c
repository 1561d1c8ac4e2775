#include "mime/text.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "core/words.h"
#include "mime/html.h"

static const char *
text_wide_charset(const char *declared, struct bytes content)
{
	static const char *const wide[] = {
		"utf-16", "utf-32", "utf16", "utf32", "utf-7", "ucs-", "iso-10646-ucs"
	};
	static const struct {
		const char *mark;
		size_t len;
		const char *charset;
	} marks[] = {
		{ "\xff\xfe\0\0", 4, "UTF-32LE" }, { "\0\0\xfe\xff", 4, "UTF-32BE" },
		{ "\xff\xfe", 2, "UTF-16LE" }, { "\xfe\xff", 2, "UTF-16BE" },
	};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (content.len >= marks[i].len &&
		    memcmp(content.p, marks[i].mark, marks[i].len) == 0)
			return marks[i].charset;
	for (size_t i = 0; declared && i < sizeof wide / sizeof *wide; i++)
		if (strncasecmp(declared, wide[i], strlen(wide[i])) == 0)
			return declared;
	return NULL;
}

bool
text_narrow(GMimePart *part, struct bytes content, struct buf *out)
{
	const char *declared = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part),
	    "charset");
	const char *charset = text_wide_charset(declared, content);

	if (!charset)
		return false;
	words_to_utf8(bytes_of(charset), content, out);
	return true;
}

static void
text_utf8(GMimePart *part, struct bytes content, bool html, struct buf *out)
{
	const char *declared = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part),
	    "charset");
	struct bytes charset = bytes_of(declared);

	if (text_narrow(part, content, out))
		return;
	if (charset.len == 0 && html)
		charset = html_charset(content);
	if (charset.len > 0)
		words_to_utf8(charset, content, out);
	else
		words_raw(content, out);
}

/* CR before LF and NULs go; a CR alone is a line end. */
static void
text_lines(struct bytes text, struct buf *out)
{
	char *to = buf_room(out, text.len);
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '\0' || (c == '\r' && i + 1 < text.len && text.p[i + 1] == '\n'))
			continue;
		to[n++] = c == '\r' ? '\n' : c;
	}
	buf_grew(out, n);
}

bool
text_visible(GMimePart *part, struct bytes content, struct buf *out)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	bool html = type && g_mime_content_type_is_type(type, "text", "html");
	struct buf utf8 = BUF_INIT;
	bool all = true;

	text_utf8(part, content, html, &utf8);
	if (html)
		all = html_text(buf_view(&utf8), out);
	else
		text_lines(buf_view(&utf8), out);
	buf_clear(&utf8);
	return all;
}
