#include "recipe/ast.h"

#include <stdarg.h>
#include <stdlib.h>

struct tree *
ast_new(const char *file)
{
	struct tree *tree = mem_zero(sizeof *tree);

	tree->arena = arena_new();
	tree->file = file;
	tree->complaints_end = &tree->complaints;
	return tree;
}

void
ast_free(struct tree **tree)
{
	struct tree *t = *tree;

	if (!t)
		return;
	for (size_t i = 0; i < t->nregexes; i++)
		regex_free(&t->regexes[i]);
	free(t->regexes);
	arena_free(&t->arena);
	free(t);
	*tree = NULL;
}

bool
ast_is_constant(const struct piece *pieces)
{
	for (; pieces; pieces = pieces->next)
		if (pieces->kind != PIECE_TEXT && pieces->kind != PIECE_BLANK)
			return false;
	return true;
}

static struct complaint *
ast_add_complaint(struct tree *tree, int line, struct bytes text)
{
	struct complaint *c = arena_zero(tree->arena, sizeof *c);

	c->line = line;
	c->text = arena_copy(tree->arena, text);
	*tree->complaints_end = c;
	tree->complaints_end = &c->next;
	return c;
}

struct complaint *
ast_hint(struct tree *tree, int line, const char *text)
{
	struct complaint *c = ast_add_complaint(tree, line, bytes_of(text));

	c->hint = true;
	return c;
}

void
ast_torn(struct tree *tree, const struct complaint *why)
{
	if (!tree->torn)
		tree->torn = why;
}

struct complaint *
ast_complain(struct tree *tree, int line, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	struct complaint *c;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	c = ast_add_complaint(tree, line, buf_view(&text));
	buf_clear(&text);
	return c;
}

void
ast_keep_regex(struct tree *tree, struct regex *re)
{
	size_t n = tree->nregexes;

	if ((n & (n - 1)) == 0)
		tree->regexes = mem_resize(tree->regexes, (n ? 2 * n : 1) * sizeof *tree->regexes);
	tree->regexes[tree->nregexes++] = re;
}

static void ast_print_pieces(const struct piece *p, struct buf *out);

static const char *const ast_tests[] = { "", "-", ":-", "+", ":+" };

static void
ast_print_piece(const struct piece *p, struct buf *out)
{
	switch (p->kind) {
	case PIECE_TEXT:
		buf_str(out, p->text);
		break;
	case PIECE_BLANK:
		buf_byte(out, ' ');
		break;
	case PIECE_VAR:
	case PIECE_SPECIAL:
		buf_printf(out, "$%s{%s%s", p->escaped ? "\\" : "", p->text, ast_tests[p->test]);
		ast_print_pieces(p->other, out);
		if (!p->unclosed)
			buf_byte(out, '}');
		break;
	case PIECE_ARGS:
		buf_str(out, "$@");
		break;
	case PIECE_COMMAND:
		buf_printf(out, "`%s`", p->program->line);
		break;
	}
}

/* As deep as ${...} nests, which the lexer bounds. */
static void
ast_print_pieces(const struct piece *p, struct buf *out)
{
	for (; p; p = p->next)
		ast_print_piece(p, out);
}

static void
ast_print_indent(struct buf *out, int level)
{
	for (int i = 0; i < level; i++)
		buf_byte(out, '\t');
}

static void
ast_print_action(const struct action *a, struct buf *out)
{
	static const char *const starts[] = { "(no action)", "", "! ", "|", "|", "|", "! ", "{",
		"@" };

	if (a->kind == ACTION_CAPTURE || a->kind == ACTION_CAPTURE_FORWARD)
		buf_printf(out, "%s=", a->variable ? a->variable : "");
	buf_str(out, starts[a->kind]);
	if (a->kind == ACTION_VERB)
		buf_printf(out, "%s ", a->name);
	if (a->program)
		buf_str(out, a->program->line);
	ast_print_pieces(a->words, out);
	buf_byte(out, '\n');
}

static void
ast_print_node(const struct node *n, int level, struct buf *out)
{
	ast_print_indent(out, level);
	if (n->kind == NODE_RECIPE)
		buf_byte(out, ':');
	else
		buf_printf(out, n->kind == NODE_ASSIGN ? "%s=" : n->kind == NODE_STRAY ? "@%s"
		    : "%s", n->name);
	ast_print_pieces(n->value, out);
	buf_byte(out, '\n');
	for (const struct cond *c = n->conds; c; c = c->next) {
		ast_print_indent(out, level);
		buf_printf(out, "* %s\n", c->source);
	}
	if (n->kind != NODE_RECIPE)
		return;
	ast_print_indent(out, level);
	ast_print_action(&n->action, out);
}

void
ast_print(const struct tree *tree, struct buf *out)
{
	const struct node **stack = NULL, *n = tree->first;
	size_t depth = 0, room = 0;

	while (n || depth > 0) {
		const struct node *block;

		if (!n) {
			n = stack[--depth];
			ast_print_indent(out, (int)depth);
			buf_str(out, "}\n");
			continue;
		}
		ast_print_node(n, (int)depth, out);
		block = n->kind == NODE_RECIPE ? n->action.block : NULL;
		if (!block && !(n->kind == NODE_RECIPE && n->action.kind == ACTION_BLOCK)) {
			n = n->next;
			continue;
		}
		if (depth == room) {
			room = room ? 2 * room : 8;
			stack = mem_resize(stack, room * sizeof *stack);
		}
		stack[depth++] = n->next;
		n = block;
	}
	free(stack);
}
