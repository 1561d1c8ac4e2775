/*
 * regex_text.h - reading a struct regex_text as one run of bytes.
 */
#ifndef RECIPE_REGEX_TEXT_H
#define RECIPE_REGEX_TEXT_H

#include "recipe/regex.h"

size_t regex_text_length(const struct regex_text *text);
/* The bytes from pos to the end of their segment; empty only at the end of the text. */
struct bytes regex_text_chunk(const struct regex_text *text, size_t pos);
/* The byte at pos, which must be inside. */
unsigned char regex_text_at(const struct regex_text *text, size_t pos);
/* Behind the count'th newline before pos, but not before least. */
size_t regex_text_back(const struct regex_text *text, size_t pos, size_t least, int count);
/* Behind the count'th newline at or after pos, or the end of the text. */
size_t regex_text_forward(const struct regex_text *text, size_t pos, int count);

#endif
