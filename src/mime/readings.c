#include "mime/readings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/words.h"
#include "mime/base64.h"
#include "mime/check.h"
#include "mime/locked.h"
#include "mime/parts.h"
#include "mime/pkcs7.h"
#include "mime/text.h"
#include "mime/views.h"

/* Parts that are themselves messages only in another reading: how often is one taken apart again?
 * Such nesting costs a parse each, so a message may not ask for many. */
#define READINGS_NESTED_MAX 8      /* levels */
#define READINGS_TEXT_MAX (64u << 10)  /* bytes that are searched for passwords */
#define READINGS_LOCKED_MAX 20  /* archives that are tried; all stay unscannable if not opened */
#define READINGS_PGP "-----BEGIN PGP MESSAGE-----"
#define READINGS_REPARSE_MAX 1000  /* in all */

struct readings {
	struct blobs *blobs;
	struct parts_walk *walk;
	const char *encrypted;
	GMimeMessage *message;
	struct buf text;        /* what the message says, once an archive needs a password */
	bool has_text;
	int nested, reparsed, locked;
	bool left_out;          /* for one of the bounds above */
};

static void
readings_give(struct readings *r, struct bytes object, const char *name)
{
	blobs_give(r->blobs, object, name, false);
	r->walk->stop |= blobs_is_done(r->blobs);
}

/* text as a message or part of its own, with what is in it. */
static void
readings_reparse(struct readings *r, struct bytes text, int depth)
{
	GMimeMessage *message;
	bool too_heavy;

	if (r->nested >= READINGS_NESTED_MAX || r->reparsed >= READINGS_REPARSE_MAX)
		r->left_out = true;
	if (r->left_out || r->walk->stop)
		return;
	r->nested++;
	r->reparsed++;
	message = parts_parse(text, NULL, NULL, &too_heavy);
	r->left_out |= too_heavy;
	parts_walk(r->walk, message, depth + 1);
	parts_unref(&message);
	r->nested--;
}

/* The multipart's own type in front, so that text is searched for its delimiters. */
static void
readings_reparse_as(struct readings *r, GMimeObject *object, struct bytes text, int depth)
{
	const char *type = g_mime_object_get_header(object, "Content-Type");
	struct buf copy = BUF_INIT;

	buf_printf(&copy, "Content-Type: %s\n\n", type ? type : "multipart/mixed");
	buf_bytes(&copy, text);
	readings_reparse(r, buf_view(&copy), depth);
	buf_clear(&copy);
}

static void
readings_note_base64(void *context, struct bytes value)
{
	bool *base64 = context;

	for (; value.len > 0; value = bytes_from(value, 1))
		if (bytes_starts_nocase(value, "base64"))
			*base64 = true;
}

static bool
readings_mentions_base64(GMimeObject *object)
{
	bool base64 = false;

	parts_fields(object, "Content-Transfer-Encoding", readings_note_base64, &base64);
	return base64;
}

/* What stands in front of the first part of most mail, to the letter: no news to the scanner. */
static bool
readings_is_usual(struct bytes before)
{
	static const char *const usual[] = {
		"This is a multi-part message in MIME format.",
		"This is a multipart message in MIME format.",
		"This is a multi-part message in MIME format...",
		"This is a multi-part message in MIME format",
		"This is a MIME-encapsulated message",
		"This is a MIME-encapsulated message.",
		"This is a cryptographically signed message in MIME format.",
		"This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
	};

	before = bytes_trim(before);
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (bytes_is(before, usual[i]))
			return true;
	return false;
}

static void
readings_outside(struct readings *r, GMimeMultipart *multi, int depth)
{
	struct bytes before = bytes_of(g_mime_multipart_get_prologue(multi));
	struct bytes behind = bytes_of(g_mime_multipart_get_epilogue(multi));
	struct base64_oddities odd;

	if (readings_is_usual(before))
		before = bytes_of("");
	if (bytes_trim(before).len > 0) {
		readings_give(r, before, "");
		readings_reparse(r, before, depth);
	}
	if (bytes_trim(behind).len > 0) {
		readings_give(r, behind, "");
		readings_reparse_as(r, GMIME_OBJECT(multi), behind, depth);
	}
	if (readings_mentions_base64(GMIME_OBJECT(multi)) && bytes_trim(before).len > 0) {
		struct buf decoded = BUF_INIT;

		base64_decode(before, &decoded, &odd);
		readings_reparse_as(r, GMIME_OBJECT(multi), buf_view(&decoded), depth);
		buf_clear(&decoded);
	}
}

static bool
readings_is_message(GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));

	return type && g_mime_content_type_is_type(type, "message", "*");
}

/* The first of the names a program may show; "" if none. Yours to free. */
static char *
readings_name(GMimePart *part)
{
	struct buf names = BUF_INIT;
	struct bytes rest, line = { "", 0 };
	char *name;

	parts_names(GMIME_OBJECT(part), &names);
	rest = buf_view(&names);
	bytes_line(&rest, &line);
	name = mem_copy(line);
	buf_clear(&names);
	return name;
}

/* Mail that is encoded, or calls itself something else: nobody has looked at its structure. */
static void
readings_inner(struct readings *r, struct bytes text, int depth)
{
	struct defects defects = { .odd = false };
	struct split *split = split_new(text, &split_main);

	check_message(&defects, split);
	split_free(&split);
	readings_reparse(r, text, depth);
	if (defect_any(&defects) && !r->walk->stop)
		r->left_out |= !views_give(text, &defects, r->blobs);
}

static void
readings_opaque(struct readings *r, struct bytes content, int depth)
{
	struct buf inner = BUF_INIT;

	switch (pkcs7_read(content, &inner)) {
	case PKCS7_SIGNED:
		readings_give(r, buf_view(&inner), "");
		readings_inner(r, buf_view(&inner), depth);
		break;
	case PKCS7_ENCRYPTED:
		r->encrypted = "SMIME";
		break;
	case PKCS7_NONE:
		if (bytes_starts(bytes_trim(bytes_first(content, 256)), READINGS_PGP))
			r->encrypted = "PGP";
		break;
	}
	buf_clear(&inner);
}

static void
readings_add_subject(void *context, struct bytes value)
{
	words_decode(value, context);
	buf_byte(context, '\n');
}

static void
readings_add_text(struct parts_walk *walk, GMimeObject *object, int depth)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	struct buf copy = BUF_INIT, decoded = BUF_INIT, *text = walk->context;
	struct bytes raw;

	(void)depth;
	if (!GMIME_IS_PART(object) || !type || !g_mime_content_type_is_type(type, "text", "*"))
		return;
	raw = parts_raw(GMIME_PART(object), &copy);
	if (parts_decode(GMIME_PART(object), raw, &decoded))
		raw = buf_view(&decoded);
	text_visible(GMIME_PART(object), bytes_first(raw, READINGS_TEXT_MAX), text);
	buf_byte(text, '\n');
	if (text->len > READINGS_TEXT_MAX)
		walk->stop = true;
	buf_clear(&copy);
	buf_clear(&decoded);
}

/* Subject and text parts, for the passwords in them. */
static struct bytes
readings_text(struct readings *r)
{
	struct parts_walk walk = { .fn = readings_add_text, .context = &r->text };

	if (!r->has_text) {
		parts_fields(GMIME_OBJECT(r->message), "Subject", readings_add_subject, &r->text);
		parts_walk(&walk, r->message, 0);
		r->has_text = true;
	}
	return bytes_first(buf_view(&r->text), READINGS_TEXT_MAX);
}

static void
readings_unlocked(void *context, struct bytes archive)
{
	readings_give(context, archive, "");
}

static void
readings_leaf(struct readings *r, GMimePart *part, int depth)
{
	struct buf copy = BUF_INIT, decoded = BUF_INIT, other = BUF_INIT;
	struct bytes raw = parts_raw(part, &copy), content;
	char *name = readings_name(part);
	struct base64_oddities odd;

	content = parts_decode(part, raw, &decoded) ? buf_view(&decoded) : raw;
	readings_give(r, content, name);
	if (readings_mentions_base64(GMIME_OBJECT(part))) {
		base64_decode(raw, &other, &odd);
		readings_give(r, buf_view(&other), name);
	}
	buf_cut(&other, 0);
	if (text_narrow(part, content, &other))
		readings_give(r, buf_view(&other), name);
	readings_opaque(r, content, depth);
	if (locked_is(content) && r->locked++ < READINGS_LOCKED_MAX)
		locked_open(content, readings_text(r), readings_unlocked, r);
	if (readings_is_message(part) || check_is_mail(content))
		readings_inner(r, content, depth);
	free(name);
	buf_clear(&copy);
	buf_clear(&decoded);
	buf_clear(&other);
}

static void
readings_object(struct parts_walk *walk, GMimeObject *object, int depth)
{
	struct readings *r = walk->context;

	if (GMIME_IS_MULTIPART(object))
		readings_outside(r, GMIME_MULTIPART(object), depth);
	else if (GMIME_IS_PART(object))
		readings_leaf(r, GMIME_PART(object), depth);
}

bool
readings_each(GMimeMessage *message, struct blobs *blobs, const char **encrypted_r)
{
	struct readings r = { .blobs = blobs, .message = message, .text = BUF_INIT };
	struct parts_walk walk = { .fn = readings_object, .context = &r };

	r.walk = &walk;
	parts_walk(&walk, message, 0);
	*encrypted_r = r.encrypted;
	buf_clear(&r.text);
	return !r.left_out && !walk.too_deep && !walk.too_many;
}
