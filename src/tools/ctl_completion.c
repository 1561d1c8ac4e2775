/*
 * ctl_completion.c - bivalvectl completion: what bash and zsh need to know of the commands, made
 * from their descriptors.
 */
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "tools/ctl.h"

extern const struct ctl_command ctl_completion;

static const char *const completion_words[] = { "bash", "zsh", NULL };

/* ---- bash ---- */

/* What an option's argument names, after its word in the help. */
static bool
completion_is_file(const char *argument)
{
	static const char *const files[] = { "FILE", "DIR", "NEW", "OLD", NULL };

	for (const char *const *f = files; *f; f++)
		if (strcmp(argument, *f) == 0)
			return true;
	return false;
}

static bool
completion_is_user(const char *argument)
{
	return strcmp(argument, "USER") == 0;
}

static void
completion_bash_command(const struct ctl_command *c, struct buf *out)
{
	buf_printf(out, "\t%s)\n\t\toptions='--help", c->name);
	for (const struct ctl_option *o = c->options; o && o->name; o++)
		buf_printf(out, " --%s", o->name);
	buf_str(out, "'\n\t\twords='");
	for (const char *const *w = c->words; w && *w; w++)
		buf_printf(out, "%s%s", w == c->words ? "" : " ", *w);
	buf_str(out, "'\n\t\tvalues='");
	for (const struct ctl_option *o = c->options; o && o->name; o++)
		if (o->argument && !completion_is_file(o->argument)
		    && !completion_is_user(o->argument))
			buf_printf(out, " --%s", o->name);
	buf_str(out, " '\n\t\t;;\n");
}

static void
completion_bash(struct buf *out)
{
	buf_str(out, "# bash completion for bivalvectl; made by: bivalvectl completion bash\n"
	    "_bivalvectl()\n{\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\tlocal options='' words='' values=''\n"
	    "\tif ((COMP_CWORD == 1)); then\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen -W '--help --version");
	for (const struct ctl_command *const *c = ctl_commands; *c; c++)
		buf_printf(out, " %s", (*c)->name);
	buf_str(out, "' -- \"$cur\")\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in\n");
	for (const struct ctl_command *const *c = ctl_commands; *c; c++)
		completion_bash_command(*c, out);
	buf_str(out, "\tesac\n"
	    "\tif [[ $cur == -* ]]; then\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
	    "\telif [[ $prev == --user ]]; then\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen -u -- \"$cur\")\n"
	    "\telif [[ $values == *\" $prev \"* ]]; then\n"
	    "\t\tCOMPREPLY=()\n"
	    "\telif ((COMP_CWORD == 2)) && [[ $words ]]; then\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	    "\telse\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	    "\tfi\n}\n"
	    "complete -o filenames -F _bivalvectl bivalvectl\n");
}

/* ---- zsh ---- */

/* In single quotes, inside the brackets of _arguments. */
static void
completion_zsh_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_str(out, "'\\''");
		else if (strchr("[]:\\", *text))
			buf_printf(out, "\\%c", *text);
		else
			buf_byte(out, *text);
	}
}

static void
completion_zsh_command(const struct ctl_command *c, struct buf *out)
{
	buf_printf(out, "\t%s)\n\t\t_arguments -s '--help[print this, and exit]'", c->name);
	for (const struct ctl_option *o = c->options; o && o->name; o++) {
		buf_printf(out, " \\\n\t\t    '--%s[", o->name);
		completion_zsh_text(out, o->text);
		buf_byte(out, ']');
		if (o->argument)
			buf_printf(out, ":%s:%s", o->argument, completion_is_file(o->argument)
			    ? "_files" : completion_is_user(o->argument) ? "_users" : "( )");
		buf_byte(out, '\'');
	}
	if (c->words) {
		buf_str(out, " \\\n\t\t    '1:what:(");
		for (const char *const *w = c->words; *w; w++)
			buf_printf(out, "%s%s", w == c->words ? "" : " ", *w);
		buf_str(out, ")'");
	}
	buf_str(out, " \\\n\t\t    '*:file:_files'\n\t\t;;\n");
}

static void
completion_zsh(struct buf *out)
{
	buf_str(out, "#compdef bivalvectl\n# made by: bivalvectl completion zsh\n"
	    "local -a commands\ncommands=(\n");
	for (const struct ctl_command *const *c = ctl_commands; *c; c++) {
		buf_printf(out, "\t'%s:", (*c)->name);
		completion_zsh_text(out, (*c)->summary);
		buf_str(out, "'\n");
	}
	buf_str(out, ")\nif ((CURRENT == 2)); then\n"
	    "\t_describe command commands\n\treturn\nfi\n"
	    "shift words\n((CURRENT--))\ncase $words[1] in\n");
	for (const struct ctl_command *const *c = ctl_commands; *c; c++)
		completion_zsh_command(*c, out);
	buf_str(out, "esac\n");
}

static int
completion_run(int argc, char **argv)
{
	struct buf out = BUF_INIT;
	struct fail why = { 0 };
	int status;

	if (argc == 2 && strcmp(argv[1], "bash") == 0)
		completion_bash(&out);
	else if (argc == 2 && strcmp(argv[1], "zsh") == 0)
		completion_zsh(&out);
	else
		fail_set(&why, FAIL_USAGE, "bash or zsh?");
	status = why.kind ? ctl_fail(&ctl_completion, &why) : ctl_print(&ctl_completion, &out);
	buf_clear(&out);
	return status;
}

const struct ctl_command ctl_completion = {
	.name = "completion",
	.summary = "Prints the completion of this program for bash or zsh.",
	.usage = "bash|zsh",
	.words = completion_words,
	.run = completion_run,
};
