/*
 * programs.c - programs that recipes start for what they say: filters, captures, backquotes, tests,
 * and formail calls, which need no program (formail/).
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/command.h"
#include "act/emit.h"
#include "act/forward.h"
#include "base/fd.h"
#include "base/log.h"
#include "flow/state.h"
#include "formail/formail.h"

#define PROGRAMS_CAPTURE_MAX (16u << 20)  /* bytes a program may say into a variable */

static void
programs_command(const struct host_command *c, struct command *cmd)
{
	memset(cmd, 0, sizeof *cmd);
	cmd->argv = c->argv;
	cmd->shell = c->shell;
	cmd->out_fd = -1;
	cmd->wait = true;
	cmd->quiet = true;
}

/* As mailboxes do, programs get the newline that makes the text end with an empty line. */
static void
programs_end_input(struct command *cmd)
{
	size_t n = 0;

	for (int i = 1; i >= 0; i--)
		for (size_t len = cmd->in[i].len; len > 0 && n < 2; n++)
			if (cmd->in[i].p[--len] != '\n')
				n = 3;
	if (n != 2)
		cmd->in[2] = bytes_of("\n");
}

static void
programs_action_command(struct flow *f, const struct host_action *a, struct command *cmd)
{
	programs_command(&a->command, cmd);
	world_halves(f, a->head, a->body, cmd->in);
	cmd->wait = a->wait;
	cmd->quiet = a->quiet;
	cmd->ignore_write_errors = a->ignore_write_errors;
	if (!a->raw)
		programs_end_input(cmd);
}

/* Is the formail that this command would start the one that formail/ imitates? A user's own of
 * that name, found first, is not. */
bool
programs_is_formail(struct flow *f, const struct host_command *c)
{
	const char *path = interp_get(f->in, "PATH");
	struct buf own = BUF_INIT;
	bool real = true;

	if (c->shell || !c->argv[0] || !formail_understands(c->argv))
		return false;
	if (strchr(c->argv[0], '/'))
		return strcmp(c->argv[0], "/usr/bin/formail") == 0;
	while (path && *path && real) {
		size_t n = strcspn(path, ":");

		buf_cut(&own, 0);
		buf_printf(&own, "%.*s/formail", (int)n, path);
		if (access(own.p, X_OK) == 0) {
			real = strcmp(own.p, "/usr/bin/formail") == 0 ||
			       strcmp(own.p, "/bin/formail") == 0;
			break;
		}
		path += n + (path[n] == ':');
	}
	buf_clear(&own);
	/* Restricted sites let no recipe name a file outside the home; -D does. */
	for (size_t i = 1; c->argv[i] && f->d->conf->programs != CONF_PROGRAMS_ANY; i++)
		real = real && strncmp(c->argv[i], "-D", 2) != 0;
	return real;
}

/* Runs c: in process when it is a plain formail call, else as a program whose standard output goes
 * to out. */
static int
programs_output(struct flow *f, const struct host_command *c, struct command *cmd, struct buf *out,
    struct command_result *result, struct fail *why)
{
	struct act_env env;

	if (programs_is_formail(f, c)) {
		result->end = COMMAND_EXITED;
		if (formail_run(c->argv, cmd->in, out, &result->status, why) < 0)
			return -1;
		return cmd->wait && result->status ? fail_temp(why, "formail: exit status %d",
		    result->status) : 0;
	}
	flow_act_env(f, &env);
	return command_capture(&env, cmd, PROGRAMS_CAPTURE_MAX, out, result, why);
}

/* ":0 Wh: msgid.lock | formail -D 8192 msgid.cache", the recipe against duplicates. */
int
programs_formail(struct flow *f, const struct host_action *a, struct act_result *res,
    struct fail *why)
{
	struct command_result result = { 0 };
	struct buf said = BUF_INIT;
	struct command cmd;
	int rc;

	programs_action_command(f, a, &cmd);
	rc = programs_output(f, &a->command, &cmd, &said, &result, why);
	res->status = command_byte(&result);
	for (size_t i = 0; a->command.argv[i]; i++)
		buf_printf(&res->folder, "%s%s", i ? " " : "", a->command.argv[i]);
	res->size = cmd.in[0].len + cmd.in[1].len + cmd.in[2].len;
	buf_clear(&said);
	return rc;
}

/* A header filter's output stands before the old body: where it lacks the empty line, or goes on
 * behind it, head and body meet anew. */
static int
programs_join(struct flow *f, struct store *output, bool head, struct message *m, struct fail *why)
{
	struct spool_writer w;
	struct store *whole;
	size_t n = message_head_length(output->bytes);
	bool ends = n == output->bytes.len && n >= 1 && output->bytes.p[n - 1] == '\n'
	    && (n == 1 || output->bytes.p[n - 2] == '\n');

	if (head && (ends || m->body.len == 0)) {
		message_set_head(m, store_ref(output));
		if (n < output->bytes.len)
			message_set(m, output);
		return 0;
	}
	if (!head) {
		message_set_body(m, store_ref(output));
		return 0;
	}
	if (spool_open(&w, &f->spool, why) < 0)
		return -1;
	if (fd_write_all(w.fd, output->bytes.p, output->bytes.len) < 0
	    || fd_write_all(w.fd, m->body.p, m->body.len) < 0) {
		spool_abandon(&w);
		return fail_errno(why, "filtered message cannot be held in %s", f->spool.dir);
	}
	whole = spool_finish(&w, why);
	if (!whole)
		return -1;
	message_set(m, whole);
	store_unref(&whole);
	return 0;
}

/* 126 and 127 are the shell's words for a program that it could not start. */
static bool
programs_ran(const struct command_result *r)
{
	return r->end != COMMAND_NOT_STARTED && r->end != COMMAND_TIMED_OUT && r->status != 126
	    && r->status != 127;
}

/* The output of a filter, however large; NULL with why: the message is to stay as it is. When there
 * is nothing to filter nothing can get lost: procmail then takes what one that failed wrote. */
static struct store *
programs_filter_output(struct flow *f, const struct host_action *a, int *status, int *rc_r,
    struct fail *why)
{
	struct command_result result = { 0 };
	struct buf text = BUF_INIT;
	struct store *output = NULL;
	struct spool_writer w;
	struct act_env env;
	struct command cmd;
	bool nothing;

	*rc_r = -1;
	programs_action_command(f, a, &cmd);
	nothing = cmd.in[0].len + cmd.in[1].len == 0;
	if (programs_is_formail(f, &a->command)) {
		*rc_r = programs_output(f, &a->command, &cmd, &text, &result, why);
		*status = command_byte(&result);
		output = *rc_r == 0 || nothing ? store_from_buf(&text) : NULL;
		buf_clear(&text);
		return output;
	}
	if (spool_open(&w, &f->spool, why) < 0)
		return NULL;
	flow_act_env(f, &env);
	cmd.out_fd = w.fd;
	*rc_r = command_run(&env, &cmd, &result, why);
	*status = command_byte(&result);
	if ((*rc_r == 0 || nothing) && programs_ran(&result))
		output = spool_finish(&w, why);
	spool_abandon(&w);
	/* procmail empties the message here: what failed and said nothing is no filter's word. */
	if (output && output->bytes.len == 0 && result.status != 0) {
		fail_temp(why, "filter failed with exit status %d and wrote nothing",
		    result.status);
		store_unref(&output);
	}
	return output;
}

int
programs_filter(void *ctx, const struct host_action *a, struct message *m, int *status,
    struct fail *why)
{
	struct flow *f = ctx;
	struct lock *lock = NULL;
	struct store *output;
	int rc = 0;

	if (world_may_deliver(f, why) < 0)
		return -1;
	lock = world_lock(f, a->lock);
	output = programs_filter_output(f, a, status, &rc, why);
	lock_drop(&lock);
	if (!output)
		return -1;
	if (a->head && a->body)
		message_set(m, output);
	else if (programs_join(f, output, a->head, m, why) < 0)
		rc = -1;
	store_unref(&output);
	flow_settle(f);
	return rc;
}

/* VAR=!: SENDMAIL as it is started for a forward, with what it then reads. */
static int
programs_forward_command(struct flow *f, const struct host_action *a, struct forward_words *words,
    struct command *cmd, struct fail *why)
{
	struct act_job job = { .raw = a->raw, .content_length = -1 };
	struct bytes in[2];
	struct emit e;

	world_halves(f, a->head, a->body, in);
	if (forward_words(interp_settings(f->in), a->words, in[1], words, why) < 0)
		return -1;
	cmd->argv = words->argv;
	job.head = in[0];
	job.body = in[1];
	job.from_line = bytes_starts(in[0], "From ");
	emit_plan(&e, &job, EMIT_FORWARD);
	for (size_t i = 0; i < EMIT_PARTS; i++)
		cmd->in[i] = e.part[i];
	return 0;
}

int
programs_capture(void *ctx, const struct host_action *a, struct buf *out, int *status,
    struct fail *why)
{
	struct flow *f = ctx;
	struct command_result result = { .end = COMMAND_NOT_STARTED, .status = 127 };
	struct forward_words words = { NULL, NULL };
	struct lock *lock = NULL;
	struct command cmd;
	int rc = -1;

	if (world_may_deliver(f, why) < 0)
		return -1;
	programs_action_command(f, a, &cmd);
	if (a->kind == HOST_FORWARD && programs_forward_command(f, a, &words, &cmd, why) < 0)
		goto out;
	lock = world_lock(f, a->lock);
	rc = programs_output(f, &a->command, &cmd, out, &result, why);
	lock_drop(&lock);
	/* Nobody waits for its end, so what it said before TIMEOUT is its word. */
	if (rc < 0 && result.end == COMMAND_TIMED_OUT && !a->wait && a->kind != HOST_FORWARD) {
		log_user("%s", why->text);
		rc = 0;
	}
out:
	forward_words_clear(&words);
	*status = command_byte(&result);
	return rc;
}

int
programs_backquote(void *ctx, const struct host_command *c, struct buf *out, int *status,
    struct fail *why)
{
	struct flow *f = ctx;
	struct command_result result = { 0 };
	struct command cmd;
	int rc;

	programs_command(c, &cmd);
	world_halves(f, true, true, cmd.in);
	programs_end_input(&cmd);
	cmd.wait = false;
	cmd.ignore_write_errors = true;
	rc = programs_output(f, c, &cmd, out, &result, why);
	*status = command_byte(&result);
	return rc;
}

int
programs_test(void *ctx, const struct host_command *c, const struct bytes in[2], int *status,
    struct fail *why)
{
	struct flow *f = ctx;
	struct command_result result = { 0 };
	struct buf said = BUF_INIT;
	struct act_env env;
	struct command cmd;
	int rc;

	flow_act_env(f, &env);
	programs_command(c, &cmd);
	cmd.in[0] = in[0];
	cmd.in[1] = in[1];
	programs_end_input(&cmd);
	/* What the abstract names where no folder follows. */
	f->size = cmd.in[0].len + cmd.in[1].len + cmd.in[2].len;
	cmd.wait = false;
	cmd.ignore_write_errors = true;
	if (programs_is_formail(f, c))
		rc = programs_output(f, c, &cmd, &said, &result, why);
	else
		rc = command_run(&env, &cmd, &result, why);
	buf_clear(&said);
	*status = command_number(&result);
	return rc;
}

