#include "flow/inspect.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "core/patch.h"

#define INSPECT_GRACE 15  /* seconds to say that its time was up: more than "grace" */
#define INSPECT_TRIES 2

static const struct bytes inspect_nothing = { "", 0 };

void
inspect_init(struct inspect *i, const struct services *s, const struct spool_options *spool,
    long timeout, long wait)
{
	memset(i, 0, sizeof *i);
	i->services = s;
	i->spool = spool;
	i->timeout = timeout;
	i->wait = wait;
	i->sock = -1;
	report_init(&i->report);
}

void
inspect_reset(struct inspect *i)
{
	fd_close(&i->sock);
	i->has_parts = i->has_scan = false;
	report_clear(&i->report);
}

void
inspect_leave(struct inspect *i)
{
	fd_close(&i->sock);
}

static int
inspect_open(struct inspect *i, const struct message *m, struct fail *why)
{
	struct timeval limit = { .tv_sec = i->timeout + INSPECT_GRACE };
	const int64_t begun = clock_ms();
	int fd;

	if (i->sock >= 0)
		return 0;
	fd = spool_fd(m, i->spool, why);
	if (fd < 0)
		return -1;
	i->sock = i->services->scanner(i->services->ctx, fd, why);
	fd_close(&fd);
	i->waited = i->sock < 0 && clock_ms() - begun >= i->wait * 1000;
	if (i->sock < 0)
		return -1;
	i->shown_head = m->head_serial;
	i->shown_body = m->body_serial;
	if (setsockopt(i->sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0)
		return fail_errno(why, "time limit for the scanner");
	return 0;
}

/* As struct services has it: 1 when the report is there, 0 when nobody has one of this message. */
static int
inspect_shared(struct inspect *i, const struct message *m, enum report_want want, struct fail *why)
{
	int fd, report = -1, rc;

	/* A list or a new message is made for the one recipient whose recipe wants it. */
	if (!i->services->shared || (want != REPORT_WANT_MIME && want != REPORT_WANT_SCAN))
		return 0;
	fd = spool_fd(m, i->spool, why);
	if (fd < 0)
		return -1;
	rc = i->services->shared(i->services->ctx, fd, want, &report, why);
	fd_close(&fd);
	if (rc > 0 && report_receive(report, &i->report, why) < 0)
		rc = -1;
	fd_close(&report);
	return rc;
}

/* What the scanner says of its time is believed as far as it was away. */
static void
inspect_time(struct inspect *i, const struct report *r, int64_t took)
{
	int64_t left = took;

	i->asked_us += took;
	if (r->parts)
		i->parts = r->parts;
	for (int stage = 0; stage < REPORT_STAGES; stage++) {
		int64_t us = r->us[stage] < left ? r->us[stage] : left;

		i->us[stage] += us;
		left -= us;
	}
}

/* One question to a scanner that may already know the message. */
static int
inspect_question(struct inspect *i, const struct message *m, enum report_want want,
    struct bytes request, struct report *report, struct fail *why)
{
	char question = (char)want;
	int rc = inspect_shared(i, m, want, why);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = inspect_open(i, m, why);
	if (rc == 0 && fd_send(i->sock, &question, 1, -1) < 0)
		rc = fail_set(why, FAIL_SCAN, "the scanner cannot be asked: %s", strerror(errno));
	if (rc == 0 && request.len > 0 && fd_send(i->sock, request.p, request.len, -1) < 0)
		rc = fail_set(why, FAIL_SCAN, "the scanner cannot be asked: %s", strerror(errno));
	if (rc == 0)
		rc = report_receive(i->sock, report, why);
	if (rc < 0)
		fd_close(&i->sock);
	return rc;
}

static int
inspect_ask(struct inspect *i, const struct message *m, enum report_want want,
    struct bytes request, struct report *report, struct fail *why)
{
	const int64_t begun = clock_us();
	int rc;

	memset(report->us, 0, sizeof report->us);
	rc = inspect_question(i, m, want, request, report, why);
	inspect_time(i, report, clock_us() - begun);
	return rc;
}

/* n tries have failed. Who has waited for a scanner as long as a message may does not again. */
static bool
inspect_may_try(const struct inspect *i, int n)
{
	return n == 0 || (n < INSPECT_TRIES && !i->waited);
}

int
inspect_parts(struct inspect *i, const struct message *m, struct fail *why)
{
	const enum report_status judged = i->has_scan ? i->report.status : REPORT_NONE;
	char reason[sizeof i->report.reason];
	int rc = i->has_parts ? 0 : -1;

	memcpy(reason, i->report.reason, sizeof reason);
	for (int n = 0; rc < 0 && inspect_may_try(i, n); n++) {
		fail_clear(why);
		i->report.status = REPORT_NONE;
		rc = inspect_ask(i, m, REPORT_WANT_MIME, inspect_nothing, &i->report, why);
		/* No answer at all, or nothing would match and nobody would know. */
		if (rc == 0 && i->report.status == REPORT_ERROR)
			rc = fail_set(why, FAIL_SCAN, "%s", i->report.reason);
		i->report.status = judged; /* the verdict is no matter of this answer */
		memcpy(i->report.reason, reason, sizeof reason);
	}
	if (rc < 0)
		why->kind = FAIL_SCAN;
	i->has_parts = rc == 0;
	return rc;
}

static bool
inspect_scan_once(struct inspect *i, const struct message *m)
{
	struct fail why = { 0 };

	i->report.status = REPORT_NONE;
	for (int key = REPORT_SCAN_VIRUS; key < REPORT_KEYS; key++)
		buf_cut(&i->report.lines[key], 0); /* an attempt that failed says nothing */
	if (inspect_ask(i, m, REPORT_WANT_SCAN, inspect_nothing, &i->report, &why) < 0)
		report_worse(&i->report, REPORT_ERROR, why.text);
	if (i->report.status == REPORT_NONE)
		report_worse(&i->report, REPORT_ERROR, "the scanner gave no verdict");
	return i->report.status != REPORT_ERROR;
}

void
inspect_scan(struct inspect *i, const struct message *m)
{
	for (int n = 0; !i->has_scan && inspect_may_try(i, n); n++) {
		if (inspect_scan_once(i, m))
			i->has_scan = true;
		else
			fd_close(&i->sock); /* a new one: perhaps it was the process */
	}
	if (!i->has_scan)
		log_error("not scanned: %s", i->report.reason);
	i->has_scan = true;
}

/* A header that was edited is another one, even if all that was found still holds. */
static void
inspect_show(struct inspect *i, const struct message *m)
{
	if (i->shown_head != m->head_serial || i->shown_body != m->body_serial)
		fd_close(&i->sock);
}

int
inspect_list(struct inspect *i, const struct message *m, enum report_want want,
    struct report *parts, struct fail *why)
{
	int rc = -1;

	inspect_show(i, m);
	for (int n = 0; rc < 0 && inspect_may_try(i, n); n++) {
		fail_clear(why);
		report_clear(parts);
		rc = inspect_ask(i, m, want, inspect_nothing, parts, why);
	}
	if (rc == 0 && parts->status == REPORT_ERROR)
		rc = fail_set(why, FAIL_SCAN, "%s", parts->reason);
	if (rc < 0)
		why->kind = FAIL_SCAN;
	return rc;
}

static struct store *
inspect_take(struct inspect *i, const struct message *m, size_t max, struct fail *why)
{
	const struct bytes original[2] = { m->head, m->body };
	struct spool_writer w;

	if (spool_open(&w, i->spool, why) < 0)
		return NULL;
	if (patch_receive(i->sock, original, max, w.fd, why) == 0)
		return spool_finish(&w, why);
	spool_abandon(&w);
	fd_close(&i->sock); /* what is still to come would be taken for the next answer */
	return NULL;
}

struct store *
inspect_rewrite(struct inspect *i, const struct message *m, enum report_want want,
    struct bytes request, size_t max, struct fail *why)
{
	struct store *made = NULL;
	struct report answer;

	inspect_show(i, m);
	report_init(&answer);
	if (inspect_ask(i, m, want, request, &answer, why) == 0) {
		if (answer.status == REPORT_ERROR)
			fail_set(why, FAIL_SCAN, "%s", answer.reason);
		else
			made = inspect_take(i, m, max, why);
		if (made && answer.reason[0])
			log_notice("new message: %s", answer.reason);
	}
	report_clear(&answer);
	return made;
}
