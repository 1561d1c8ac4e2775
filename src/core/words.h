/*
 * words.h - header text to UTF-8 and back: encoded words (RFC 2047), parameters (RFC 2231), and
 * charsets.
 *
 * Everything appended to an out buffer is valid UTF-8.  Nothing is an error and nothing is lost
 * silently: what cannot be decoded stays as it is, bytes without meaning become U+FFFD.  Sloppy
 * forms that mail programs show anyway are decoded, since that is what the reader sees.  Linear in
 * the text.
 */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Text in that charset; letter case, a leading "x-" and a language behind "*" do not matter. Empty:
 * as words_raw. A charset that is not known here keeps its ASCII, each other byte is U+FFFD. Not
 * for several threads at once: converters are kept. */
void words_to_utf8(struct bytes charset, struct bytes text, struct buf *out);
/* 8-bit text that names no charset: UTF-8 if it is valid, else windows-1252. */
void words_raw(struct bytes text, struct buf *out);
bool words_is_utf8(struct bytes text);

/* Appends value on one line: line ends go, the blanks that follow them stay; none at the ends. */
void words_unfold(struct bytes value, struct buf *out);
/* A field's value: unfolded, blanks at both ends dropped, encoded words decoded. Neighbouring words
 * of one charset are joined as bytes before conversion, so a character may be split between them.
 * Always one line: CR, LF and NUL that a word decodes to become blanks. */
void words_decode(struct bytes value, struct buf *out);
/* Bytes of the encoded word ("=?charset?B?...?=") at the start of text, 0 if there is none. */
size_t words_encoded_length(struct bytes text);

/* Text (through words_raw) as one or more encoded words of 75 bytes at most, with line_end and a
 * blank between them. column: how much of the line is used already; the first word is shorter for
 * that, but holds one character at least. */
void words_encode(struct bytes text, size_t column, const char *line_end, struct buf *out);

/* Parameter name of a Content-Type or Content-Disposition value: RFC 2231 pieces joined, percent
 * and charset decoded, else encoded words decoded. What RFC 2231 prefers wins: the extended form
 * over the plain one. False, out untouched, when there is none. */
bool words_parameter(struct bytes value, const char *name, struct buf *out);
/* Every value that some program may show for that parameter, one a line, the first few without
 * repeats: each plain one (also with its backslashes, percent-decoded, cut at the first blank where
 * it has no quotes), each extended one, the joined pieces in order of appearance, in order of
 * number, and up to the first gap. CR, LF and NUL inside become blanks. */
void words_parameter_all(struct bytes value, const char *name, struct buf *out);

/* 0 to 63, or -1 for what is not of base64's alphabet (RFC 4648 section 4), "=" included. */
int words_base64_value(char c);
/* Appends text with "=41" (mark '=', where "_" is a blank) or "%41" (mark '%') decoded to bytes;
 * what is not two hexadecimal digits stays as it is. */
void words_unescape(struct bytes text, char mark, struct buf *out);
/* Makes CR, LF and NUL in out, from that offset on, blanks: what was one line stays one. */
void words_one_line(struct buf *out, size_t from);

#endif
