#include "mime/armor.h"

#include <string.h>

#include "base/str.h"
#include "mime/base64.h"

#define ARMOR_BINHEX "(This file must be converted with BinHex"
#define ARMOR_RUN 0x90   /* BinHex: the byte before is repeated */
#define ARMOR_EXPAND 8   /* times its packed size, and a megabyte: what BinHex may grow to */

enum armor { ARMOR_NONE, ARMOR_UU, ARMOR_BASE64, ARMOR_YENC, ARMOR_HQX };

static struct bytes
armor_chomp(struct bytes line)
{
	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* "begin 644 name": what follows the mode; false when there is no mode. */
static bool
armor_mode(struct bytes rest, struct bytes *name_r)
{
	size_t n = 0;

	while (n < rest.len && rest.p[n] >= '0' && rest.p[n] <= '7')
		n++;
	if (n < 3 || n > 6 || n == rest.len || rest.p[n] != ' ')
		return false;
	*name_r = bytes_trim(bytes_from(rest, n));
	return true;
}

static enum armor
armor_line(struct bytes line, struct bytes *name_r)
{
	struct bytes name = { "", 0 };
	enum armor a = ARMOR_NONE;

	*name_r = name;
	if (line.len == 0 || !strchr("bB=(", line.p[0]))
		return ARMOR_NONE;
	line = armor_chomp(line);
	if (bytes_starts_nocase(line, "begin ") && armor_mode(bytes_from(line, 6), &name))
		a = ARMOR_UU;
	else if (bytes_starts_nocase(line, "begin-base64 ") &&
	    armor_mode(bytes_from(line, 13), &name))
		a = ARMOR_BASE64;
	else if (bytes_starts(line, "=ybegin "))
		a = ARMOR_YENC;
	else if (bytes_starts_nocase(line, ARMOR_BINHEX))
		a = ARMOR_HQX;
	if (a == ARMOR_YENC)
		for (name = line; name.len && !bytes_starts(name, "name="); )
			name = bytes_from(name, 1);
	*name_r = a == ARMOR_YENC ? bytes_from(name, 5) : name;
	return a;
}

/* One line: its first character counts the bytes. Missing characters are blanks, which stand for
 * zero bits; what is behind the last one is a checksum or nothing. */
static void
armor_uu_line(struct bytes line, struct buf *out)
{
	size_t count = (size_t)(line.p[0] - ' ') & 63;

	for (size_t i = 1; count > 0; i += 4) {
		unsigned bits = 0;

		if (i >= line.len)
			break;
		for (size_t k = 0; k < 4; k++)
			bits = bits << 6 | (i + k < line.len
			    ? (unsigned)(line.p[i + k] - ' ') & 63 : 0);
		for (int shift = 16; shift >= 0 && count > 0; shift -= 8, count--)
			buf_byte(out, (char)(bits >> shift));
	}
}

/* Takes lines off *rest up to the one that ends the file. */
static void
armor_take_uu(struct bytes *rest, struct buf *out)
{
	struct bytes line;

	while (bytes_line(rest, &line)) {
		line = armor_chomp(line);
		if (bytes_equal_nocase(bytes_trim(line), bytes_of("end")))
			break;
		if (line.len > 0)
			armor_uu_line(line, out);
	}
}

void
armor_uu(struct bytes text, struct buf *out)
{
	armor_take_uu(&text, out);
}

static void
armor_take_base64(struct bytes *rest, struct buf *out)
{
	struct bytes start = *rest, line;
	size_t n = start.len;

	while (bytes_line(rest, &line))
		if (bytes_starts(line, "====")) {
			n = (size_t)(line.p - start.p);
			break;
		}
	base64_decode_as(bytes_first(start, n), BASE64_RESTART, out);
}

static void
armor_yenc_line(struct bytes line, struct buf *out)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if (c == '=' && i + 1 < line.len)
			c = (unsigned char)(line.p[++i] - 64);
		buf_byte(out, (char)(c - 42));
	}
}

static void
armor_take_yenc(struct bytes *rest, struct buf *out)
{
	struct bytes line;

	while (bytes_line(rest, &line)) {
		line = armor_chomp(line);
		if (bytes_starts(line, "=yend"))
			break;
		if (!bytes_starts(line, "=ypart ") && !bytes_starts(line, "=ybegin "))
			armor_yenc_line(line, out);
	}
}

void
armor_yenc(struct bytes text, struct buf *out)
{
	armor_take_yenc(&text, out);
}

/* RFC 1741: 6-bit digits between two colons, runs coded as byte, 0x90, count. */
static void
armor_hqx_digits(struct bytes *rest, struct buf *out)
{
	static const char digits[] =
	    "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
	unsigned bits = 0;
	int have = 0;
	bool open = false;
	size_t i;

	for (i = 0; i < rest->len; i++) {
		char c = rest->p[i];
		const char *p = c ? memchr(digits, c, sizeof digits - 1) : NULL;

		if (c == ':' && open)
			break;
		open |= c == ':';
		if (!open || !p)
			continue;
		bits = bits << 6 | (unsigned)(p - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_byte(out, (char)(bits >> have));
		}
	}
	*rest = bytes_from(*rest, i);
}

/* False: it was cut. */
static bool
armor_hqx_expand(struct bytes packed, struct buf *out)
{
	const size_t max = ARMOR_EXPAND * packed.len + (1u << 20);
	char last = 0;

	for (size_t i = 0; i < packed.len; i++) {
		unsigned count;

		if (out->len > max)
			return false;
		if ((unsigned char)packed.p[i] != ARMOR_RUN || i + 1 == packed.len) {
			buf_byte(out, last = packed.p[i]);
			continue;
		}
		count = (unsigned char)packed.p[++i];
		if (count == 0)
			buf_byte(out, last = (char)ARMOR_RUN);
		for (; count > 1; count--)
			buf_byte(out, last);
	}
	return true;
}

static size_t
armor_number(struct bytes b, size_t at)
{
	size_t n = 0;

	for (size_t i = at; i < at + 4 && i < b.len; i++)
		n = n << 8 | (unsigned char)b.p[i];
	return n;
}

/* The data fork of the file alone: behind name length, name, 0, type, creator, flags, two lengths
 * and a checksum. */
static struct bytes
armor_hqx_data(struct bytes file, struct bytes *name_r)
{
	size_t name = file.len ? (unsigned char)file.p[0] : 0, at = name + 2 + 4 + 4 + 2;

	*name_r = bytes_first(bytes_from(file, 1), name);
	return bytes_first(bytes_from(file, at + 4 + 4 + 2), armor_number(file, at));
}

static void
armor_take_hqx(struct bytes *rest, struct buf *out, bool *cut)
{
	struct buf packed = BUF_INIT;

	armor_hqx_digits(rest, &packed);
	if (!armor_hqx_expand(buf_view(&packed), out))
		*cut = true;
	buf_clear(&packed);
}

int
armor_each(struct bytes text, armor_fn *fn, void *context, bool *cut_r)
{
	struct buf file = BUF_INIT;
	struct bytes line, name;
	int count = 0;

	*cut_r = false;
	while (bytes_line(&text, &line)) {
		enum armor a = armor_line(line, &name);
		struct bytes data;

		if (a == ARMOR_NONE)
			continue;
		buf_cut(&file, 0);
		if (a == ARMOR_UU)
			armor_take_uu(&text, &file);
		else if (a == ARMOR_BASE64)
			armor_take_base64(&text, &file);
		else if (a == ARMOR_YENC)
			armor_take_yenc(&text, &file);
		else
			armor_take_hqx(&text, &file, cut_r);
		data = buf_view(&file);
		if (a == ARMOR_HQX)
			data = armor_hqx_data(data, &name);
		fn(context, data, name);
		count++;
	}
	buf_clear(&file);
	return count;
}

bool
armor_is_in(struct bytes text)
{
	struct bytes line, name;

	while (bytes_line(&text, &line))
		if (line.len > 6 && armor_line(line, &name) != ARMOR_NONE)
			return true;
	return false;
}
