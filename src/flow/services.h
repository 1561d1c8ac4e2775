/*
 * services.h - what a delivery with the recipient's rights asks of somebody with other rights.
 *
 * proc/ implements it: by a keeper process when we were started as root, directly when a user
 * delivers his own mail.
 */
#ifndef FLOW_SERVICES_H
#define FLOW_SERVICES_H

#include <stdbool.h>

#include "act/quarantine.h"
#include "core/fail.h"
#include "core/report.h"

struct services {
	void *ctx;
	/* Starts a scanner on the message in message_fd (borrowed): a stream socket that speaks
	 * core/report.h, yours to close, which ends the scanner. -1 with why (FAIL_SCAN). */
	int (*scanner)(void *ctx, int message_fd, struct fail *why);
	/* Keeps a message in the site's quarantine, durably. message_fd borrowed. */
	int (*quarantine)(void *ctx, const struct quarantine_entry *e, int message_fd,
	    char id_r[QUARANTINE_ID_SIZE], struct fail *why);
	/* Makes the recipient's empty system mailbox, where only root may do so. */
	int (*make_mailbox)(void *ctx, struct fail *why);
	/* Is the MTA that started us still there? Its death makes end of file look like the end of
	 * the message. -1 with why: do not commit. */
	int (*still_there)(void *ctx, struct fail *why);
	/* Before a clone is forked, so that it can ask, too. */
	void (*cloning)(void *ctx);
	/* Starts a process that speaks core/lookup.h: its socket, yours to close, which ends it.
	 * With own set it has the recipient's rights, as maps want, else scan_user's. -1 with
	 * why. */
	int (*lookup)(void *ctx, bool own, struct fail *why);
	bool for_others;  /* we were root: a recipient's wishes are not the site's */
	/* What somebody whom all recipients of a message trust has found in it, once for all of
	 * them; want is REPORT_WANT_MIME or _SCAN.
	 * 1: *fd_r reads one report (core/report.h), yours to close; 0: message_fd is another
	 * message, ask a scanner; -1 with why (FAIL_SCAN). NULL: there is nobody. */
	int (*shared)(void *ctx, int message_fd, enum report_want want, int *fd_r,
	    struct fail *why);
};

#endif
