/*
 * null.c - /dev/null: the message is thrown away on purpose.
 */
#include "act/act.h"

static int
null_deliver(const struct act_env *env, const struct act_job *job, struct act_result *res,
    struct fail *why)
{
	(void)env;
	(void)why;
	res->size = job->head.len + job->body.len;
	buf_cut(&res->folder, 0);
	buf_str(&res->folder, job->words[0]);
	return 0;
}

const struct act act_null = { "null", null_deliver };
