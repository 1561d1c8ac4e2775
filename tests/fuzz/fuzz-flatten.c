/*
 * fuzz-flatten.c - any message, written anew: all views of the splitter, and GMime, see one tree with
 * the same contents.
 */
#include "base/str.h"
#include "core/patch.h"
#include "fuzz.h"
#include "mime/base64.h"
#include "mime/flatten.h"
#include "mime/mime.h"
#include "mime/parts.h"
#include "mime/quoted.h"
#include "mime/split.h"

#define TEXT_MAX 65536

struct compare {
	const struct split *split;
	int next;
};

static bool
add_reading(void *context, struct bytes object, const char *name)
{
	struct flatten *f = context;

	if (flatten_lacks(f, object))
		flatten_add(f, object, name);
	return true;
}

static void
flatten(struct bytes text, struct buf *out)
{
	struct mime *mime = mime_open(text);
	struct flatten *f = flatten_new(text);
	struct patch patch;
	bool over;

	patch_init(&patch);
	mime_readings(mime, add_reading, f);
	if (flatten_added(f, &over) >= 0 && over)
		flatten_add_original(f);
	flatten_patch(f, &patch);
	patch_apply(&patch, text, out);
	patch_clear(&patch);
	flatten_free(&f);
	mime_close(&mime);
}

static void
decode(const struct split *s, int entity, struct buf *out)
{
	struct split_field f;
	struct bytes body = split_body(s, entity), value;

	fuzz_check(split_field_find(split_head(s, entity), "Content-Transfer-Encoding", false, &f));
	value = bytes_trim(f.value);
	if (bytes_is(value, "base64"))
		base64_decode_as(body, BASE64_RESTART, out);
	else if (bytes_is(value, "quoted-printable"))
		quoted_decode(body, QUOTED_PLAIN, out);
	else
		buf_bytes(out, body);
}

static void
check_object(struct parts_walk *walk, GMimeObject *object, int depth)
{
	struct compare *c = walk->context;
	const struct split *s = c->split;
	int entity = c->next++;
	struct buf copy = BUF_INIT, theirs = BUF_INIT, ours = BUF_INIT;
	struct bytes raw;

	fuzz_check(entity < s->count && s->entities[entity].depth == depth);
	fuzz_check(GMIME_IS_MULTIPART(object) == (s->entities[entity].kind == SPLIT_MULTIPART));
	fuzz_check(GMIME_IS_MESSAGE_PART(object) == (s->entities[entity].kind == SPLIT_MESSAGE));
	if (GMIME_IS_PART(object)) {
		raw = parts_raw(GMIME_PART(object), &copy);
		if (parts_decode(GMIME_PART(object), raw, &theirs))
			raw = buf_view(&theirs);
		decode(s, entity, &ours);
		fuzz_check(raw.len == ours.len && memcmp(raw.p, ours.p, raw.len) == 0);
	}
	buf_clear(&copy);
	buf_clear(&theirs);
	buf_clear(&ours);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes text = fuzz_bytes(data, size > TEXT_MAX ? TEXT_MAX : size);
	struct buf flat = BUF_INIT;
	struct compare compare = { .next = 0 };
	struct parts_walk walk = { .fn = check_object, .context = &compare };
	GMimeMessage *message;
	struct split *split;
	bool heavy;

	flatten(text, &flat);
	fuzz_check(flatten_is_flat(buf_view(&flat)));
	compare.split = split = split_new(buf_view(&flat), &split_main);
	message = parts_parse(buf_view(&flat), NULL, NULL, &heavy);
	if (!heavy) {
		fuzz_check(message != NULL);
		parts_walk(&walk, message, 0);
		fuzz_check(compare.next == split->count);
	}
	parts_unref(&message);
	split_free(&split);
	buf_clear(&flat);
	return 0;
}
