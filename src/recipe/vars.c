#include "recipe/vars.h"

#include <limits.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "recipe/interp.h"

void
vars_init(struct vars *v)
{
	*v = (struct vars){ .room = 64 };
	v->env = mem_array(v->room, sizeof *v->env);
	v->written = mem_array(v->room, sizeof *v->written);
}

void
vars_clear(struct vars *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->env[i]);
	free(v->env);
	free(v->written);
	*v = (struct vars){ 0 };
}

static size_t
vars_find(const struct vars *v, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (v->env[i][0] == name[0] && strncmp(v->env[i], name, len) == 0 &&
		    v->env[i][len] == '=')
			break;
	return i;
}

const char *
vars_get(const struct vars *v, const char *name)
{
	size_t len = strlen(name), i = vars_find(v, name, len);

	return i < v->n ? v->env[i] + len + 1 : NULL;
}

static void
vars_remove(struct vars *v, size_t i)
{
	free(v->env[i]);
	v->env[i] = v->env[--v->n];
	v->written[i] = v->written[v->n];
	v->env[v->n] = NULL;
}

void
vars_put(struct vars *v, const char *name, const char *value)
{
	size_t i = vars_find(v, name, strlen(name));
	struct buf text = BUF_INIT;

	if (!value) {
		if (i < v->n)
			vars_remove(v, i);
		return;
	}
	buf_printf(&text, "%s=%s", name, value);   /* before the old value goes: it may be part */
	if (i < v->n) {
		free(v->env[i]);
	} else if (++v->n == v->room) {
		v->room *= 2;
		v->env = mem_resize(v->env, v->room * sizeof *v->env);
		v->written = mem_resize(v->written, v->room * sizeof *v->written);
	}
	v->env[i] = buf_take(&text);
	v->written[i] = false;
	v->env[v->n] = NULL;
}

void
vars_note_written(struct vars *v, const char *name)
{
	size_t i = vars_find(v, name, strlen(name));

	if (i < v->n)
		v->written[i] = true;
}

bool
vars_is_written(const struct vars *v, const char *name)
{
	size_t i = vars_find(v, name, strlen(name));

	return i < v->n && v->written[i];
}

static bool
vars_begins(const char *value, const char *word)
{
	while (*word && str_lower(*value) == *word) {
		value++;
		word++;
	}
	return !*word;
}

long
vars_number(const char *value, long other)
{
	static const struct { const char *word; long n; } words[] = {
		{ "a", 2 }, { "on", 1 }, { "y", 1 }, { "t", 1 }, { "e", 1 },
		{ "off", 0 }, { "n", 0 }, { "f", 0 }, { "d", 0 },
	};
	char *end;
	long n;

	if (!value)
		return other;
	n = strtol(value, &end, 10);
	if (end != value)
		return n;
	value += strspn(value, " \t\n\v\f\r");
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (vars_begins(value, words[i].word))
			return words[i].n;
	return other;
}

static void
vars_shell(struct interp *in, const char *value)
{
	in->settings.shell = value;
}

static void
vars_shellflags(struct interp *in, const char *value)
{
	in->settings.shellflags = value;
}

static void
vars_shellmetas(struct interp *in, const char *value)
{
	in->settings.shellmetas = value;
}

static void
vars_sendmail(struct interp *in, const char *value)
{
	in->settings.sendmail = value;
}

static void
vars_sendmailflags(struct interp *in, const char *value)
{
	in->settings.sendmailflags = value;
}

static void
vars_msgprefix(struct interp *in, const char *value)
{
	in->settings.msgprefix = value;
}

static void
vars_lockext(struct interp *in, const char *value)
{
	in->settings.lockext = value;
}

static void
vars_locksleep(struct interp *in, const char *value)
{
	in->settings.locksleep = vars_number(value, in->settings.locksleep);
}

static void
vars_locktimeout(struct interp *in, const char *value)
{
	in->settings.locktimeout = vars_number(value, in->settings.locktimeout);
}

static void
vars_timeout(struct interp *in, const char *value)
{
	in->settings.timeout = vars_number(value, in->settings.timeout);
}

static void
vars_suspend(struct interp *in, const char *value)
{
	in->settings.suspend = vars_number(value, in->settings.suspend);
}

static void
vars_noresretry(struct interp *in, const char *value)
{
	in->settings.noresretry = vars_number(value, in->settings.noresretry);
}

static void
vars_linebuf(struct interp *in, const char *value)
{
	long n = vars_number(value, 0);

	in->settings.linebuf = n < 128 ? 128 : n > INT_MAX ? INT_MAX : n;
}

static void
vars_umask(struct interp *in, const char *value)
{
	char *end = NULL;
	long n = value ? strtol(value, &end, 8) : 0;

	in->settings.umask = end != value ? (mode_t)n & 07777 : 077;
}

static void
vars_verbose(struct interp *in, const char *value)
{
	in->settings.verbose = vars_number(value, in->settings.verbose) != 0;
}

static void
vars_delivered(struct interp *in, const char *value)
{
	in->settings.delivered = vars_number(value, in->settings.delivered) != 0;
}

static void
vars_logabstract(struct interp *in, const char *value)
{
	struct settings *s = &in->settings;
	long n = vars_number(value, s->logabstract == ABSTRACT_NO ? 0
	    : s->logabstract == ABSTRACT_ALL ? 2 : 1);

	s->logabstract = n == 0 ? ABSTRACT_NO : n == 2 ? ABSTRACT_ALL : ABSTRACT_LAST;
}

static void
vars_act_umask(struct interp *in, const char *value)
{
	(void)value;
	in->host->set_umask(in->host->ctx, in->settings.umask);
}

static void
vars_act_maildir(struct interp *in, const char *value)
{
	struct fail why = { 0 };

	if (value && in->host->set_maildir(in->host->ctx, value, &why) == 0)
		return;
	if (value)
		interp_complain(in, "%s", why.text);
	vars_put(&in->vars, "MAILDIR", ".");
}

static void
vars_act_logfile(struct interp *in, const char *value)
{
	in->host->set_logfile(in->host->ctx, value ? value : "");
}

static void
vars_act_lockfile(struct interp *in, const char *value)
{
	in->host->set_lockfile(in->host->ctx, value);
}

static void
vars_act_log(struct interp *in, const char *value)
{
	if (value)
		in->host->log_text(in->host->ctx, value);
}

static void
vars_act_delivered(struct interp *in, const char *value)
{
	(void)value;
	if (in->settings.delivered)
		in->host->delivered_early(in->host->ctx);
}

static void
vars_act_shift(struct interp *in, const char *value)
{
	long n = vars_number(value, 0);
	size_t left = in->argc - in->shifted;

	if (n > 0)
		in->shifted += (unsigned long)n < left ? (size_t)n : left;
}

static void
vars_act_includerc(struct interp *in, const char *value)
{
	if (value)
		in->flow = INTERP_FLOW_INCLUDE;
}

static void
vars_act_switchrc(struct interp *in, const char *value)
{
	(void)value;
	in->flow = INTERP_FLOW_SWITCH;
}

static void
vars_act_host(struct interp *in, const char *value)
{
	if (!value || strcmp(value, in->host->hostname(in->host->ctx)) != 0)
		in->flow = INTERP_FLOW_HOST;
}

/*
 * The special variables. settle keeps struct settings in step; an unset variable means its
 * default, or nothing where procmail then has nothing. act lets the world follow; value NULL:
 * unset.
 */
static const struct vars_special {
	const char *name;
	const char *standard;    /* put into the environment at the start, NULL none */
	const char *unset;       /* what an unset variable means; a number then stays as it was */
	void (*settle)(struct interp *, const char *value);
	void (*act)(struct interp *, const char *value);
} vars_specials[] = {
	{ "SHELL", NULL, "", vars_shell, NULL },
	{ "SHELLFLAGS", "-c", "", vars_shellflags, NULL },
	{ "SHELLMETAS", "&|<>~;?*[", "", vars_shellmetas, NULL },
	{ "SENDMAIL", "/usr/sbin/sendmail", "", vars_sendmail, NULL },
	{ "SENDMAILFLAGS", "-oi", "", vars_sendmailflags, NULL },
	{ "MSGPREFIX", "msg.", "", vars_msgprefix, NULL },
	{ "LOCKEXT", ".lock", "", vars_lockext, NULL },
	{ "LINEBUF", "2048", "0", vars_linebuf, NULL },
	{ "PROCMAIL_VERSION", "3.23pre", NULL, NULL, NULL },
	{ "LOCKSLEEP", NULL, "8", vars_locksleep, NULL },
	{ "LOCKTIMEOUT", NULL, "1024", vars_locktimeout, NULL },
	{ "TIMEOUT", NULL, "960", vars_timeout, NULL },
	{ "SUSPEND", NULL, "16", vars_suspend, NULL },
	{ "NORESRETRY", NULL, "4", vars_noresretry, NULL },
	{ "UMASK", NULL, "077", vars_umask, vars_act_umask },
	{ "VERBOSE", NULL, NULL, vars_verbose, NULL },
	{ "DELIVERED", NULL, NULL, vars_delivered, vars_act_delivered },
	{ "LOGABSTRACT", NULL, NULL, vars_logabstract, NULL },
	{ "MAILDIR", NULL, NULL, NULL, vars_act_maildir },
	{ "LOGFILE", NULL, NULL, NULL, vars_act_logfile },
	{ "LOCKFILE", NULL, NULL, NULL, vars_act_lockfile },
	{ "LOG", NULL, NULL, NULL, vars_act_log },
	{ "SHIFT", NULL, NULL, NULL, vars_act_shift },
	{ "HOST", NULL, NULL, NULL, vars_act_host },
	{ "INCLUDERC", NULL, NULL, NULL, vars_act_includerc },
	{ "SWITCHRC", NULL, NULL, NULL, vars_act_switchrc },
};

#define VARS_SPECIALS (sizeof vars_specials / sizeof vars_specials[0])

static const struct vars_special *
vars_special(const char *name)
{
	for (size_t i = 0; i < VARS_SPECIALS; i++)
		if (strcmp(vars_specials[i].name, name) == 0)
			return &vars_specials[i];
	return NULL;
}

static bool
vars_is_count(const struct vars_special *s)
{
	return s->unset && *s->unset >= '1' && *s->unset <= '9';
}

static const struct vars_special *
vars_settle(struct interp *in, const char *name)
{
	const struct vars_special *s = vars_special(name);
	const char *value = vars_get(&in->vars, name);

	if (s && s->settle)
		s->settle(in, value ? value : vars_is_count(s) ? "" : s->unset);
	return s;
}

void
vars_defaults(struct interp *in)
{
	in->settings.logabstract = ABSTRACT_LAST;
	for (size_t i = 0; i < VARS_SPECIALS; i++) {
		if (vars_specials[i].standard)
			vars_put(&in->vars, vars_specials[i].name, vars_specials[i].standard);
		if (vars_is_count(&vars_specials[i]))
			vars_specials[i].settle(in, vars_specials[i].unset);
		else
			vars_settle(in, vars_specials[i].name);
	}
}

void
vars_preset(struct interp *in, const char *name, const char *value)
{
	vars_put(&in->vars, name, value);
	vars_settle(in, name);
}

void
vars_assign(struct interp *in, const char *name, const char *value)
{
	const struct vars_special *s;

	vars_put(&in->vars, name, value);
	s = vars_settle(in, name);
	if (s && s->act)
		s->act(in, vars_get(&in->vars, name));
}
