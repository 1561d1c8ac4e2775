#include "proc/recipient.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "core/message.h"
#include "flow/flow.h"
#include "mail/receivedclient.h"
#include "proc/users.h"
#include "proc/usersearch.h"

#define RECIPIENT_FIELDS 8
#define RECIPIENT_FIELD_MAX 4200   /* bytes: no command of LMTP is longer */

static void
recipient_fields(struct recipient *r, const char **fields[RECIPIENT_FIELDS])
{
	const char **all[RECIPIENT_FIELDS] = { &r->env.id, &r->env.sender, &r->env.rcpt,
		&r->env.detail, &r->env.client, &r->user, &r->read_us, &r->alone };

	memcpy(fields, all, sizeof all);
}

/* ---- the session's side ---- */

int
recipient_send(int sock, const struct recipient *recipient, struct fail *why)
{
	struct recipient r = *recipient;
	const char **fields[RECIPIENT_FIELDS];
	struct buf b = BUF_INIT;
	char number[24];
	int rc;

	snprintf(number, sizeof number, "%ld", r.env.read_us);
	r.read_us = number;
	recipient_fields(&r, fields);
	for (int i = 0; i < RECIPIENT_FIELDS; i++) {
		buf_bytes(&b, bytes_first(bytes_of(*fields[i]), RECIPIENT_FIELD_MAX));
		buf_byte(&b, '\0');
	}
	rc = fd_send(sock, b.p, b.len, -1);
	buf_clear(&b);
	return rc < 0 ? fail_errno(why, "the delivery cannot be told of its recipient") : 0;
}

void
recipient_answer(int sock, struct fail *out)
{
	char answer[1 + sizeof out->text];
	int passed;
	ssize_t n = fd_recv(sock, answer, sizeof answer - 1, &passed);

	fd_close(&passed);
	memset(out, 0, sizeof *out);
	if (n < 1 || (unsigned char)answer[0] >= FAIL_KINDS) {
		fail_temp(out, "the delivery ended without an answer");
		return;
	}
	answer[n] = '\0';
	out->kind = (enum fail_kind)answer[0];
	snprintf(out->text, sizeof out->text, "%s", answer + 1);
}

static void
recipient_pack(const struct fail *why, struct buf *answer)
{
	buf_printf(answer, "%c%s", (char)why->kind, why->text);
}

/* ---- the monitor's side ---- */

/* The socket is the session's choice, and may be full: nobody waits. */
void
recipient_refuse(int sock, const struct fail *why)
{
	struct buf answer = BUF_INIT;

	recipient_pack(why, &answer);
	if (fd_send_now(sock, answer.p, answer.len, -1) < 0)
		log_warning("the LMTP session does not hear that there is no delivery: %s",
		    strerror(errno));
	buf_clear(&answer);
}

/* ---- the delivery's side ---- */

static void
recipient_say(int sock, const struct fail *why, const char *who)
{
	struct buf answer = BUF_INIT;

	recipient_pack(why, &answer);
	if (fd_send(sock, answer.p, answer.len, -1) < 0)
		log_warning("the LMTP session is gone: its peer will deliver to %s again", who);
	buf_clear(&answer);
}

static int
recipient_receive(int sock, char *room, size_t size, struct recipient *r, struct fail *why)
{
	const char **fields[RECIPIENT_FIELDS], *p = room, *end, *nul;
	int passed;
	ssize_t n = fd_recv(sock, room, size, &passed);

	fd_close(&passed);
	if (n < 0)
		return fail_errno(why, "the envelope");
	end = room + n;
	recipient_fields(r, fields);
	for (int i = 0; i < RECIPIENT_FIELDS; i++) {
		nul = p < end ? memchr(p, '\0', (size_t)(end - p)) : NULL;
		if (!nul)
			return fail_temp(why, "the envelope is cut short");
		*fields[i] = p;
		p = nul + 1;
	}
	if (!str_long(r->read_us, 0, LONG_MAX, &r->env.read_us))
		r->env.read_us = -1;
	return 0;
}

/* The session has had the name looked up and named a number. Whose it is counts, not what it says;
 * and an account may have a second name with a home of its own. */
static int
recipient_is(const struct conf *conf, const struct account *account, const struct recipient *r,
    struct account *own, struct fail *why)
{
	int rc;

	if (strcmp(r->user, account->name) == 0)
		return 0;
	rc = usersearch_user(r->user, strlen(r->user), own, why);
	if (rc == 0 && own->uid == 0)
		rc = users_root_alias(conf, own, why);
	/* He was there when his name was taken. */
	if (rc < 0)
		why->kind = FAIL_TEMP;
	if (rc == 0 && (own->uid != account->uid || own->gid != account->gid))
		rc = fail_temp(why, "%s is not user %lu, group %lu", own->name,
		    (unsigned long)account->uid, (unsigned long)account->gid);
	return rc;
}

/* What the MTA could not say, since one program gets many messages, or a socket has no arguments,
 * stands in its own Received field. */
static void
recipient_received(const struct conf *conf, struct envelope *env, const struct store *message,
    struct receivedclient *received)
{
	if (!receivedclient_ours(bytes_first(message->bytes, message_head_length(message->bytes)),
	    conf->mta_names, received))
		return;
	if (!*env->client)
		env->client = received->address;
	if (*received->id)
		env->id = received->id;
	log_context(env->id);
}

/* A recipe may have chosen an exit status. The peer gets what sendmail would make of it, but that
 * a number without a meaning is temporary here. */
static void
recipient_status(int status, const struct outcome *out, struct fail *why)
{
	bool failed = out->code == OUTCOME_FAILED;

	if (status == (failed ? fail_class(out->why.kind)->exit : EX_OK)) {
		if (failed)
			*why = out->why;
		return;
	}
	switch (status) {
	case EX_OK:
		return;
	case EX_NOUSER:
		fail_set(why, FAIL_NOUSER, "refused by a recipe (EXITCODE=%d)", status);
		return;
	case EX_USAGE: case EX_DATAERR: case EX_NOINPUT: case EX_NOHOST: case EX_UNAVAILABLE:
	case EX_SOFTWARE: case EX_OSFILE: case EX_CANTCREAT: case EX_PROTOCOL: case EX_NOPERM:
	case EX_CONFIG:
		/* The recipe's author wants it sent back: these are what an MTA bounces for. */
		fail_set(why, FAIL_REJECT, "refused by a recipe (EXITCODE=%d)", status);
		return;
	default:
		fail_set(why, FAIL_POLICY, "deferred by a recipe (EXITCODE=%d)", status);
	}
}

static void
recipient_flow(const struct conf *conf, const struct account *account, struct recipient *r,
    int message_fd, const struct services *services, struct outcome *out, struct fail *why)
{
	static const char *const none[] = { NULL };
	const char *arguments[] = { *r->env.detail ? r->env.detail : NULL, NULL };
	static struct receivedclient received; /* the log names it to the end */
	struct delivery d = {
		.conf = conf, .env = &r->env, .account = account, .services = services,
		.assignments = none, .rcfiles = none, .arguments = arguments, .for_mta = true,
	};
	struct store *message = store_from_fd(message_fd);
	struct services his;
	int status;

	/* A process that scans for several would do it for one. */
	if (*r->alone) {
		his = *services;
		his.shared = NULL;
		d.services = &his;
	}
	if (!message) {
		fail_errno(why, "the message cannot be mapped");
		return;
	}
	recipient_received(conf, &r->env, message, &received);
	status = flow_deliver(&d, message, out);
	recipient_status(status, out, why);
	store_unref(&message);
}

enum tally_outcome
recipient_deliver(const struct conf *conf, const struct account *account, int sock,
    int message_fd, const struct services *services)
{
	static char room[RECIPIENT_FIELDS * (RECIPIENT_FIELD_MAX + 1)];
	struct account own = { 0 };
	struct recipient r = { 0 };
	struct outcome out = { 0 };
	struct fail why = { 0 };

	if (recipient_receive(sock, room, sizeof room, &r, &why) == 0) {
		log_context(r.env.id);
		if (recipient_is(conf, account, &r, &own, &why) == 0) {
			recipient_flow(conf, own.name ? &own : account, &r, message_fd, services,
			    &out, &why);
			message_fd = -1;
		} else {
			log_error("%s", why.text);
		}
	}
	fd_close(&message_fd);
	recipient_say(sock, &why, account->name);
	users_clear(&own);
	return tally_outcome(&out, &why);
}
