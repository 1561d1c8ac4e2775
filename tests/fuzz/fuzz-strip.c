/*
 * fuzz-strip.c - any part of any message is taken out: all other bytes stay, the splitter sees the
 * note as a text where the part was, and the other parts where they were.
 */
#include "core/patch.h"
#include "fuzz.h"
#include "mime/encode.h"
#include "mime/quoted.h"
#include "mime/strip.h"

#define TEXT_MAX 65536

static const char note_text[] = "--note\nFrom here\n.\n\xc3\xbc=3D\n";

static int
family(const struct split *s, int entity)
{
	int i = entity + 1;

	while (i < s->count && s->entities[i].parent >= entity)
		i++;
	return i - entity;
}

static void
check_note(const struct split *s, int entity)
{
	struct buf text = BUF_INIT, plain = BUF_INIT;
	struct bytes body = split_body(s, entity);

	fuzz_check(s->entities[entity].kind == SPLIT_LEAF);
	quoted_decode(body, QUOTED_PLAIN, &text);
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] != '\r')
			buf_byte(&plain, text.p[i]);
	fuzz_check(bytes_starts(buf_view(&plain), "--note\nFrom here\n.\n\xc3\xbc=3D"));
	buf_clear(&plain);
	buf_clear(&text);
}

static void
check_rest(struct bytes old, struct bytes new, const struct split_entity *e)
{
	fuzz_check(new.len >= e->begin + (old.len - e->end));
	fuzz_check(memcmp(new.p, old.p, e->begin) == 0);
	fuzz_check(memcmp(new.p + new.len - (old.len - e->end), old.p + e->end,
	    old.len - e->end) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes text = fuzz_bytes(data, size > TEXT_MAX ? TEXT_MAX : size);
	struct split *s = split_new(text, &split_main), *after;
	int entity = size ? data[size - 1] % s->count : 0;
	const struct split_entity *e = &s->entities[entity];
	struct strip_note note = { entity, bytes_of(note_text) };
	struct buf made = BUF_INIT;
	struct patch patch;

	patch_init(&patch);
	strip_patch(s, &note, 1, &patch);
	patch_apply(&patch, text, &made);
	after = split_new(buf_view(&made), &split_main);
	if (!s->too_many && !s->too_deep) {
		fuzz_check(after->count == s->count - family(s, entity) + 1);
		check_note(after, entity);
	}
	if (e->parent >= 0 && s->entities[e->parent].kind == SPLIT_MULTIPART)
		check_rest(text, buf_view(&made), e);
	split_free(&after);
	split_free(&s);
	patch_clear(&patch);
	buf_clear(&made);
	return 0;
}
