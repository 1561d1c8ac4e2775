#include "core/words.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

#define WORDS_CHARSET_MAX 40    /* bytes of a charset's name; longer is no encoded word */
#define WORDS_LINE_MAX 75       /* bytes of an encoded word, RFC 2047 section 2 */
#define WORDS_START "=?UTF-8?"  /* of those that we write, then "Q?" or "B?" */
#define WORDS_FRAME 12          /* bytes of such a word that are not text */

/*
 * Charsets.  A stranger chooses the name, and every converter of the C library is code that reads
 * his bytes: only what mail really uses is there, by our own names for it.  Where a superset is
 * what mail programs decode with, it stands in for the charset that is named.
 */
struct words_charset {
	const char *name;   /* lower case, without "x-" */
	const char *iconv;  /* NULL: decoded here, see words_to_utf8 */
};

static const struct words_charset words_charsets[] = {
	{ "big5", "BIG5" }, { "big5-hkscs", "BIG5-HKSCS" }, { "cn-big5", "BIG5" },
	{ "cp1250", "CP1250" }, { "cp1251", "CP1251" }, { "cp437", "CP437" }, { "cp850", "CP850" },
	{ "cp852", "CP852" }, { "cp866", "CP866" }, { "cp932", "CP932" }, { "cp936", "GBK" },
	{ "cp949", "CP949" },
	{ "euc-jp", "EUC-JP" }, { "euc-kr", "CP949" }, { "euc-tw", "EUC-TW" },
	{ "gb18030", "GB18030" }, { "gb2312", "GB18030" }, { "gb_2312-80", "GB18030" },
	{ "gbk", "GB18030" },
	{ "ibm437", "CP437" }, { "ibm850", "CP850" }, { "ibm852", "CP852" }, { "ibm866", "CP866" },
	{ "iso-2022-jp", "ISO-2022-JP-2" }, { "iso-2022-kr", "ISO-2022-KR" },
	{ "iso-8859-10", "ISO-8859-10" }, { "iso-8859-11", "ISO-8859-11" },
	{ "iso-8859-13", "ISO-8859-13" }, { "iso-8859-14", "ISO-8859-14" },
	{ "iso-8859-15", "ISO-8859-15" }, { "iso-8859-16", "ISO-8859-16" },
	{ "iso-8859-2", "ISO-8859-2" }, { "iso-8859-3", "ISO-8859-3" },
	{ "iso-8859-4", "ISO-8859-4" }, { "iso-8859-5", "ISO-8859-5" },
	{ "iso-8859-6", "ISO-8859-6" }, { "iso-8859-7", "ISO-8859-7" },
	{ "iso-8859-8", "ISO-8859-8" }, { "iso-8859-8-i", "ISO-8859-8" },
	{ "iso-8859-9", "CP1254" },
	{ "koi8-r", "KOI8-R" }, { "koi8-u", "KOI8-U" },
	{ "ks_c_5601-1987", "CP949" },
	{ "macintosh", "MACINTOSH" }, { "mac-cyrillic", "MAC-CYRILLIC" },
	{ "ms_kanji", "CP932" }, { "shift-jis", "CP932" }, { "shift_jis", "CP932" },
	{ "sjis", "CP932" }, { "tis-620", "CP874" },
	{ "unicode-1-1-utf-7", "UTF-7" }, { "utf-7", "UTF-7" },
	{ "utf-16", "UTF-16BE" }, { "utf-16be", "UTF-16BE" }, { "utf-16le", "UTF-16LE" },
	{ "utf-32", "UTF-32BE" }, { "utf-32be", "UTF-32BE" }, { "utf-32le", "UTF-32LE" },
	{ "windows-1250", "CP1250" }, { "windows-1251", "CP1251" }, { "windows-1253", "CP1253" },
	{ "windows-1254", "CP1254" }, { "windows-1255", "CP1255" }, { "windows-1256", "CP1256" },
	{ "windows-1257", "CP1257" }, { "windows-1258", "CP1258" }, { "windows-31j", "CP932" },
	{ "windows-874", "CP874" }, { "windows-949", "CP949" },
};

#define WORDS_CHARSETS (sizeof words_charsets / sizeof words_charsets[0])

/* Opened when first needed and kept: opening one loads a module, and words may alternate. */
static struct words_converter {
	iconv_t cd;
	bool opened;
} words_converters[WORDS_CHARSETS];

static const char words_replacement[] = UTF8_REPLACEMENT;

/* 0x80 to 0x9f in windows-1252; 0 has no meaning. */
static const uint16_t words_cp1252[32] = {
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039,
	0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
	0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
};

bool
words_is_utf8(struct bytes text)
{
	while (text.len) {
		size_t n = utf8_length(text, NULL);

		if (n == 0)
			return false;
		text = bytes_from(text, n);
	}
	return true;
}

/* UTF-8 with U+FFFD for each byte that is not part of it. */
static void
words_from_utf8(struct bytes text, struct buf *out)
{
	size_t good = 0;

	while (good < text.len) {
		size_t n = utf8_length(bytes_from(text, good), NULL);

		if (n > 0) {
			good += n;
			continue;
		}
		buf_bytes(out, bytes_first(text, good));
		buf_str(out, words_replacement);
		text = bytes_from(text, good + 1);
		good = 0;
	}
	buf_bytes(out, text);
}

static void
words_from_cp1252(struct bytes text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned c = (unsigned char)text.p[i];

		if (c >= 0x80 && c < 0xa0)
			c = words_cp1252[c - 0x80];
		if (c == 0 && text.p[i]) {
			buf_str(out, words_replacement);
		} else if (c < 0x80) {
			buf_byte(out, (char)c);
		} else {
			if (c >= 0x800)
				buf_byte(out, (char)(0xe0 | c >> 12));
			buf_byte(out, (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6));
			buf_byte(out, (char)(0x80 | (c & 0x3f)));
		}
	}
}

static void
words_from_ascii(struct bytes text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.p[i] < 0x80)
			buf_byte(out, text.p[i]);
		else
			buf_str(out, words_replacement);
	}
}

void
words_raw(struct bytes text, struct buf *out)
{
	if (words_is_utf8(text))
		buf_bytes(out, text);
	else
		words_from_cp1252(text, out);
}

static void
words_convert(iconv_t cd, struct bytes text, struct buf *out)
{
	char step[1024], *in = (char *)(uintptr_t)text.p;
	size_t left = text.len;

	iconv(cd, NULL, NULL, NULL, NULL);
	while (left > 0) {
		char *to = step;
		size_t room = sizeof step;
		size_t rc = iconv(cd, &in, &left, &to, &room);
		int err = rc == (size_t)-1 ? errno : 0;

		words_from_utf8((struct bytes){ step, sizeof step - room }, out);
		if (err == 0 || err == E2BIG)
			continue;
		buf_str(out, words_replacement);
		if (err != EILSEQ)
			return;
		in++;
		left--;
	}
}

/* The name without blanks, quotes, language (RFC 2231 section 5) and "x-". */
static struct bytes
words_charset_name(struct bytes charset)
{
	const char *star = charset.len ? memchr(charset.p, '*', charset.len) : NULL;

	if (star)
		charset.len = (size_t)(star - charset.p);
	charset = bytes_trim(charset);
	if (charset.len > 1 && charset.p[0] == '"' && charset.p[charset.len - 1] == '"')
		charset = bytes_first(bytes_from(charset, 1), charset.len - 2);
	return bytes_starts_nocase(charset, "x-") ? bytes_from(charset, 2) : charset;
}

static bool
words_charset_in(struct bytes name, const char *const *names)
{
	for (; *names; names++)
		if (bytes_equal_nocase(name, bytes_of(*names)))
			return true;
	return false;
}

/* A byte order mark says more than the name; without one, big-endian (RFC 2781 4.3). */
static struct bytes
words_byte_order(struct bytes name, struct bytes *text)
{
	static const struct { const char *name, *mark, *order; size_t length; } rows[] = {
		{ "utf-32", "\xff\xfe\0", "utf-32le", 4 }, { "utf-32", "\0\0\xfe\xff", "utf-32be",
			4 },
		{ "utf-16", "\xff\xfe", "utf-16le", 2 }, { "utf-16", "\xfe\xff", "utf-16be", 2 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (bytes_starts_nocase(name, rows[i].name) && text->len >= rows[i].length
		    && memcmp(text->p, rows[i].mark, rows[i].length) == 0) {
			*text = bytes_from(*text, rows[i].length);
			return bytes_of(rows[i].order);
		}
	return name;
}

static bool
words_by_iconv(struct bytes name, struct bytes text, struct buf *out)
{
	name = words_byte_order(name, &text);
	for (size_t i = 0; i < WORDS_CHARSETS; i++) {
		struct words_converter *c = &words_converters[i];

		if (!bytes_equal_nocase(name, bytes_of(words_charsets[i].name)))
			continue;
		if (!c->opened)
			c->cd = iconv_open("UTF-8", words_charsets[i].iconv);
		c->opened = true;
		if (c->cd == (iconv_t)-1)
			return false;
		words_convert(c->cd, text, out);
		return true;
	}
	return false;
}

void
words_to_utf8(struct bytes charset, struct bytes text, struct buf *out)
{
	static const char *const utf8[] = { "utf-8", "utf8", "unicode-1-1-utf-8", NULL };
	static const char *const latin[] = { "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1",
		"windows-1252", "cp1252", NULL };
	struct bytes name = words_charset_name(charset);

	if (words_charset_in(name, utf8))
		words_from_utf8(text, out);
	else if (words_charset_in(name, latin))
		words_from_cp1252(text, out);
	else if (name.len == 0)
		words_raw(text, out);
	else if (!words_by_iconv(name, text, out))
		words_from_ascii(text, out);
}

/*
 * Decoding encoded words.
 */
struct words_word {
	struct bytes charset, text;
	bool base64;
	size_t length;              /* of the whole word */
};

/* Where the next "?=" is: kept from word to word, since looking for it anew from each "=?" would
 * take quadratic time on text that has none. */
struct words_scan {
	struct bytes line;
	size_t close;
};

/* Offset of the next pair from there on; line.len if there is none. */
static size_t
words_find(struct bytes line, size_t from, const char *pair)
{
	const char *p = line.p + from, *end = line.p + line.len;

	while (p < end && (p = memchr(p, pair[0], (size_t)(end - p))) != NULL) {
		if (end - p > 1 && p[1] == pair[1])
			return (size_t)(p - line.p);
		p++;
	}
	return line.len;
}

static size_t
words_find_close(struct words_scan *s, size_t from)
{
	if (s->close < from)
		s->close = words_find(s->line, from, "?=");
	return s->close;
}

/* encoded-word = "=?" charset "?" encoding "?" encoded-text "?=" (RFC 2047 section 2) */
static bool
words_parse(struct words_scan *s, size_t at, struct words_word *w)
{
	struct bytes rest = bytes_from(s->line, at);
	size_t n = 2, close;

	if (!bytes_starts(rest, "=?"))
		return false;
	while (n < rest.len && n < WORDS_CHARSET_MAX && rest.p[n] != '?' && rest.p[n] > ' ')
		n++;
	if (n == 2 || n + 3 > rest.len || rest.p[n] != '?' || rest.p[n + 2] != '?')
		return false;
	w->base64 = str_lower(rest.p[n + 1]) == 'b';
	if (!w->base64 && str_lower(rest.p[n + 1]) != 'q')
		return false;
	w->charset = bytes_first(bytes_from(rest, 2), n - 2);
	close = words_find_close(s, at + n + 3);
	if (close == s->line.len)
		return false;
	w->text = bytes_first(bytes_from(s->line, at + n + 3), close - (at + n + 3));
	w->length = close + 2 - at;
	return true;
}

static int
words_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = str_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void
words_unescape(struct bytes text, char mark, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		int high = -1, low = -1;

		if (text.p[i] == mark && text.len - i > 2) {
			high = words_hex(text.p[i + 1]);
			low = words_hex(text.p[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			buf_byte(out, (char)(high << 4 | low));
			i += 2;
		} else {
			/* "_" is a blank in encoded words only (RFC 2047 4.2). */
			buf_byte(out, mark == '=' && text.p[i] == '_' ? ' ' : text.p[i]);
		}
	}
}

int
words_base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Padding ends a group, not the text: mail programs concatenate. Other bytes are passed over. */
static void
words_unbase64(struct bytes text, struct buf *out)
{
	unsigned bits = 0;
	int have = 0;

	for (size_t i = 0; i < text.len; i++) {
		int v = words_base64_value(text.p[i]);

		if (text.p[i] == '=')
			have = 0;
		if (v < 0)
			continue;
		bits = bits << 6 | (unsigned)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_byte(out, (char)(bits >> have & 0xff));
		}
	}
}

void
words_one_line(struct buf *out, size_t from)
{
	for (size_t i = from; i < out->len; i++)
		if (out->p[i] == '\n' || out->p[i] == '\r' || out->p[i] == '\0')
			out->p[i] = ' ';
}

void
words_unfold(struct bytes value, struct buf *out)
{
	struct bytes line;

	value = bytes_trim(value);
	while (bytes_line(&value, &line)) {
		if (value.len && line.len && line.p[line.len - 1] == '\r')
			line.len--;
		buf_bytes(out, line);
	}
}

static void
words_flush(struct bytes charset, struct buf *pending, struct buf *out)
{
	if (pending->len)
		words_to_utf8(charset, buf_view(pending), out);
	buf_cut(pending, 0);
}

/* The line from *at up to the next encoded word *w, or to the end of the line. */
static struct bytes
words_plain(struct words_scan *s, size_t *at, struct words_word *w)
{
	size_t start = *at;

	w->length = 0;
	while ((*at = words_find(s->line, *at, "=?")) < s->line.len) {
		if (words_parse(s, *at, w))
			break;
		++*at;
	}
	return bytes_first(bytes_from(s->line, start), *at - start);
}

static void
words_decode_line(struct bytes line, struct buf *out)
{
	struct words_scan s = { line, 0 };
	struct words_word w;
	struct bytes charset = { NULL, 0 };
	struct buf pending = BUF_INIT;
	bool after_word = false;
	size_t at = 0;

	do {
		struct bytes plain = words_plain(&s, &at, &w);
		bool word = w.length > 0;

		/* White space between two words is not text (RFC 2047 section 6.2). */
		if (!after_word || !word || bytes_trim(plain).len > 0) {
			words_flush(charset, &pending, out);
			words_raw(plain, out);
		}
		if (word) {
			if (!bytes_equal_nocase(charset, w.charset))
				words_flush(charset, &pending, out);
			charset = w.charset;
			if (w.base64)
				words_unbase64(w.text, &pending);
			else
				words_unescape(w.text, '=', &pending);
			at += w.length;
		}
		after_word = word;
	} while (at < line.len);
	words_flush(charset, &pending, out);
	buf_clear(&pending);
}

void
words_decode(struct bytes value, struct buf *out)
{
	struct buf line = BUF_INIT;
	size_t start = out->len;

	words_unfold(value, &line);
	if (line.len)
		words_decode_line(buf_view(&line), out);
	words_one_line(out, start);
	buf_clear(&line);
}

size_t
words_encoded_length(struct bytes text)
{
	struct words_scan s = { text, 0 };
	struct words_word w;

	return words_parse(&s, 0, &w) ? w.length : 0;
}

/*
 * Writing encoded words.
 */

/* What may stand in an encoded word of a phrase, RFC 2047 section 5 (3). */
static bool
words_is_plain(char c)
{
	return str_is_alnum(c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

static size_t
words_quoted_length(struct bytes text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += words_is_plain(text.p[i]) || text.p[i] == ' ' ? 1 : 3;
	return n;
}

static size_t
words_base64_length(struct bytes text)
{
	return (text.len + 2) / 3 * 4;
}

static void
words_put_quoted(struct bytes text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		if (words_is_plain(text.p[i]))
			buf_byte(out, text.p[i]);
		else if (text.p[i] == ' ')
			buf_byte(out, '_');
		else
			buf_printf(out, "=%02X", (unsigned char)text.p[i]);
	}
}

static void
words_put_base64(struct bytes text, struct buf *out)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < text.len; i += 3) {
		size_t n = text.len - i < 3 ? text.len - i : 3;
		unsigned bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < n ? (unsigned char)text.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_byte(out, k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=');
	}
}

/* How many bytes of text go into a word with that much room: whole characters, at least one
 * (RFC 2047 section 5: a character is not split between words). */
static size_t
words_fitting(struct bytes text, bool base64, size_t room)
{
	size_t n = 0;

	while (n < text.len) {
		size_t next = n + utf8_length(bytes_from(text, n), NULL);
		struct bytes part = bytes_first(text, next);
		size_t length = base64 ? words_base64_length(part) : words_quoted_length(part);

		if (n > 0 && length > room)
			break;
		n = next;
	}
	return n;
}

void
words_encode(struct bytes text, size_t column, const char *line_end, struct buf *out)
{
	struct buf utf8 = BUF_INIT;
	struct bytes rest;
	bool base64;
	size_t room = WORDS_LINE_MAX > column ? WORDS_LINE_MAX - column : 0;

	words_raw(text, &utf8);
	rest = buf_view(&utf8);
	base64 = words_base64_length(rest) < words_quoted_length(rest);
	while (rest.len) {
		size_t n = words_fitting(rest, base64, room > WORDS_FRAME ? room - WORDS_FRAME : 0);

		buf_str(out, base64 ? WORDS_START "B?" : WORDS_START "Q?");
		if (base64)
			words_put_base64(bytes_first(rest, n), out);
		else
			words_put_quoted(bytes_first(rest, n), out);
		buf_str(out, "?=");
		rest = bytes_from(rest, n);
		if (rest.len)
			buf_printf(out, "%s ", line_end);
		room = WORDS_LINE_MAX - 1;
	}
	buf_clear(&utf8);
}
