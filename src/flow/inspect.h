/*
 * inspect.h - asks the scanner process, at most once for each question, and keeps its answer.
 */
#ifndef FLOW_INSPECT_H
#define FLOW_INSPECT_H

#include "core/message.h"
#include "core/report.h"
#include "flow/services.h"
#include "mail/spool.h"

struct inspect {
	const struct services *services;
	const struct spool_options *spool;
	long timeout;          /* seconds an answer may take */
	long wait;             /* seconds that no scanner may come */
	bool waited;           /* none came the last time */
	int sock;              /* to the scanner, -1 for none */
	unsigned shown_head, shown_body;  /* serials of the message that it has */
	bool has_parts, has_scan;
	unsigned parts;        /* of the message asked for last, 0 for unknown */
	int64_t asked_us;      /* between questions and answers, all together; of it: */
	int64_t us[REPORT_STAGES];
	struct report report;
};

void inspect_init(struct inspect *i, const struct services *s, const struct spool_options *spool,
    long timeout, long wait);
/* The parts (mime:): 0, or -1 with why (FAIL_SCAN). */
int inspect_parts(struct inspect *i, const struct message *m, struct fail *why);
/* The verdict (scan:). Always comes to an end: a scanner that failed twice gives the status
 * REPORT_ERROR with its reason, and the log has it. */
void inspect_scan(struct inspect *i, const struct message *m);
/* The list of parts, REPORT_PART in *parts (initialised): want is REPORT_WANT_PARTS or _VERDICTS.
 * -1 with why (FAIL_SCAN), also when the list is not complete. */
int inspect_list(struct inspect *i, const struct message *m, enum report_want want,
    struct report *parts, struct fail *why);
/* A new message made of m by the scanner. request: what stands behind the byte want; max: bytes
 * that the new message may have. NULL with why (FAIL_SCAN). */
struct store *inspect_rewrite(struct inspect *i, const struct message *m, enum report_want want,
    struct bytes request, size_t max, struct fail *why);
/* Forgets all answers: the message has changed. */
void inspect_reset(struct inspect *i);
/* In a clone: the scanner is the parent's, what it said of the message still holds. */
void inspect_leave(struct inspect *i);

#endif
