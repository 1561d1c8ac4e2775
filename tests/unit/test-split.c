/* layer: mime */
/*
 * test-split.c - where the entities of a message begin and end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "mime/split.h"

#define MULTI "Content-Type: multipart/mixed; boundary=b\n\n"

/* Each entity as KIND DEPTH [delimiter|header|body], with preamble and epilogue of a multipart in
 * place of its body; LF as /, CR as \. */
static void
show(const struct split *s, struct buf *out)
{
	for (int i = 0; i < s->count; i++) {
		const struct split_entity *e = &s->entities[i];
		size_t first = i + 1 < s->count && s->entities[i + 1].parent == i
		    ? s->entities[i + 1].delimiter : e->close;

		buf_printf(out, "%c%d[", "LMR"[e->kind], e->depth);
		buf_bytes(out, bytes_first(bytes_from(s->text, e->delimiter),
		    e->begin - e->delimiter));
		buf_byte(out, '|');
		buf_bytes(out, split_head(s, i));
		buf_byte(out, '|');
		if (e->kind == SPLIT_LEAF) {
			buf_bytes(out, split_body(s, i));
		} else if (e->kind == SPLIT_MULTIPART) {
			buf_bytes(out, bytes_first(bytes_from(s->text, e->body),
			    first - e->body));
			buf_byte(out, '|');
			buf_bytes(out, bytes_first(bytes_from(s->text, e->close),
			    e->epilogue - e->close));
			buf_byte(out, '|');
			buf_bytes(out, bytes_first(bytes_from(s->text, e->epilogue),
			    e->end - e->epilogue));
		}
		buf_byte(out, ']');
	}
	for (size_t i = 0; i < out->len; i++)
		out->p[i] = out->p[i] == '\n' ? '/' : out->p[i] == '\r' ? '\\' : out->p[i];
}

#define HEAD "Content-Type: multipart/mixed; boundary=b/"

static const struct {
	const char *text;
	struct split_view view;
	const char *want;
} cases[] = {
	{ "", { 0 }, "L0[||]" },
	{ "A: b\n\nbody\n", { 0 }, "L0[|A: b/|body/]" },
	{ "A: b\r\n\r\nbody\r\n", { 0 }, "L0[|A: b\\/|body\\/]" },
	{ "A: b", { 0 }, "L0[|A: b|]" },
	{ MULTI "--b\n\nx\n--b\nA: b\n\ny\n--b--\n", { 0 },
	    "M0[|" HEAD "||/--b--/|]L1[--b/||x]L1[/--b/|A: b/|y]" },
	{ MULTI "p\n--b\n\nx\n--b--\ne\n--b\nz\n", { 0 },
	    "M0[|" HEAD "|p|/--b--/|e/--b/z/]L1[/--b/||x]" },
	{ MULTI "--b\n\nx", { 0 }, "M0[|" HEAD "|||]L1[--b/||x]" },
	{ MULTI "--bc\n\nx\n--b \t\n\ny\n", { 0 }, "M0[|" HEAD "|--bc//x||]L1[/--b \t/||y/]" },
	{ MULTI "--bc\n\nx\n", { .prefix = true }, "M0[|" HEAD "|||]L1[--bc/||x/]" },
	/* A delimiter inside a header ends it. */
	{ MULTI "--b\nA: b\n--b\n\ny\n--b--\n", { 0 },
	    "M0[|" HEAD "||/--b--/|]L1[--b/|A: b/|]L1[--b/||y]" },
	/* The outer delimiter ends an inner multipart that is still open, and its epilogue. */
	{ MULTI "--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\nx\n--b\n\ny\n--b--\n", { 0 },
	    "M0[|" HEAD "||/--b--/|]M1[--b/|Content-Type: multipart/x; boundary=c/|||]"
	    "L2[--c/||x]L1[/--b/||y]" },
	{ MULTI "--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\nx\n--c--\ne\n--b--\n", { 0 },
	    "M0[|" HEAD "||/--b--/|]M1[--b/|Content-Type: multipart/x; boundary=c/||/--c--/|e]"
	    "L2[--c/||x]" },
	/* Messages inside. */
	{ "Content-Type: message/rfc822\n\nA: b\n\nx\n", { 0 },
	    "R0[|Content-Type: message/rfc822/|]L1[|A: b/|x/]" },
	{ "Content-Type: Message/RFC822 (c)\nContent-Transfer-Encoding: base64\n\nQTog\n", { 0 },
	    "L0[|Content-Type: Message/RFC822 (c)/Content-Transfer-Encoding: base64/|QTog/]" },
	{ "Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: b\n\nx\n--b--\n", { 0 },
	    "M0[|Content-Type: multipart/digest; boundary=b/||/--b--/|]R1[--b/||]L2[|A: b/|x]" },
	/* Which field counts, and which parameter. */
	{ "Content-Type: text/plain\n" MULTI "--b\n\nx\n--b--\n", { .last_field = true },
	    "M0[|Content-Type: text/plain/" HEAD "||/--b--/|]L1[--b/||x]" },
	{ "Content-Type: text/plain\n" MULTI "--b\n\nx\n", { 0 },
	    "L0[|Content-Type: text/plain/" HEAD "|--b//x/]" },
	{ "Content-Type: multipart/x; boundary=a; boundary=b\n\n--b\n\nx\n",
	    { .last_parameter = true },
	    "M0[|Content-Type: multipart/x; boundary=a; boundary=b/|||]L1[--b/||x/]" },
	{ "A: b\njunk\n\nbody\n", { 0 }, "L0[|A: b/junk/|body/]" },
	{ "A: b\njunk\n\nbody\n", { .junk_ends_head = true }, "L0[|A: b/|junk//body/]" },
	{ "From a@b\nA: b\n\nx\n", { .junk_ends_head = true }, "L0[|From a@b/A: b/|x/]" },
};

static void
ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct split *s = split_new(bytes_of(cases[i].text), &cases[i].view);
		struct buf out = BUF_INIT;

		show(s, &out);
		if (strcmp(out.p, cases[i].want) != 0)
			print_message("# case %zu: %s\n", i, cases[i].text);
		assert_string_equal(out.p, cases[i].want);
		buf_clear(&out);
		split_free(&s);
	}
}

static void
bounds(void **state)
{
	struct buf text = BUF_INIT;
	struct split *s;

	(void)state;
	for (int i = 0; i < 2 * SPLIT_DEPTH_MAX; i++)
		buf_printf(&text, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	s = split_new(buf_view(&text), &split_main);
	assert_true(s->too_deep);
	assert_int_equal(s->count, SPLIT_DEPTH_MAX + 1);
	split_free(&s);
	buf_cut(&text, 0);
	for (int i = 0; i < 2 * SPLIT_DEPTH_MAX; i++)
		buf_printf(&text, "Content-Type: message/rfc822\n\n");
	s = split_new(buf_view(&text), &split_main);
	assert_true(s->too_deep);
	split_free(&s);
	buf_cut(&text, 0);
	buf_str(&text, MULTI);
	for (int i = 0; i < 2 * SPLIT_ENTITIES_MAX; i++)
		buf_printf(&text, "--b\n\n%d\n", i);
	s = split_new(buf_view(&text), &split_main);
	assert_true(s->too_many);
	assert_int_equal(s->count, SPLIT_ENTITIES_MAX);
	assert_int_equal(s->entities[0].end, text.len);
	split_free(&s);
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
