/*
 * scanner_parts.h - which part of a message holds what, and the message without some of them.
 */
#ifndef ENTRY_SCANNER_PARTS_H
#define ENTRY_SCANNER_PARTS_H

#include "base/bytes.h"
#include "core/patch.h"
#include "core/report.h"
#include "mime/mime.h"
#include "scan/scan.h"

/* Fills REPORT_PART, with verdicts unless engine is NULL.  viruses: lines of what is in the message
 * if it was scanned before, else NULL.  Status ERROR: it is not complete. */
void scanner_parts_list(struct bytes message, struct cl_engine *engine,
	const struct scan_settings *settings, const char *viruses, struct report *report);
/* The request of REPORT_WANT_STRIP, read from sock. A request that makes no sense is an ERROR in
 * the report; -1: sock has ended. */
int scanner_parts_strip(struct bytes message, int sock, struct report *report,
	struct patch *patch);

/* The message written anew, each reading of it once. engine: what is infected of further readings
 * is left out; NULL: nothing is. The report's reason says what was added. */
void scanner_parts_flatten(struct bytes message, struct mime *mime, struct cl_engine *engine,
	const struct scan_settings *settings, struct report *report, struct patch *patch);

#endif
