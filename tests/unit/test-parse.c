/* layer: recipe */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recipe/condparse.h"
#include "recipe/lex.h"
#include "recipe/parse.h"

/* Text of an rcfile, the tree as ast_print shows it, and how many complaints it draws. */
static const struct {
	const char *text, *tree;
	int complaints;
} files[] = {
	{ "", "", 0 },
	{ "# only a comment \\\nA=1", "A=1\n", 0 },
	{ "A=x; B = y\nA B\n", "A=x;\nB=y\nA\nB\n", 0 },
	{ "A=\nB= # c\nC=x#y\n", "A=\nB=\nC=x#y\n", 0 },
	{ "export A=x\n", "export\nA=x\n", 0 },
	{ "A-B=y\n", "", 2 },
	{ "1A=x\n", "", 1 },
	{ "A='x\ny'\"$B\"`c \\`d\\``\n", "A=x\ny${B}`c `d``\n", 0 },
	{ "A=one\\\ntwo\\ three\n", "A=onetwo three\n", 0 },
	{ "A=${B:-x${C+y}}$\\D\n", "A=${B:-x${C+y}}$\\{D}\n", 0 },
	{ "A=${B#x}\n", "A=x}\n", 1 },
	{ "A=${B-x y}\n", "A=${B-x\n", 2 },
	{ "A=\"x\nB=y\n", "A=x\nB=y\n\n", 1 },
	{ "A=`x\n", "A=`x\n`\n", 1 },
	{ ":0\n* a\n\n  # c\n* b\nbox c # d\n", ":0\n* a\n* b\nbox c \n", 0 },
	{ ":2:\na\n#b\nbox\n", ":2:\n* a\n* #b\nbox\n", 0 },
	{ ":\na\nbox\n", ":\n* a\nbox\n", 0 },
	{ ":0\n* a\n:0\nb\n", ":0\n* a\n:0\nb\n", 1 },
	{ ":0\n* a\n\n:0\nb\n", ":0\n* a\n(no action)\n:0\nb\n", 1 },
	{ ":0\n* a\n", ":0\n* a\n(no action)\n", 1 },
	{ ":0\n{ A=1 :0\n{\n}\n} B=2\n", ":0\n{\n\tA=1\n\t:0\n\t{\n\t}\n}\nB=2\n", 0 },
	{ ":0\n{ A=1\n", ":0\n{\n\tA=1\n}\n", 1 },
	{ ":0\n{x\n}\n", ":0\n{x\n", 1 },
	{ ":0\n| a \\\n  b 'c\n:0 h\n|\n", ":0\n| a \\\n  b 'c\n:0 h\n|\n", 0 },
	{ "A=${B:- \"c\"}d\n", "A=${B:-c}d\n", 0 },
	{ ":0\n| a\\\n\\\nb\n", ":0\n| a\\\n\nb\n", 0 },
	{ ":0\nA=| b\n:0\nA = | b\n", ":0\nA=| b\n:0\n=| b\n", 1 },
	{ ":0\n! a \"b c\"\n", ":0\n! a b c\n", 0 },
	{ ":0\n@reject don't \"do\" it\n:0\n@dorp\n", ":0\n@reject don't do it\n:0\n@dorp \n", 1 },
	{ ":0\n@reject a\\\\\nb\n", ":0\n@reject a\\ b\n", 0 },
	{ "@drop it \\\n x\nA=1\n@dorp\n", "@drop\nA=1\n", 2 },
	{ ":0\n{ @drop it }\nA=1\n", ":0\n{\n\t@drop\n}\nA=1\n", 1 },
	{ "@drop it }\nA=1\n", "@drop\nA=1\n", 1 },
	{ ":0 cq:lock\nbox\n", ":0 cq:lock\nbox\n", 1 },
	{ "\xef\xbb\xbf" "A=1\nB=2\n", "B=2\n", 2 },
	{ "A=1\r\n", "A=1\r\n", 1 },
};

static int
count_complaints(const struct tree *tree)
{
	int n = 0;

	for (const struct complaint *c = tree->complaints; c; c = c->next)
		n++;
	return n;
}

static void
test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct tree *tree = parse("rc", bytes_of(files[i].text));
		struct buf out = BUF_INIT;

		ast_print(tree, &out);
		if (strcmp(out.p, files[i].tree) != 0)
			print_message("file %zu:\n%s\n", i, files[i].text);
		assert_string_equal(out.p, files[i].tree);
		if (count_complaints(tree) != files[i].complaints)
			print_message("file %zu:\n%s\n", i, files[i].text);
		assert_int_equal(count_complaints(tree), files[i].complaints);
		buf_clear(&out);
		ast_free(&tree);
		assert_null(tree);
	}
}

/* A NUL ends a text, as it ends procmail's strings, but not the file. */
static void
test_nul(void **state)
{
	static const char text[] = ":0\nbo\0x$Y z\nA=1\n";
	struct tree *tree = parse("rc", (struct bytes){ text, sizeof text - 1 });
	struct buf out = BUF_INIT;

	(void)state;
	ast_print(tree, &out);
	assert_string_equal(out.p, ":0\nbo\nA=1\n");
	buf_clear(&out);
	ast_free(&tree);
}

/* Letters of flags that must be set, others must not; lock "" is one without a name. */
#define WORDS(text) text, sizeof text - 1
static const struct {
	const char *line;        /* words, NULs between them */
	size_t length;
	const char *letters, *lock;
} headers[] = {
	{ WORDS("0"), "H", NULL },
	{ WORDS(" 0\0h\0b\0c"), "Hhbc", NULL },
	{ WORDS("2fhw"), "Hfhw", NULL },
	{ WORDS("0B:"), "B", "" },
	{ WORDS("0\0:\0$x\0y"), "H", "$x" },
	{ WORDS("0\0c:a b\0y"), "Hc", "a b" },
	{ WORDS("0\0:\0\0"), "H", "" },
	{ WORDS("0\0xc"), "H", NULL },
	{ WORDS("0\0cq:l"), "Hc", NULL },
	{ WORDS("HBDAaEeWir"), "HBDAaEeWir", NULL },
};

static void
test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		struct tree *tree = ast_new("rc");
		struct flags *f = parse_flags(tree,
		    (struct bytes){ headers[i].line, headers[i].length }, 1);
		const char *l = headers[i].letters;

		assert_int_equal(f->head, strchr(l, 'H') != NULL);
		assert_int_equal(f->body, strchr(l, 'B') != NULL);
		assert_int_equal(f->distinguish, strchr(l, 'D') != NULL);
		assert_int_equal(f->and_then, strchr(l, 'A') != NULL);
		assert_int_equal(f->and_ok, strchr(l, 'a') != NULL);
		assert_int_equal(f->or_else, strchr(l, 'E') != NULL);
		assert_int_equal(f->or_error, strchr(l, 'e') != NULL);
		assert_int_equal(f->copy, strchr(l, 'c') != NULL);
		assert_int_equal(f->filter, strchr(l, 'f') != NULL);
		assert_int_equal(f->wait, strchr(l, 'w') != NULL);
		assert_int_equal(f->lock, headers[i].lock != NULL);
		assert_int_equal(f->feed_head, strchr(l, 'h') || !strchr(l, 'b'));
		if (headers[i].lock && *headers[i].lock)
			assert_string_equal(f->lockname, headers[i].lock);
		else
			assert_null(f->lockname);
		ast_free(&tree);
	}
}

static const struct {
	const char *text;
	enum cond_kind kind;
	bool negated;
	double weight;           /* 0: none */
	enum cond_area area;
	const char *rest;
} conds[] = {
	{ " ^a b\t ", COND_REGEX, false, 0, COND_AREA_FLAGS, "^a b" },
	{ "", COND_EMPTY, false, 0, COND_AREA_FLAGS, "" },
	{ "!", COND_EMPTY, true, 0, COND_AREA_FLAGS, "" },
	{ "! ! a", COND_REGEX, false, 0, COND_AREA_FLAGS, "a" },
	{ "\\/a", COND_REGEX, false, 0, COND_AREA_FLAGS, "/a" },
	{ "-1.5 ^ 2 a", COND_REGEX, false, -1.5, COND_AREA_FLAGS, "a" },
	{ "! 4^0 a", COND_REGEX, true, 4, COND_AREA_FLAGS, "a" },
	{ "1,5^1 a", COND_REGEX, false, 0, COND_AREA_FLAGS, "1,5^1 a" },
	{ "> 100", COND_LONGER, false, 0, COND_AREA_FLAGS, "100" },
	{ "B ?? < 5", COND_SHORTER, false, 0, COND_AREA_PARTS, "5" },
	{ "VAR?? ! ? a b", COND_PROGRAM, true, 0, COND_AREA_VARIABLE, "a b" },
	{ "VAR ?? \\<a", COND_REGEX, false, 0, COND_AREA_VARIABLE, "<a" },
	{ "1A ?? b", COND_REGEX, false, 0, COND_AREA_FLAGS, "1A ?? b" },
	{ "$ ^$X", COND_EXPAND, false, 0, COND_AREA_FLAGS, "^$X" },
	{ "scan:virus ?? .", COND_REGEX, false, 0, COND_AREA_SELECTOR, "." },
	{ "! header:Subject??a", COND_REGEX, true, 0, COND_AREA_SELECTOR, "a" },
	{ "header: ?? a", COND_REGEX, false, 0, COND_AREA_SELECTOR, "a" },
	{ "a\\\n  b\\\\\n c", COND_REGEX, false, 0, COND_AREA_FLAGS, "ab\\c" },
};

static void
test_conds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof conds / sizeof conds[0]; i++) {
		struct tree *tree = ast_new("rc");
		struct cond *c = condparse(tree, bytes_of(conds[i].text), 1);

		if (strcmp(c->text, conds[i].rest) != 0 || c->area != conds[i].area)
			print_message("condition %s: %d %s\n", conds[i].text, c->area, c->text);
		assert_int_equal(c->kind, conds[i].kind);
		assert_int_equal(c->negated, conds[i].negated);
		assert_int_equal(c->weighted, conds[i].weight != 0);
		assert_true(c->weight == conds[i].weight);
		assert_int_equal(c->area, conds[i].area);
		assert_string_equal(c->text, conds[i].rest);
		ast_free(&tree);
	}
}

/* Nesting that no person writes must neither recurse without end nor take square time. */
static void
test_deep(void **state)
{
	static const struct { const char *repeat; int times; } deep[] = {
		{ "${A:-", 20000 }, { ":0\n{\n", 20000 }, { "`\\", 20000 }, { "}", 20000 },
		{ "A=$B#", 20000 }, { ":0\n* $ $\n", 2000 }, { "\"${", 20000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof deep / sizeof deep[0]; i++) {
		struct buf text = BUF_INIT, out = BUF_INIT;
		struct tree *tree;

		buf_str(&text, "A=");
		for (int k = 0; k < deep[i].times; k++)
			buf_str(&text, deep[i].repeat);
		tree = parse("rc", buf_view(&text));
		if (deep[i].repeat[0] != ':')
			ast_print(tree, &out);
		ast_free(&tree);
		buf_clear(&out);
		buf_clear(&text);
	}
}

/* Any bytes at all: the parser says something or nothing, but ends. */
static void
test_noise(void **state)
{
	static const char alphabet[] = ":0*{}\n\n\n  \\\"'`$?!|@=#AB^<>1.\t\r";
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct buf text = BUF_INIT, out = BUF_INIT;
		struct tree *tree;
		int len;

		seed = seed * 1664525 + 1013904223;
		len = (int)(seed >> 16) % 120;
		for (int i = 0; i < len; i++) {
			seed = seed * 1664525 + 1013904223;
			buf_byte(&text, alphabet[(seed >> 16) % sizeof alphabet]);
		}
		tree = parse("rc", buf_view(&text));
		ast_print(tree, &out);
		ast_free(&tree);
		buf_clear(&out);
		buf_clear(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_conds),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
