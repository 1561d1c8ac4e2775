#include "tools/ctltrial.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/message.h"
#include "flow/flow.h"
#include "mail/field.h"
#include "proc/direct.h"
#include "proc/supervisor.h"
#include "proc/users.h"
#include "tools/ctl.h"

int
ctltrial_begin(struct ctltrial *t, struct fail *why)
{
	uid_t uid = geteuid();

	if (ctl_conf(t->config, &t->conf, why) < 0)
		return -1;
	if (uid == 0 && !t->user)
		return fail_set(why, FAIL_USAGE, "root must name the user whose recipes run: "
		    "-u USER");
	if ((t->user ? users_find(t->user, &t->account, why)
	    : users_find_uid(uid, &t->account, why)) < 0)
		return -1;
	if (uid != 0 && t->account.uid != uid)
		return fail_set(why, FAIL_USAGE, "only root asks for others");
	if (t->account.uid == 0)
		return fail_set(why, FAIL_USAGE, "no recipe runs with root's rights: name another "
		    "user");
	return 0;
}

void
ctltrial_end(struct ctltrial *t)
{
	users_clear(&t->account);
	conf_clear(&t->conf);
}

int
ctltrial_assign(struct ctltrial *t, const char *word, struct fail *why)
{
	if (t->nassignments == CTLTRIAL_ASSIGNMENTS)
		return fail_set(why, FAIL_USAGE, "more than %d assignments", CTLTRIAL_ASSIGNMENTS);
	t->assignments[t->nassignments++] = word;
	return 0;
}

int
ctltrial_run(struct ctltrial *t, ctltrial_work *work, void *ctx, struct fail *why)
{
	struct services services;

	log_offline();
	if (geteuid() == 0)
		return supervisor_run(&t->conf, &t->account, work, ctx, why);
	direct_services(&services, &t->conf, &t->account);
	return work(ctx, &services);
}

/* As the last MTA left it: in the From_ line, or in Return-Path. */
static void
ctltrial_sender(struct bytes head, struct buf *out)
{
	struct bytes rest = head, line, value;
	struct field field;

	if (bytes_starts(head, "From ") && bytes_line(&rest, &line)) {
		line = bytes_from(line, 5);
		for (size_t n = 0; n < line.len && line.p[n] != ' '; n++)
			buf_byte(out, line.p[n]);
		return;
	}
	while (field_next(&rest, &field)) {
		if (!field_is(&field, "Return-Path"))
			continue;
		value = bytes_trim(field.value);
		if (value.len > 1 && value.p[0] == '<' && value.p[value.len - 1] == '>')
			value = (struct bytes){ value.p + 1, value.len - 2 };
		buf_bytes(out, value);
		return;
	}
}

int
ctltrial_deliver(struct ctltrial *t, const struct services *services, const char *rcfile,
    struct store *message, struct outcome *out)
{
	const char *rcfiles[] = { rcfile, NULL }, *arguments[] = { t->detail, NULL };
	struct buf sender = BUF_INIT;
	struct envelope env = { .id = "", .rcpt = t->account.name,
		.detail = t->detail ? t->detail : "", .client = t->client ? t->client : "" };
	struct delivery d = { .conf = &t->conf, .env = &env, .account = &t->account,
		.services = services, .assignments = t->assignments, .rcfiles = rcfiles,
		.arguments = arguments, .from = t->sender, .for_mta = !rcfile,
		.trial = &t->trial };
	int status;

	if (t->sender)
		buf_str(&sender, t->sender);
	else
		ctltrial_sender(bytes_first(message->bytes, message_head_length(message->bytes)),
		    &sender);
	env.sender = sender.p;
	t->trial.unknown = false;
	status = flow_deliver(&d, message, out);
	buf_clear(&sender);
	return status;
}

char *
ctltrial_path(const char *name, struct fail *why)
{
	char *path = realpath(name, NULL);

	if (!path)
		fail_errno(why, "%s", name);
	return path;
}
