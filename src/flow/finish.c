/*
 * finish.c - the ends: DEFAULT and ORGMAIL when no recipe delivered, EXITCODE, TRAP, exit status.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "act/command.h"
#include "act/emit.h"
#include "base/log.h"
#include "base/mem.h"
#include "flow/state.h"
#include "recipe/vars.h"

/* The spool directory often lets only root make a mailbox in it. */
static void
finish_make_mailbox(struct flow *f, const char *path)
{
	const struct services *s = f->d->services;
	struct buf own = BUF_INIT;
	struct fail why = { 0 };

	buf_printf(&own, "%s/%s", f->d->conf->mail_spool, f->d->account->name);
	if (!f->d->trial && strcmp(own.p, path) == 0 && access(path, F_OK) < 0 && errno == ENOENT
	    && s->make_mailbox(s->ctx, &why) < 0)
		log_warning("%s", why.text);
	buf_clear(&own);
}

/* "DEFAULT=|" makes a filter of us: the message goes to standard output, whoever reads that. An MTA
 * does not. */
static bool
finish_to_stdout(struct flow *f)
{
	static const char *const nothing[] = { NULL };
	struct host_action a = { .kind = HOST_PROGRAM, .head = true, .body = true, .wait = true,
		.command = { .argv = nothing } };
	struct buf folder = BUF_INIT;
	struct fail why = { 0 };
	int status, rc = world_folder(f, &a, &folder, &status, &why);

	if (rc < 0)
		log_user("%s", why.text);
	buf_clear(&folder);
	return rc == 0;
}

static bool
finish_folder(struct flow *f, const char *path)
{
	const char *words[2] = { path, NULL };
	struct buf lock = BUF_INIT, folder = BUF_INIT;
	struct host_action a = { .kind = HOST_FOLDER, .head = true, .body = true, .words = words };
	struct fail why = { 0 };
	int rc, status = 0;

	if (!path || !*path)
		return false;
	if (strcmp(path, "|") == 0 && !f->d->for_mta)
		return finish_to_stdout(f);
	if (path[0] == '|' || path[0] == '!') {
		log_user("\"%s\" is no mailbox: DEFAULT and ORGMAIL name folders", path);
		return false;
	}
	finish_make_mailbox(f, path);
	buf_printf(&lock, "%s%s", path, interp_settings(f->in)->lockext);
	if (act_for_folder(path) == &act_mbox && strncmp(path, f->d->conf->mail_spool,
	    strlen(f->d->conf->mail_spool)) != 0)
		a.lock = lock.p;
	rc = world_folder(f, &a, &folder, &status, &why);
	if (rc < 0)
		log_user("%s", why.text);
	if (folder.len)
		interp_preset(f->in, "LASTFOLDER", folder.p);
	buf_clear(&lock);
	buf_clear(&folder);
	return rc == 0;
}

/* May the failure be final? Only where a person or script called us for a folder that cannot be,
 * never where an MTA would bounce the mail: an unmounted home looks the same. */
static bool
finish_is_final(const struct flow *f)
{
	const char *home = interp_get(f->in, "HOME");

	return !f->d->for_mta && !f->d->soft_fail && f->only_unmakeable
	    && (f->d->filter_mode || f->d->rcfiles[0]
	    || f->d->assignments[0])
	    && home && access(home, F_OK) == 0;
}

void
finish_default(struct flow *f)
{
	struct outcome *out = f->out;

	if (finish_folder(f, interp_get(f->in, "DEFAULT"))
	    || finish_folder(f, interp_get(f->in, "ORGMAIL"))) {
		out->code = OUTCOME_DELIVERED;
		out->file = "";
		out->line = 0;
		return;
	}
	out->code = OUTCOME_FAILED;
	/* Where no folder was named that the lack of a scan could close, it is still the reason. */
	if (world_may_deliver(f, &out->why) < 0)
		return;
	if (finish_is_final(f))
		fail_set(&out->why, FAIL_CANTCREATE, "no mailbox: %s", f->last.kind ? f->last.text
		    : "neither DEFAULT nor ORGMAIL is set");
	else if (f->last.kind)
		out->why = f->last;
	else
		fail_temp(&out->why, "neither DEFAULT nor ORGMAIL is set");
}

/* TRAP sees the message and how it ended. Its exit status, or status itself when it has none: it
 * did not start (126 and 127 are the shell's words for that), or was ended. */
static int
finish_trap(struct flow *f, int status)
{
	char *text = mem_string(interp_get(f->in, "TRAP")), number[16];
	struct command_result result = { 0 };
	struct command cmd = { .out_fd = STDERR_FILENO, .wait = true, .quiet = true,
		.ignore_write_errors = true };
	struct host_command line;
	struct progline *words;
	struct act_job job = { .head = f->msg.head, .body = f->msg.body, .content_length = -1 };
	struct emit whole;
	struct fail why = { 0 };
	struct act_env env;

	/* What the recipes wrote there stays as they wrote it. */
	snprintf(number, sizeof number, "%d", status);
	if (!interp_get(f->in, "EXITCODE") || f->out->code == OUTCOME_FAILED)
		interp_preset(f->in, "EXITCODE", number);
	words = interp_line_open(f->in, text, &line);
	cmd.argv = line.argv;
	cmd.shell = line.shell;
	emit_plan(&whole, &job, EMIT_FILE);
	for (size_t i = 0; i < EMIT_PARTS; i++)
		cmd.in[i] = whole.part[i];
	flow_act_env(f, &env);
	if (command_run(&env, &cmd, &result, &why) < 0 && result.end == COMMAND_NOT_STARTED)
		log_user("TRAP: %s", why.text);
	interp_line_free(&words);
	free(text);
	return result.end == COMMAND_EXITED && result.status != 126 && result.status != 127
	    ? result.status : status;
}

static int
finish_status(const struct flow *f)
{
	const struct outcome *out = f->out;

	if (f->early)
		return EX_OK;
	if (out->code != OUTCOME_FAILED)
		return EX_OK;
	return fail_class(out->why.kind)->exit;
}

int
finish_exit(struct flow *f)
{
	const char *wish = interp_get(f->in, "EXITCODE"), *trap = interp_get(f->in, "TRAP");
	int status = finish_status(f);
	bool failed = f->out->code == OUTCOME_FAILED && !f->early;
	bool ask_trap = wish && !*wish;
	long n = vars_number(wish, -1);

	/* EXITCODE=0 would turn a mail that is nowhere into a delivered one. */
	if (n > 0 || (n == 0 && !failed && wish && wish[0] == '0'))
		status = (int)(n & 0xff);
	if (failed && status == 0)
		status = EX_TEMPFAIL;
	if (trap && *trap && !f->d->trial) {
		int said = finish_trap(f, status);

		/* An MTA forgets mail for 0, and bounces it for the 1 of a grep that found nothing:
		 * where the mail is nowhere, only a number in EXITCODE was meant. */
		if (ask_trap && !failed)
			status = said;
	}
	return f->early ? EX_OK : status; /* as promised */
}
