#include "mime/html.h"

#include <libxml/HTMLparser.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define HTML_CHUNK 65536
#define HTML_CHARSET_WITHIN 1024

struct html_reader {
	struct buf *out;
	int hidden;       /* open elements from the outermost hidden one inwards; 0: visible */
	bool blank;       /* white space came since the last word */
	bool line_open;   /* the current line has text */
};

static const char *const html_unseen[] = { "script", "style", "template", NULL };
/* Elements that stay on the line of their neighbours; every other one begins and ends a line. */
static const char *const html_inline[] = {
	"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "dfn", "em", "font", "i",
	"img", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong",
	"sub", "sup", "tt", "u", "var", "wbr", NULL
};

static bool
html_is_among(const xmlChar *name, const char *const *list)
{
	for (; *list; list++)
		if (strcasecmp((const char *)name, *list) == 0)
			return true;
	return false;
}

/* Cells of a row stay on one line, apart. */
static bool
html_is_cell(const xmlChar *name)
{
	static const char *const cells[] = { "td", "th", NULL };

	return html_is_among(name, cells);
}

static void
html_break(struct html_reader *h)
{
	if (h->line_open)
		buf_byte(h->out, '\n');
	h->line_open = h->blank = false;
}

/* Of a property's declarations the last counts. */
static void
html_declaration(struct bytes d, bool *display, bool *visibility)
{
	if (bytes_starts(d, "display:"))
		*display = bytes_is(d, "display:none") || bytes_is(d, "display:none!important");
	if (bytes_starts(d, "visibility:"))
		*visibility = bytes_is(d, "visibility:hidden");
}

/* "display:none" however it is spaced. What only looks so must be shown, or it could be kept from
 * a recipe and not from the reader: so not where there is more to it than words. */
static bool
html_style_hides(const char *style)
{
	bool display = false, visibility = false;
	char text[256], *end;
	size_t n = 0;

	for (; *style; style++) {
		if (n + 1 == sizeof text || strchr("()\"'\\/*@{", *style))
			return false;
		if (!str_is_space(*style))
			text[n++] = str_lower(*style);
	}
	text[n] = '\0';
	for (char *p = text; *p; p = end + (*end == ';')) {
		end = p + strcspn(p, ";");
		html_declaration((struct bytes){ p, (size_t)(end - p) }, &display, &visibility);
	}
	return display || visibility;
}

static bool
html_hides(const xmlChar *name, const xmlChar **attributes)
{
	if (html_is_among(name, html_unseen))
		return true;
	for (; attributes && attributes[0]; attributes += 2) {
		if (strcasecmp((const char *)attributes[0], "hidden") == 0)
			return true;
		if (strcasecmp((const char *)attributes[0], "style") == 0 && attributes[1] &&
		    html_style_hides((const char *)attributes[1]))
			return true;
	}
	return false;
}

static void
html_start(void *context, const xmlChar *name, const xmlChar **attributes)
{
	struct html_reader *h = context;

	if (h->hidden > 0) {
		h->hidden++;
		return;
	}
	if (html_is_cell(name))
		h->blank = true;
	else if (!html_is_among(name, html_inline))
		html_break(h);
	if (html_hides(name, attributes))
		h->hidden = 1;
}

static void
html_end(void *context, const xmlChar *name)
{
	struct html_reader *h = context;

	if (h->hidden > 0) {
		h->hidden--;
		return;
	}
	if (html_is_cell(name))
		h->blank = true;
	else if (!html_is_among(name, html_inline))
		html_break(h);
}

static void
html_characters(void *context, const xmlChar *text, int len)
{
	struct html_reader *h = context;

	if (h->hidden > 0)
		return;
	for (int i = 0; i < len; i++) {
		if (str_is_space((char)text[i])) {
			h->blank = true;
			continue;
		}
		if (h->blank && h->line_open)
			buf_byte(h->out, ' ');
		h->blank = false;
		h->line_open = true;
		buf_byte(h->out, (char)text[i]);
	}
}

static void
html_quiet(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

/* libxml2 calls these while it reads: no tree is built, whose size a page would choose. */
static const xmlSAXHandler html_handler = {
	.startElement = html_start,
	.endElement = html_end,
	.characters = html_characters,
	.ignorableWhitespace = html_characters,
	.warning = html_quiet,
	.error = html_quiet,
	.fatalError = html_quiet,
};

bool
html_text(struct bytes html, struct buf *out)
{
	struct html_reader h = { .out = out };
	xmlSAXHandler handler = html_handler;
	bool all = html.len <= HTML_BYTES_MAX;
	htmlParserCtxtPtr parser;

	html = bytes_first(html, HTML_BYTES_MAX);
	parser = htmlCreatePushParserCtxt(&handler, &h, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	if (!parser)
		return false;
	htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
	    HTML_PARSE_NOWARNING | HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	while (html.len > 0) {
		struct bytes chunk = bytes_first(html, HTML_CHUNK);

		htmlParseChunk(parser, chunk.p, (int)chunk.len, 0);
		html = bytes_from(html, chunk.len);
	}
	htmlParseChunk(parser, NULL, 0, 1);
	if (parser->myDoc)
		xmlFreeDoc(parser->myDoc);
	htmlFreeParserCtxt(parser);
	html_break(&h);
	return all;
}

struct bytes
html_charset(struct bytes html)
{
	struct bytes rest = bytes_first(html, HTML_CHARSET_WITHIN);
	size_t n;

	while (rest.len > 0 && !bytes_starts_nocase(rest, "charset="))
		rest = bytes_from(rest, 1);
	rest = bytes_from(rest, strlen("charset="));
	if (rest.len > 0 && (*rest.p == '"' || *rest.p == '\''))
		rest = bytes_from(rest, 1);
	for (n = 0; n < rest.len && (str_is_alnum(rest.p[n]) || strchr("-_:.", rest.p[n])); n++)
		;
	return bytes_first(rest, n);
}
