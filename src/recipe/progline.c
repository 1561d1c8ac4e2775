#include "recipe/progline.h"

#include "base/str.h"
#include "recipe/interp.h"

/* procmail hands a line that begins with this shell word over, too. */
static bool
progline_is_test(const char *line)
{
	line += strspn(line, " \t");
	return strncmp(line, "test", 4) == 0 && (line[4] == ' ' || line[4] == '\t');
}

bool
progline_prepare(struct interp *in, const struct program *program, bool arguments,
    struct progline *line)
{
	size_t len = 0;

	*line = (struct progline){ .words = { .text = BUF_INIT, .args_shown = BUF_INIT } };
	if (strpbrk(program->line, in->settings.shellmetas) || progline_is_test(program->line)) {
		line->host.shell = program->line;
		return interp_fits(in, strlen(program->line));
	}
	if (program->unclosed)
		interp_complain(in, "unexpected end of line: a quote in \"%s\" is not closed",
		    program->line);
	expand_words(in, program->words, arguments, &line->words);
	for (size_t i = 0; i < line->words.n; i++)
		len += strlen(line->words.argv[i]) + 1;
	if (interp_fits(in, len))
		line->host.argv = line->words.argv;
	else
		line->host.shell = program->line;
	return true;
}

void
progline_clear(struct progline *line)
{
	expand_words_clear(&line->words);
}

void
progline_backquote(struct interp *in, const struct program *program, struct buf *out)
{
	struct fail why = { 0 };
	struct progline line;
	int status = 0;

	if (progline_prepare(in, program, false, &line) &&
	    (line.host.shell || (line.host.argv && line.host.argv[0]))) {
		if (in->host->backquote(in->host->ctx, &line.host, out, &status, &why) < 0)
			interp_complain(in, "%s", why.text);
		in->status = status;
	}
	while (out->len && out->p[out->len - 1] == '\n')
		buf_cut(out, out->len - 1);
	progline_clear(&line);
}
