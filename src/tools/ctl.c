/*
 * ctl.c - bivalvectl: finds the command and runs it.
 */
#include "tools/ctl.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/log.h"
#include "tools/ctlterm.h"

extern const struct ctl_command ctl_check, ctl_explain, ctl_test, ctl_show, ctl_scan_files,
    ctl_quarantine,
    ctl_report, ctl_status, ctl_blocklist, ctl_sendmail, ctl_why, ctl_completion;

const struct ctl_command *const ctl_commands[] = {
	&ctl_check,
	&ctl_explain,
	&ctl_test,
	&ctl_show,
	&ctl_scan_files,
	&ctl_quarantine,
	&ctl_report,
	&ctl_status,
	&ctl_blocklist,
	&ctl_sendmail,
	&ctl_why,
	&ctl_completion,
	NULL,
};

void
ctl_scan(struct ctl_scan *s, const struct ctl_command *c, int argc, char **argv)
{
	*s = (struct ctl_scan){ .options = c->options, .argc = argc, .argv = argv };
}

static int
ctl_find(const struct ctl_scan *s, char letter, const char *name, size_t len)
{
	for (int i = 0; s->options && s->options[i].name; i++) {
		const struct ctl_option *o = &s->options[i];

		if (name ? strlen(o->name) == len && strncmp(o->name, name, len) == 0
		    : o->letter == letter)
			return i;
	}
	return CTL_BAD;
}

/* --name, --name value, --name=value */
static int
ctl_long(struct ctl_scan *s, const char *text, struct fail *why)
{
	size_t len = strcspn(text, "=");
	int i = ctl_find(s, 0, text, len);

	if (i == CTL_BAD) {
		fail_set(why, FAIL_USAGE, "no option is called --%.*s", (int)len, text);
		return CTL_BAD;
	}
	s->value = text[len] ? text + len + 1 : NULL;
	if (!s->options[i].argument && s->value) {
		fail_set(why, FAIL_USAGE, "--%s takes no value", s->options[i].name);
		return CTL_BAD;
	}
	if (s->options[i].argument && !s->value)
		s->value = ++s->at < s->argc ? s->argv[s->at] : NULL;
	if (s->options[i].argument && !s->value) {
		fail_set(why, FAIL_USAGE, "--%s needs %s", s->options[i].name,
		    s->options[i].argument);
		return CTL_BAD;
	}
	return i;
}

/* -x, -x value, -xvalue; no clusters */
static int
ctl_short(struct ctl_scan *s, const char *text, struct fail *why)
{
	int i = ctl_find(s, *text, NULL, 0);

	if (i == CTL_BAD || (!s->options[i].argument && text[1])) {
		fail_set(why, FAIL_USAGE, "no option is called -%s", text);
		return CTL_BAD;
	}
	s->value = text[1] ? text + 1 : NULL;
	if (s->options[i].argument && !s->value)
		s->value = ++s->at < s->argc ? s->argv[s->at] : NULL;
	if (s->options[i].argument && !s->value) {
		fail_set(why, FAIL_USAGE, "-%c needs %s", *text, s->options[i].argument);
		return CTL_BAD;
	}
	return i;
}

int
ctl_next(struct ctl_scan *s, struct fail *why)
{
	const char *word;

	if (++s->at >= s->argc)
		return CTL_END;
	word = s->value = s->argv[s->at];
	if (!s->plain && strcmp(word, "--") == 0) {
		s->plain = true;
		return ctl_next(s, why);
	}
	if (s->plain || word[0] != '-' || !word[1])
		return CTL_WORD;
	return word[1] == '-' ? ctl_long(s, word + 2, why) : ctl_short(s, word + 1, why);
}

int
ctl_fail(const struct ctl_command *c, const struct fail *why)
{
	struct buf text = BUF_INIT;

	ctlterm_text(&text, bytes_of(why->text));
	fprintf(stderr, "bivalvectl%s%s: %s\n", c ? " " : "", c ? c->name : "", text.p);
	if (why->kind == FAIL_USAGE)
		fprintf(stderr, "Try: bivalvectl %s%s--help\n", c ? c->name : "", c ? " " : "");
	buf_clear(&text);
	return fail_class(why->kind)->exit;
}

int
ctl_print(const struct ctl_command *c, const struct buf *out)
{
	struct fail why = { 0 };

	if (fd_write_all(STDOUT_FILENO, out->p, out->len) == 0)
		return EX_OK;
	fail_errno(&why, "standard output");
	return errno == EPIPE ? EX_OK : ctl_fail(c, &why);
}

int
ctl_conf(const char *path, struct conf *conf, struct fail *why)
{
	return conf_load(conf, path ? path : CONF_PATH, path != NULL, why);
}

static void
ctl_option_line(const struct ctl_option *o, struct buf *out)
{
	struct buf left = BUF_INIT;

	if (o->letter)
		buf_printf(&left, "-%c, ", o->letter);
	else
		buf_str(&left, "    ");
	buf_printf(&left, "--%s%s%s", o->name, o->argument ? " " : "",
	    o->argument ? o->argument : "");
	buf_printf(out, "  %-24s %s\n", left.p, o->text);
	buf_clear(&left);
}

void
ctl_usage(const struct ctl_command *c, struct buf *out)
{
	static const struct ctl_option help = { 'h', "help", NULL, "print this, and exit" };

	buf_printf(out, "usage: bivalvectl %s %s\n%s\n", c->name, c->usage, c->summary);
	for (const struct ctl_option *o = c->options; o && o->name; o++)
		ctl_option_line(o, out);
	ctl_option_line(&help, out);
}

static int
ctl_help(void)
{
	struct buf out = BUF_INIT;
	int status;

	buf_str(&out, "usage: bivalvectl COMMAND [ARGUMENT ...]\n"
	    "Looks into bivalve: its recipes, its quarantine, its log.\n");
	for (const struct ctl_command *const *c = ctl_commands; *c; c++)
		buf_printf(&out, "  %-11s %s\n", (*c)->name, (*c)->summary);
	buf_str(&out, "bivalvectl COMMAND --help says more; --version prints the version.\n");
	status = ctl_print(NULL, &out);
	buf_clear(&out);
	return status;
}

static int
ctl_command_help(const struct ctl_command *c)
{
	struct buf out = BUF_INIT;
	int status;

	ctl_usage(c, &out);
	status = ctl_print(c, &out);
	buf_clear(&out);
	return status;
}

static bool
ctl_asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static int
ctl_run(int argc, char **argv)
{
	struct fail why = { 0 };

	for (const struct ctl_command *const *c = ctl_commands; *c; c++)
		if (strcmp((*c)->name, argv[1]) == 0)
			return ctl_asks_help(argc - 1, argv + 1) ? ctl_command_help(*c)
			    : (*c)->run(argc - 1, argv + 1);
	fail_set(&why, FAIL_USAGE, "no command is called \"%s\"", argv[1]);
	return ctl_fail(NULL, &why);
}

int
main(int argc, char **argv)
{
	struct fail why = { 0 };

	setlocale(LC_CTYPE, "");
	log_open("bivalvectl", true);
	ctlterm_begin();
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		printf("bivalvectl %s\n", VERSION);
		return EX_OK;
	}
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return ctl_help();
	if (argc > 1)
		return ctl_run(argc, argv);
	fail_set(&why, FAIL_USAGE, "which command?");
	return ctl_fail(NULL, &why);
}
