/*
 * fuzz-decode.c - bytes as base64, quoted-printable, files in text, PKCS 7, zip; the first chooses.
 */
#include "fuzz.h"
#include "mime/armor.h"
#include "mime/base64.h"
#include "mime/locked.h"
#include "mime/pkcs7.h"
#include "mime/quoted.h"

static void
file(void *context, struct bytes data, struct bytes name)
{
	struct buf *out = context;

	buf_bytes(out, data);
	buf_bytes(out, name);
}

static void
archive(void *context, struct bytes zip)
{
	buf_bytes(context, zip);
	fuzz_check(bytes_starts(zip, "PK\3\4"));
}

/* Where no two forms differ, the check must say so; and where it says so, none may. */
static void
decode_base64(struct bytes text, struct buf *out, struct buf *other)
{
	struct base64_oddities odd;
	bool any = base64_check(text, &odd);

	base64_decode_as(text, BASE64_RESTART, out);
	for (int form = 1; form < BASE64_SHIFT_1; form++) {
		if (form == BASE64_ZERO)
			continue; /* its zeros at the end are what differs */
		buf_cut(other, 0);
		base64_decode_as(text, form, other);
		fuzz_check(any || (out->len == other->len &&
		    memcmp(out->p, other->p, out->len) == 0));
	}
}

static void
decode_quoted(struct bytes text, struct buf *out, struct buf *other)
{
	bool bad, any = quoted_check(text, &bad);

	quoted_decode(text, QUOTED_PLAIN, out);
	for (int form = 1; form < QUOTED_FORMS; form++) {
		buf_cut(other, 0);
		quoted_decode(text, form, other);
		fuzz_check(other->len <= text.len);
		if (form == QUOTED_DROP_MARK || form == QUOTED_DROP_ALL || form == QUOTED_EXACT)
			fuzz_check(any || (out->len == other->len &&
			    memcmp(out->p, other->p, out->len) == 0));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes text = fuzz_bytes(data, size), rest = bytes_from(text, 1);
	struct buf out = BUF_INIT, other = BUF_INIT;
	bool cut;

	switch (size ? data[0] & 7 : 0) {
	case 0:
		decode_base64(rest, &out, &other);
		break;
	case 1:
		decode_quoted(rest, &out, &other);
		break;
	case 2:
		fuzz_check((armor_each(rest, file, &out, &cut) > 0) == armor_is_in(rest));
		armor_uu(rest, &other);
		armor_yenc(rest, &other);
		break;
	case 3:
		pkcs7_read(rest, &out);
		fuzz_check(out.len <= rest.len);
		break;
	case 4:
		if (locked_is(rest))
			locked_open(rest, rest, archive, &out);
		break;
	}
	buf_clear(&out);
	buf_clear(&other);
	return 0;
}
