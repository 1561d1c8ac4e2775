#include "recipe/interp.h"

#include <stdarg.h>
#include <stdlib.h>

#include "recipe/eval.h"
#include "recipe/expand.h"
#include "recipe/lex.h"
#include "recipe/progline.h"

struct interp *
interp_new(const struct host *host, struct message *message)
{
	struct interp *in = mem_zero(sizeof *in);

	in->host = host;
	in->message = message;
	in->arena = arena_new();
	in->file = "";
	buf_init(&in->header.text);
	vars_init(&in->vars);
	vars_defaults(in);
	return in;
}

void
interp_free(struct interp **in)
{
	if (!*in)
		return;
	vars_clear(&(*in)->vars);
	buf_clear(&(*in)->header.text);
	arena_free(&(*in)->arena);
	free(*in);
	*in = NULL;
}

__attribute__((format(printf, 3, 0)))
__attribute__((format(printf, 3, 0)))
static void
interp_say(struct interp *in, bool verbose, const char *fmt, va_list ap)
{
	struct buf text = BUF_INIT;

	buf_vprintf(&text, fmt, ap);
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] == '\n' || text.p[i] == '\0')
			text.p[i] = ' ';
	in->host->complain(in->host->ctx, verbose, in->file, in->line, text.p);
	buf_clear(&text);
}

void
interp_complain(struct interp *in, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	interp_say(in, false, fmt, ap);
	va_end(ap);
}

void
interp_verbose(struct interp *in, const char *fmt, ...)
{
	va_list ap;

	if (!in->settings.verbose)
		return;
	va_start(ap, fmt);
	interp_say(in, true, fmt, ap);
	va_end(ap);
}

bool
interp_fits(struct interp *in, size_t length)
{
	struct fail why = { 0 };

	if (in->boundless || length + 2 <= (size_t)in->settings.linebuf)
		return true;
	interp_complain(in, "%zu bytes do not fit into LINEBUF (%ld); set LINEBUF=%zu before this "
	    "line", length, in->settings.linebuf, length + 2);
	vars_put(&in->vars, "PROCMAIL_OVERFLOW", "yes");
	if (in->strict && in->out) {
		fail_temp(&why, "%s:%d: %zu bytes do not fit into LINEBUF (%ld), so what this "
		    "recipe wants is unknown", in->file, in->line, length,
		    in->settings.linebuf);
		interp_fail(in, &why);
	}
	return false;
}

void
interp_strict(struct interp *in, bool strict)
{
	in->strict = strict;
}

void
interp_fail(struct interp *in, const struct fail *why)
{
	in->out->code = OUTCOME_FAILED;
	in->out->why = *why;
	in->out->file = in->file;
	in->out->line = in->line;
}

void
interp_set(struct interp *in, const char *name, const char *value)
{
	vars_assign(in, name, value);
	in->flow = INTERP_FLOW_NONE;
}

const char *
interp_file(const struct interp *in)
{
	return in->file;
}

int
interp_line(const struct interp *in)
{
	return in->line;
}

const char *
interp_get(const struct interp *in, const char *name)
{
	return vars_get(&in->vars, name);
}

void
interp_preset(struct interp *in, const char *name, const char *value)
{
	vars_preset(in, name, value);
}

void
interp_show(struct interp *in, const char *name, const char *value)
{
	vars_put(&in->vars, name, value);
}

void
interp_arguments(struct interp *in, const char *const *argv)
{
	in->argv = argv;
	in->shifted = 0;
	for (in->argc = 0; argv && argv[in->argc]; in->argc++)
		;
}

const struct settings *
interp_settings(const struct interp *in)
{
	return &in->settings;
}

struct message *
interp_message(struct interp *in)
{
	return in->message;
}

char *const *
interp_environ(struct interp *in)
{
	return in->vars.env;
}

static void
interp_expand_bytes(struct interp *in, struct bytes text, struct buf *out)
{
	struct tree *tree = ast_new(in->file);
	struct lex lx;

	lex_init(&lx, tree, text, in->line);
	expand_text(in, lex_pieces(&lx, LEX_LINE), 0, false, out);
	for (const struct complaint *c = tree->complaints; c; c = c->next)
		interp_complain(in, "%s", c->text);
	ast_free(&tree);
}

char *
interp_expand(struct interp *in, const char *text)
{
	struct buf out = BUF_INIT;

	interp_expand_bytes(in, bytes_of(text), &out);
	return buf_take(&out);
}

struct progline *
interp_line_open(struct interp *in, const char *text, struct host_command *command)
{
	struct tree *tree = ast_new(in->file);
	struct progline *line = mem_zero(sizeof *line);

	progline_prepare(in, lex_program(tree, bytes_of(text), in->line, 0), true, line);
	*command = line->host;
	if (command->shell)
		command->shell = text;
	ast_free(&tree);
	return line;
}

void
interp_line_free(struct progline **line)
{
	progline_clear(*line);
	free(*line);
	*line = NULL;
}

int
interp_assign_argument(struct interp *in, const char *argument, struct fail *why)
{
	const char *end = argument + strcspn(argument, "="); /* as procmail: whatever name it is */
	char *name, *value;
	bool ended;

	if (end == argument || *end != '=')
		return fail_set(why, FAIL_USAGE, "\"%s\" is no assignment", argument);
	name = mem_copy((struct bytes){ argument, (size_t)(end - argument) });
	value = interp_expand(in, end + 1);
	if (strcmp(name, "SENDMAILFLAGS") == 0)
		in->foreign_flags = in->foreign_words;
	vars_assign(in, name, value);
	ended = in->flow == INTERP_FLOW_HOST;
	in->flow = INTERP_FLOW_NONE;
	free(name);
	free(value);
	return ended;
}

enum interp_end
interp_run(struct interp *in, const char *name, struct bytes text, struct outcome *out)
{
	enum interp_end end;

	out->code = OUTCOME_OPEN;
	out->file = "";
	in->out = out;
	end = eval_run(in, name, text);
	in->out = NULL;
	return end;
}
