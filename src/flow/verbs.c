/*
 * verbs.c - actions that begin with @ (recipe/verb.h).
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "flow/state.h"
#include "mail/edit.h"
#include "recipe/verb.h"

#define VERBS_REASON_MAX 480   /* bytes of a reason in the log */

/* Fields that say what the body is made of: with others, it is another message. */
static bool
verbs_is_structural(struct bytes name)
{
	return bytes_starts_nocase(name, "Content-") || bytes_starts_nocase(name, "MIME-");
}

/* Header verbs leave every other byte alone, so what the scanner said of the message still holds:
 * the serials that selectors.c looks at move along. Where a Content-Length came or went, or says
 * another number, it no longer tells a mailbox which From_ lines need no quoting. */
static void
verbs_new_head(struct flow *f, struct bytes name, struct message *m, struct buf *head)
{
	bool judged = f->judged_head == m->head_serial && !verbs_is_structural(name);

	message_set_head(m, store_from_buf(head));
	flow_settle(f);
	if (judged)
		f->judged_head = m->head_serial;
}

static int
verbs_edit(struct flow *f, int verb, struct bytes text, struct message *m, struct fail *why)
{
	struct buf head = BUF_INIT;
	struct bytes name = bytes_trim(text), value;
	int rc = 0;

	if (verb_info(verb)->field && verb != VERB_REMOVE)
		rc = edit_split(text, &name, &value, why);
	if (rc == 0 && verb == VERB_TAG)
		rc = edit_set(m->head, name, value, &head, why);
	else if (rc == 0 && verb == VERB_ADD)
		rc = edit_add(m->head, name, value, &head, why);
	else if (rc == 0 && verb == VERB_REMOVE)
		rc = edit_remove(m->head, text, &head, why);
	else if (rc == 0)
		rc = edit_subject(m->head, text, &head, why);
	if (rc == 0)
		verbs_new_head(f, name, m, &head);
	buf_clear(&head);
	return rc;
}

static int
verbs_quarantine(struct flow *f, const char *text, struct message *m, struct outcome *out,
    struct fail *why)
{
	const struct envelope *env = f->d->env;
	char id[QUARANTINE_ID_SIZE] = "", rule[512];
	const char *virus = interp_get(f->in, "VIRUS");
	struct quarantine_entry e = { env->id, env->sender, env->rcpt, env->detail,
		env->client, report_status_name(f->inspect.report.status), virus ? virus : "",
		text, rule };
	const int64_t begun = clock_us();
	int fd, rc;

	snprintf(rule, sizeof rule, "%s:%d", out->file ? out->file : "", out->line);
	if (f->d->services->still_there(f->d->services->ctx, why) < 0)
		return -1;
	fd = spool_fd(m, &f->spool, why);
	if (fd < 0)
		return -1;
	rc = f->d->services->quarantine(f->d->services->ctx, &e, fd, id, why);
	fd_close(&fd);
	f->deliver_us += clock_us() - begun;
	if (rc < 0)
		return -1;
	snprintf(f->quarantine_id, sizeof f->quarantine_id, "%s", id);
	out->code = OUTCOME_QUARANTINED;
	buf_cut(&f->folder, 0);
	buf_printf(&f->folder, "quarantine %s", id);
	f->size = message_size(m);
	return 0;
}

/* Ends processing with a word to the MTA. */
static int
verbs_refuse(struct outcome *out, enum fail_kind kind, const char *text, const char *standard)
{
	out->code = OUTCOME_FAILED;
	fail_set(&out->why, kind, "%s", text && *text ? text : standard);
	return 0;
}

/* Going on would bring the user what was to be kept from him. */
static int
verbs_must(struct outcome *out, int rc, const struct fail *why)
{
	if (rc == 0)
		return 0;
	out->code = OUTCOME_FAILED;
	out->why = *why;
	return 0;
}

static void
verbs_say_dropped(const struct outcome *out, const char *text)
{
	struct buf reason = BUF_INIT;

	log_value(&reason, text, "=", VERBS_REASON_MAX);
	log_notice("dropped by %s:%d%s%s", out->file, out->line, reason.len ? ": " : "", reason.p);
	buf_clear(&reason);
}

int
verbs_do(void *ctx, int verb, const char *text, struct message *m, struct outcome *out,
    struct fail *why)
{
	struct flow *f = ctx;

	switch (verb) {
	case VERB_DROP:
		out->code = OUTCOME_DROPPED;
		verbs_say_dropped(out, text);
		return 0;
	case VERB_QUARANTINE:
		if (f->d->released) {
			log_notice("released: %s:%d would keep it, and is passed over", out->file,
			    out->line);
			return 0;
		}
		return verbs_must(out, verbs_quarantine(f, text, m, out, why), why);
	case VERB_STRIP:
		if (f->d->released && !*text)
			return 0;
		return verbs_must(out, rewrite_strip(f, text, m, why), why);
	case VERB_FLATTEN:
		return verbs_must(out, rewrite_flatten(f, m, why), why);
	case VERB_REJECT:
		/* Permanent: the recipe's author decided so. */
		return verbs_refuse(out, FAIL_REJECT, text, "message refused by policy");
	case VERB_DEFER:
		return verbs_refuse(out, FAIL_POLICY, text, "deferred by policy");
	case VERB_BLOCKLIST:
		return lookups_block(f, text, why);
	default:
		return verbs_edit(f, verb, bytes_of(text), m, why);
	}
}
