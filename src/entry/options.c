#include "entry/options.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

const struct options_row options_rows[] = {
	{ 'd', "deliver", "USER", "deliver to USER (further USERs may follow)" },
	{ 'f', "from", "SENDER", "envelope sender, for the From_ line (-: new date)" },
	{ 'r', NULL, "SENDER", "the same, obsolete" },
	{ 'c', "client", "ADDRESS", "address of the client our MTA got the mail from" },
	{ 'a', "argument", "TEXT", "$1, $2 ... of the recipes (sendmail's $h: the +detail)" },
	{ 'm', "filter", NULL, "run only the rcfile named, which may have arguments" },
	{ 'p', "preserve", NULL, "keep the environment" },
	{ 't', "soft-fail", NULL, "undeliverable mail is deferred (75), never refused" },
	{ 'o', NULL, NULL, "accepted, changes nothing" },
	{ 'Y', "berkeley", NULL, "Content-Length fields mean nothing" },
	{ 0, "lmtp", NULL, "speak LMTP on standard input and output" },
	{ 0, "config", "FILE", "configuration instead of " SYSCONFDIR "/bivalve.conf" },
	{ 0, "id", "ID", "the MTA's queue id, for the log" },
	{ 0, "verbose", NULL, "say on standard error what is logged of the message" },
	{ 'v', "version", NULL, "print version and settings, and exit" },
	{ 'h', "help", NULL, "print this, and exit" },
	{ 0, NULL, NULL, NULL },
};

static int
options_push(struct options_list *list, const char *item, const char *what, struct fail *why)
{
	/* Lasting: the same command line comes again with every attempt. */
	if (list->n == OPTIONS_LIST_MAX)
		return fail_set(why, FAIL_USAGE, "more than %d %s", OPTIONS_LIST_MAX, what);
	list->item[list->n++] = item;
	return 0;
}

static const struct options_row *
options_find(char letter, const char *name, size_t len)
{
	for (const struct options_row *r = options_rows; r->letter || r->name; r++)
		if (letter ? r->letter == letter : r->name && strlen(r->name) == len
		    && strncmp(r->name, name, len) == 0)
			return r;
	return NULL;
}

/* A detail from the command line is $1, and what recipes see as DETAIL. */
static int
options_set(struct options *o, const struct options_row *r, const char *value, struct fail *why)
{
	switch (r->letter ? r->letter : r->name[0]) {
	case 'd':
		o->for_mta = true;
		return value ? options_push(&o->recipients, value, "recipients", why) : 0;
	case 'f':
	case 'r':
		o->from = value;
		return 0;
	case 'c':
		if (r->letter)
			o->client = receivedclient_form(value, o->client_room);
		else
			o->config = value;
		return 0;
	case 'a':
		return options_push(&o->arguments, value, "arguments", why);
	case 'i':
		o->id = value;
		return 0;
	case 'l':
		o->lmtp = o->for_mta = true;
		return 0;
	case 'm':
		o->filter_mode = true;
		return 0;
	case 'p':
		o->keep_environ = true;
		return 0;
	case 't':
		o->soft_fail = true;
		return 0;
	case 'Y':
		o->berkeley = true;
		return 0;
	case 'v':
		*(r->letter ? &o->version : &o->verbose) = true;
		return 0;
	case 'h':
		o->help = true;
		return 0;
	default:
		return 0;
	}
}

struct options_scan {
	int argc, at;
	char **argv;
};

static const char *
options_next(struct options_scan *s)
{
	return s->at + 1 < s->argc ? s->argv[++s->at] : NULL;
}

static int
options_long(struct options *o, struct options_scan *s, const char *text, struct fail *why)
{
	size_t len = strcspn(text, "=");
	const struct options_row *r = options_find(0, text, len);
	const char *value = text[len] == '=' ? text + len + 1 : NULL;

	if (!r) {
		log_user("unknown option --%s ignored", text);
		return 0;
	}
	if (r->argument && !value)
		value = options_next(s);
	o->asked_long = true;
	if (r->argument && !value)
		return fail_set(why, FAIL_USAGE, "--%s needs %s", r->name, r->argument);
	return options_set(o, r, value, why);
}

/* A cluster of letters; one that takes an argument takes the rest, or the next word, and an unknown
 * one the rest with it. */
static int
options_short(struct options *o, struct options_scan *s, const char *text, struct fail *why)
{
	for (; *text; text++) {
		const struct options_row *r = options_find(*text == '?' ? 'h' : *text, NULL, 0);
		const char *value = NULL;

		/* Its dialogue is no message, and must not become one. */
		if (*text == 'z')
			return fail_set(why, FAIL_USAGE, "LMTP is spoken with --lmtp, not -z");
		if (!r) {
			log_user("unknown option -%s ignored", text);
			return 0;
		}
		if (r->argument)
			value = text[1] ? text + 1 : options_next(s);
		if (r->argument && !value) {
			log_user("option -%c lacks its %s", *text, r->argument);
			return 0;
		}
		if (options_set(o, r, value, why) < 0)
			return -1;
		if (r->argument)
			return 0;
	}
	return 0;
}

/* Words that are no options: recipients after -d, else assignments and rcfiles. With -m all that
 * follows the rcfile are its arguments. */
static int
options_word(struct options *o, const char *word, struct fail *why)
{
	if (o->filter_mode && o->rcfiles.n > 0)
		return options_push(&o->arguments, word, "arguments", why);
	if (o->for_mta) /* addresses may have a "=", and are a stranger's */
		return options_push(&o->recipients, word, "recipients", why);
	if (strchr(word, '='))
		return options_push(&o->assignments, word, "assignments", why);
	if (o->filter_mode)
		o->arguments.n = 0; /* -m has its own way to give them: -a does not count */
	return options_push(&o->rcfiles, word, "rcfiles", why);
}

/* None gets more than there are words. */
static void
options_lists(struct options *o, int argc)
{
	struct options_list *lists[] = { &o->recipients, &o->rcfiles, &o->assignments,
		&o->arguments };

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		lists[i]->item = mem_array((size_t)argc + 1, sizeof *lists[i]->item);
}

int
options_parse(struct options *o, int argc, char **argv, struct fail *why)
{
	struct options_scan s = { argc, 0, argv };
	bool words = false;
	int rc = 0;

	memset(o, 0, sizeof *o);
	options_lists(o, argc);
	o->client = o->id = "";
	for (s.at = 1; s.at < argc && rc == 0; s.at++) {
		const char *arg = argv[s.at];

		if (!words && strcmp(arg, "--") == 0)
			words = true;
		else if (!words && arg[0] == '-' && arg[1] == '-')
			rc = options_long(o, &s, arg + 2, why);
		else if (!words && arg[0] == '-' && arg[1])
			rc = options_short(o, &s, arg + 1, why);
		else {
			/* Options end at the first word that is none. */
			words = true;
			rc = options_word(o, arg, why);
		}
	}
	/* Lasting: sendmail or the person called us without what -m needs. */
	if (rc == 0 && o->filter_mode && o->rcfiles.n == 0 && !o->version && !o->help)
		rc = fail_set(why, FAIL_NOINPUT, "-m needs the name of an rcfile");
	return rc;
}

void
options_usage(FILE *to)
{
	fprintf(to, "usage: bivalve [options] [NAME=value ...] [rcfile ...]\n"
	    "       bivalve [options] -d USER ...\n"
	    "       bivalve [options] --lmtp\n"
	    "       bivalve [options] -m [NAME=value ...] rcfile [argument ...]\n"
	    "Delivers the message on standard input.\n");
	for (const struct options_row *r = options_rows; r->letter || r->name; r++) {
		char left[40];

		snprintf(left, sizeof left, "%c%c%s%s%s%s%s", r->letter ? '-' : ' ',
		    r->letter ? r->letter : ' ', r->letter && r->name ? ", " : "  ",
		    r->name ? "--" : "", r->name ? r->name : "", r->argument ? " " : "",
		    r->argument ? r->argument : "");
		fprintf(to, "  %-22s %s\n", left, r->text);
	}
}
