#include "flow/note.h"

#include <string.h>

#include "base/str.h"
#include "core/words.h"

#define NOTE_NAMES_MAX 10   /* of one list */
#define NOTE_NAME_MAX 200   /* bytes of one */

/* In the order of enum note_value. */
static const char note_letters[] = "ntsvpbkqhrfi";

static const char note_standard[] =
	"%?bThe contents of this message were removed before it was delivered.\n"
	"%!bA part of this message was removed before it was delivered.\n"
	"\n"
	"%?nName:     %n\n"
	"%?tType:     %t, %s bytes\n"
	"%?vReason:   malware was found in it: %v\n"
	"%?pReason:   files with such names are not let in\n"
	"%?bWhat was found cannot be told from the rest of the message.\n"
	"%?q\n"
	"%?qThe message as it came is kept in the quarantine as\n"
	"%?q%q\n"
	"%?k\n"
	"%?kIt was signed (%k).  The signature no longer fits, since\n"
	"%?kthe message was changed here.\n"
	"\n"
	"Questions: postmaster at %h\n";

/* The character at the start of text, valid UTF-8, and its length. */
static unsigned
note_character(struct bytes text, size_t *len)
{
	unsigned char c = (unsigned char)text.p[0];
	unsigned value = c < 0x80 ? c : c < 0xe0 ? c & 0x1f : c < 0xf0 ? c & 0x0f : c & 0x07;

	*len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (*len > text.len)
		*len = text.len;
	for (size_t i = 1; i < *len; i++)
		value = value << 6 | ((unsigned char)text.p[i] & 0x3f);
	return value;
}

/* Is it invisible, or does it move what is visible? */
static bool
note_is_sly(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
	    (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	    (c >= 0xe0000 && c <= 0xe0fff);
}

static void
note_name(struct bytes name, struct buf *out)
{
	struct buf utf8 = BUF_INIT;
	size_t len, start = out->len;

	words_raw(name, &utf8);
	for (struct bytes rest = buf_view(&utf8); rest.len > 0; rest = bytes_from(rest, len)) {
		unsigned c = note_character(rest, &len);

		if (out->len - start > NOTE_NAME_MAX) {
			buf_str(out, "...");
			break;
		}
		if (note_is_sly(c))
			buf_printf(out, "<U+%04X>", c);
		else
			buf_bytes(out, bytes_first(rest, len));
	}
	buf_clear(&utf8);
}

void
note_list(struct bytes lines, struct buf *out)
{
	struct bytes line;

	for (int n = 0; bytes_line(&lines, &line); n++) {
		if (n > 0)
			buf_str(out, ", ");
		if (n == NOTE_NAMES_MAX) {
			buf_str(out, "...");
			return;
		}
		note_name(line, out);
	}
}

/* The value that a letter stands for: "" if empty, NULL if there is no such letter. */
static const char *
note_find(const char *const values[NOTE_VALUES], char letter)
{
	const char *p = letter ? strchr(note_letters, letter) : NULL;

	if (!p)
		return NULL;
	return values[p - note_letters] ? values[p - note_letters] : "";
}

/* Takes the line's condition off it. False: the line is left out. */
static bool
note_is_wanted(const char *const values[NOTE_VALUES], struct bytes *line)
{
	const char *value;
	bool wanted = true;

	while (line->len >= 3 && line->p[0] == '%' && (line->p[1] == '?' || line->p[1] == '!')) {
		value = note_find(values, line->p[2]);
		wanted = wanted && (value && *value) == (line->p[1] == '?');
		*line = bytes_from(*line, 3);
	}
	return wanted;
}

static void
note_fill(const char *const values[NOTE_VALUES], struct bytes line, struct buf *out)
{
	for (size_t i = 0; i < line.len; i++) {
		const char *value = NULL;

		if (line.p[i] == '%' && i + 1 < line.len)
			value = line.p[i + 1] == '%' ? "%" : note_find(values, line.p[i + 1]);
		if (value)
			buf_str(out, value);
		else
			buf_byte(out, line.p[i]);
		i += value != NULL;
	}
	buf_byte(out, '\n');
}

void
note_write(struct bytes template_text, const char *const values[NOTE_VALUES], struct buf *out)
{
	struct buf text = BUF_INIT;
	struct bytes rest, line;

	if (template_text.len == 0)
		template_text = bytes_of(note_standard);
	words_raw(template_text, &text);
	rest = buf_view(&text);
	while (bytes_line(&rest, &line)) {
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		if (note_is_wanted(values, &line))
			note_fill(values, line, out);
	}
	buf_clear(&text);
}
