/*
 * fuzz-split.c - any bytes cut into entities, under every view: the ranges must make sense.
 */
#include "fuzz.h"
#include "mime/check.h"
#include "mime/marks.h"
#include "mime/split.h"

static void
check(const struct split *s)
{
	for (int i = 0; i < s->count; i++) {
		const struct split_entity *e = &s->entities[i];

		fuzz_check(e->delimiter <= e->begin && e->begin <= e->head_end);
		fuzz_check(e->head_end <= e->body && e->body <= e->end);
		fuzz_check(e->end <= s->text.len && e->parent < i);
		if (e->parent >= 0) {
			fuzz_check(e->begin >= s->entities[e->parent].body);
			fuzz_check(e->end <= s->entities[e->parent].end);
		}
		if (e->kind == SPLIT_MULTIPART)
			fuzz_check(e->body <= e->close && e->close <= e->epilogue &&
			    e->epilogue <= e->end);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes text = fuzz_bytes(data, size);
	struct marks marks;

	for (int i = 0; i < 16; i++) {
		const struct split_view view = { .last_field = i & 1, .last_parameter = i & 2,
			.prefix = i & 4, .junk_ends_head = i & 8 };
		struct split *s = split_new(text, &view);

		check(s);
		split_free(&s);
	}
	marks_find(&marks, text, 1000);
	for (size_t i = 0; i < marks.count; i++) {
		fuzz_check(marks.list[i].begin < marks.list[i].end);
		fuzz_check(i == 0 || marks.list[i - 1].end <= marks.list[i].begin);
	}
	marks_clear(&marks);
	return 0;
}
