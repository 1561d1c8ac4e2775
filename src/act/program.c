/*
 * program.c - "| command": the message on a program's standard input.
 */
#include <unistd.h>

#include "act/command.h"
#include "act/emit.h"
#include "act/smrsh.h"

/* A lone "|": whoever called us reads the message. */
static int
program_to_stdout(const struct emit *e, struct act_result *res, struct fail *why)
{
	if (emit_write(STDOUT_FILENO, e, &res->size) < 0)
		return fail_errno(why, "message cannot be written to standard output");
	buf_cut(&res->folder, 0);
	buf_byte(&res->folder, '|');
	return 0;
}

static void
program_note(const struct act_job *job, struct buf *folder)
{
	buf_cut(folder, 0);
	if (job->command) {
		buf_str(folder, job->command);
		return;
	}
	for (size_t i = 0; job->words[i]; i++) {
		if (i)
			buf_byte(folder, ' ');
		buf_str(folder, job->words[i]);
	}
}

static int
program_deliver(const struct act_env *env, const struct act_job *job, struct act_result *res,
    struct fail *why)
{
	struct command cmd = { .argv = job->words, .shell = job->command, .out_fd = -1,
		.wait = job->wait, .quiet = job->quiet,
		.ignore_write_errors = job->ignore_write_errors };
	struct command_result r = { 0 };
	struct emit e;
	int rc;

	emit_plan(&e, job, EMIT_FILE);
	if (!job->command && (!job->words || !job->words[0]))
		return program_to_stdout(&e, res, why);
	if (env->may_commit && env->may_commit(env->ctx, why) < 0)
		return -1;
	for (size_t i = 0; i < EMIT_PARTS; i++)
		cmd.in[i] = e.part[i];
	/* What a shell could not start, or smrsh refuses, is known by its exit status only. */
	cmd.background = !job->wait && !job->command && env->programs == ACT_PROGRAMS_ANY;
	cmd.may_outlast = !job->wait;
	rc = command_run(env, &cmd, &r, why);
	res->status = command_number(&r);
	if (rc == 0 && job->command && !cmd.background && (r.status == 126 || r.status == 127))
		rc = fail_temp(why, "%s: the shell could not start it", job->command);
	if (rc == 0 && env->programs == ACT_PROGRAMS_SMRSH && r.status == SMRSH_REFUSED)
		rc = fail_temp(why, "%s does not allow the program", env->smrsh);
	if (rc < 0)
		return -1;
	res->size = emit_size(&e);
	program_note(job, &res->folder);
	return 0;
}

const struct act act_program = { "program", program_deliver };
