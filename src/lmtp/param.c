#include "lmtp/param.h"

#include "base/str.h"

#define PARAM_SIZE_DIGITS 18   /* RFC 1870 allows 20, which no file has */
#define PARAM_ENVID_MAX 100    /* RFC 3461 4.4 */
#define PARAM_ORCPT_MAX 500    /* RFC 3461 4.2 */

struct param {
	struct bytes name, value;
	bool has_value;
};

/* The next word of *text; false at the end. */
static bool
param_next(struct bytes *text, struct param *p)
{
	const char *eq;
	size_t n = 0;

	*text = bytes_trim(*text);
	while (n < text->len && !str_is_space(text->p[n]))
		n++;
	if (n == 0)
		return false;
	p->name = bytes_first(*text, n);
	*text = bytes_from(*text, n);
	eq = memchr(p->name.p, '=', n);
	p->has_value = eq != NULL;
	p->value = bytes_from(p->name, eq ? (size_t)(eq - p->name.p) + 1 : n);
	p->name = bytes_first(p->name, eq ? (size_t)(eq - p->name.p) : n);
	return true;
}

static bool
param_is(struct bytes b, const char *word)
{
	return bytes_equal_nocase(b, bytes_of(word));
}

static bool
param_size(struct bytes value, uint64_t *size_r)
{
	uint64_t size = 0;

	if (value.len == 0 || value.len > PARAM_SIZE_DIGITS)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return false;
		size = size * 10 + (uint64_t)(value.p[i] - '0');
	}
	*size_r = size;
	return true;
}

static bool
param_is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* RFC 3461 4: printable ASCII, where "+" begins a byte in two hexadecimal digits. */
static bool
param_xtext(struct bytes b, size_t max)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.p[i] <= ' ' || b.p[i] > '~' || b.p[i] == '=')
			return false;
		if (b.p[i] == '+' && (i + 2 >= b.len || !param_is_hex(b.p[i + 1])
		    || !param_is_hex(b.p[i + 2])))
			return false;
	}
	return b.len <= max;
}

/* RFC 6533 3 lets addresses of the type utf-8 be written raw. */
static bool
param_raw(struct bytes b, size_t max)
{
	for (size_t i = 0; i < b.len; i++)
		if ((unsigned char)b.p[i] <= ' ' || b.p[i] == 0x7f)
			return false;
	return b.len <= max;
}

static bool
param_orcpt(struct bytes value)
{
	const char *semi = value.len ? memchr(value.p, ';', value.len) : NULL;
	struct bytes type, address;

	if (!semi || semi == value.p)
		return false;
	type = bytes_first(value, (size_t)(semi - value.p));
	address = bytes_from(value, type.len + 1);
	return param_is(type, "utf-8") ? param_raw(address, PARAM_ORCPT_MAX)
	    : param_xtext(address, PARAM_ORCPT_MAX);
}

static bool
param_notify(struct bytes value)
{
	if (param_is(value, "NEVER"))
		return true;
	do {
		const char *comma = value.len ? memchr(value.p, ',', value.len) : NULL;
		struct bytes word = bytes_first(value, comma ? (size_t)(comma - value.p)
		    : value.len);

		if (!param_is(word, "SUCCESS") && !param_is(word, "FAILURE")
		    && !param_is(word, "DELAY"))
			return false;
		if (!comma)
			return true;
		value = bytes_from(value, word.len + 1);
	} while (true);
}

static enum param_end
param_end(bool good)
{
	return good ? PARAM_GOOD : PARAM_BAD;
}

static enum param_end
param_mail_one(const struct param *p, uint64_t *size_r)
{
	if (param_is(p->name, "SIZE"))
		return param_end(param_size(p->value, size_r));
	if (param_is(p->name, "BODY"))
		return param_end(param_is(p->value, "7BIT") || param_is(p->value, "8BITMIME"));
	if (param_is(p->name, "SMTPUTF8"))
		return param_end(!p->has_value);
	if (param_is(p->name, "RET"))
		return param_end(param_is(p->value, "FULL") || param_is(p->value, "HDRS"));
	if (param_is(p->name, "ENVID"))
		return param_end(p->value.len && param_xtext(p->value, PARAM_ENVID_MAX));
	return PARAM_UNKNOWN;
}

enum param_end
param_mail(struct bytes text, uint64_t *size_r)
{
	enum param_end end = PARAM_GOOD;
	struct param p;

	*size_r = 0;
	while (end == PARAM_GOOD && param_next(&text, &p))
		end = param_mail_one(&p, size_r);
	return end;
}

enum param_end
param_rcpt(struct bytes text)
{
	enum param_end end = PARAM_GOOD;
	struct param p;

	while (end == PARAM_GOOD && param_next(&text, &p)) {
		if (param_is(p.name, "NOTIFY"))
			end = param_end(param_notify(p.value));
		else if (param_is(p.name, "ORCPT"))
			end = param_end(param_orcpt(p.value));
		else
			end = PARAM_UNKNOWN;
	}
	return end;
}
