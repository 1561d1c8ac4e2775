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

bool
vars_bool(const char *value, bool other)
{
	char a = value ? str_lower(value[0]) : '\0', b = a ? str_lower(value[1]) : '\0';

	if (a >= '0' && a <= '9')
		return strtol(value, NULL, 10) != 0;
	if (a == 'o')
		return b == 'n' ? true : b == 'f' ? false : other;
	if (a && strchr("yte", a))
		return true;
	if (a && strchr("nfd", a))
		return false;
	return other;
}

/* A number as procmail reads it: what does not begin with one means the default. */
static long
vars_long(const char *value, int base, const char *standard)
{
	char *end;
	long n;

	if (!value)
		value = standard;
	n = strtol(value, &end, base);
	return end == value ? strtol(standard, NULL, base) : n;
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
	in->settings.locksleep = vars_long(value, 10, "8");
}

static void
vars_locktimeout(struct interp *in, const char *value)
{
	in->settings.locktimeout = vars_long(value, 10, "1024");
}

static void
vars_timeout(struct interp *in, const char *value)
{
	in->settings.timeout = vars_long(value, 10, "960");
}

static void
vars_suspend(struct interp *in, const char *value)
{
	in->settings.suspend = vars_long(value, 10, "16");
}

static void
vars_noresretry(struct interp *in, const char *value)
{
	in->settings.noresretry = vars_long(value, 10, "4");
}

static void
vars_linebuf(struct interp *in, const char *value)
{
	long n = vars_long(value, 10, "0");

	in->settings.linebuf = n < 128 ? 128 : n > INT_MAX ? INT_MAX : n;
}

static void
vars_umask(struct interp *in, const char *value)
{
	in->settings.umask = (mode_t)vars_long(value, 8, "077") & 07777;
}

static void
vars_verbose(struct interp *in, const char *value)
{
	in->settings.verbose = vars_bool(value, value && *value ? in->settings.verbose : false);
}

static void
vars_delivered(struct interp *in, const char *value)
{
	in->settings.delivered = vars_bool(value, in->settings.delivered);
}

static void
vars_logabstract(struct interp *in, const char *value)
{
	struct settings *s = &in->settings;

	if (value && str_lower(*value) == 'a')
		s->logabstract = ABSTRACT_ALL;
	else
		s->logabstract = vars_bool(value, true) ? ABSTRACT_LAST : ABSTRACT_NO;
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
	if (value)
		in->host->set_logfile(in->host->ctx, value);
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
	long n = vars_long(value, 10, "0");
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
	const char *unset;       /* what an unset variable means */
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

static const struct vars_special *
vars_settle(struct interp *in, const char *name)
{
	const struct vars_special *s = vars_special(name);
	const char *value = vars_get(&in->vars, name);

	if (s && s->settle)
		s->settle(in, value ? value : s->unset);
	return s;
}

void
vars_defaults(struct interp *in)
{
	for (size_t i = 0; i < VARS_SPECIALS; i++) {
		if (vars_specials[i].standard)
			vars_put(&in->vars, vars_specials[i].name, vars_specials[i].standard);
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
