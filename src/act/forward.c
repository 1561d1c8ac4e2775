/*
 * forward.c - "! address": the message to SENDMAIL, any program that has sendmail's command line.
 *
 * No shell sees the addresses.  Without flag w procmail never learns that the mail was not taken;
 * we wait and believe its status, since the message would be lost.  Not sysexits(3) alone: Exim and
 * nullmailer say 1.
 */
#include "act/forward.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "act/command.h"
#include "act/emit.h"
#include "base/mem.h"
#include "base/str.h"

/* Control bytes in an argument would end up in a queue file's line. */
static int
forward_check(const char *const *addresses, struct fail *why)
{
	for (; *addresses; addresses++)
		for (const char *p = *addresses; *p; p++)
			if ((unsigned char)*p < ' ' || *p == 0x7f)
				return fail_temp(why, "an address to forward to holds control "
				    "characters");
	return 0;
}

/* A dot alone on a line? */
static bool
forward_has_dot(struct bytes body)
{
	struct bytes line;

	while (bytes_line(&body, &line))
		if (line.len == 1 && line.p[0] == '.')
			return true;
	return false;
}

/* Is that program dma, by whatever name? */
static bool
forward_is_dma(const char *sendmail)
{
	char *path = realpath(sendmail, NULL), *name = path ? strrchr(path, '/') : NULL;
	bool dma = name && strcmp(name, "/dma") == 0;

	free(path);
	return dma;
}

/* argv borrows from flags, which is cut into words. dma 0.13 knows -i and overlooks -oi: it would
 * cut a message off at a lone dot and say that all is well (cuts). */
static const char **
forward_argv(const char *sendmail, char *flags, bool cuts, const char *const *addresses)
{
	size_t n = 0, max = 4 + strlen(flags);
	const char **argv;

	while (addresses[n])
		n++;
	argv = mem_array(max + n, sizeof *argv);
	n = 0;
	argv[n++] = sendmail;
	for (char *p = flags; *(p += strspn(p, " \t\n"));) {
		argv[n++] = p;
		p += strcspn(p, " \t\n");
		if (*p)
			*p++ = '\0';
		if (cuts && strcmp(argv[n - 1], "-oi") == 0) {
			argv[n++] = "-i";
			cuts = false;
		}
	}
	if (!addresses[0])
		argv[n++] = "";
	while (*addresses)
		argv[n++] = *addresses++;
	return argv;
}

int
forward_words(const struct settings *set, const char *const *addresses, struct bytes body,
    struct forward_words *w, struct fail *why)
{
	*w = (struct forward_words){ NULL, NULL };
	if (forward_check(addresses, why) < 0)
		return -1;
	w->flags = mem_string(set->sendmailflags ? set->sendmailflags : "");
	w->argv = forward_argv(set->sendmail, w->flags, forward_has_dot(body) &&
	    forward_is_dma(set->sendmail), addresses);
	return 0;
}

void
forward_words_clear(struct forward_words *w)
{
	free(w->argv);
	free(w->flags);
	*w = (struct forward_words){ NULL, NULL };
}

static bool
forward_is_refusal(const struct command_result *r)
{
	return r->end != COMMAND_EXITED || r->status != EX_OK;
}

static void
forward_note(const char *const *argv, struct buf *folder)
{
	buf_cut(folder, 0);
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			buf_byte(folder, ' ');
		buf_str(folder, argv[i]);
	}
}

static int
forward_deliver(const struct act_env *env, const struct act_job *job, struct act_result *res,
    struct fail *why)
{
	struct forward_words words;
	struct command cmd = { .out_fd = -1, .wait = job->wait, .quiet = job->quiet,
		.ignore_write_errors = job->ignore_write_errors };
	struct command_result r = { 0 };
	struct emit e;
	int rc = -1;

	if (forward_words(env->set, job->words, job->body, &words, why) < 0
	    || (env->may_commit && env->may_commit(env->ctx, why) < 0))
		goto out;
	cmd.argv = words.argv;
	emit_plan(&e, job, EMIT_FORWARD);
	for (size_t i = 0; i < EMIT_PARTS; i++)
		cmd.in[i] = e.part[i];
	rc = command_run(env, &cmd, &r, why);
	res->status = command_number(&r);
	if (rc == 0 && forward_is_refusal(&r))
		rc = fail_temp(why, "%s did not take the message (status %d)", words.argv[0],
		    r.status);
	if (rc == 0) {
		res->size = emit_size(&e);
		forward_note(words.argv, &res->folder);
	}
out:
	forward_words_clear(&words);
	return rc;
}

const struct act act_forward = { "forward", forward_deliver };
