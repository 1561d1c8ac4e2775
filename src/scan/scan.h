/*
 * scan.h - one message through libclamav: the message itself, then every reading of its parts.
 *
 * Clean is said only when everything given was looked at: return code 0, no error message from
 * libclamav, a temporary directory that could be written before and after, no limit reached, time
 * left.  All else shows in the report's status, the worst wins (report_worse).
 */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include <stdbool.h>

#include "base/bytes.h"
#include "core/report.h"

struct cl_engine;
struct scan;

struct scan_settings {
	const char *temp_dir;   /* as the engine's */
	long max_file_size;     /* MB; what is larger libclamav calls clean without a look */
	long timeout;           /* seconds for all of the message */
};

/* Probes the temporary directory; failure is an ERROR in the report, and every scan_bytes then does
 * nothing.  Both engine and report outlive the scan.  message_size: bytes, for the probe. */
struct scan *scan_begin(struct cl_engine *engine, const struct scan_settings *s,
	size_t message_size, struct report *report);
/* One object. name: its file name, "" if none. Findings, names and types go into the report. */
void scan_bytes(struct scan *scan, struct bytes object, const char *name);
/* A part of the message that was given to scan_bytes as a whole.  It is not looked at again if
 * libclamav has taken the same bytes out by itself and found nothing, then or since; if plain and
 * without a name, also if they had a line break more: a signature that is the digest of a whole
 * file would have to be that of what libclamav sees. */
void scan_part(struct scan *scan, struct bytes part, const char *name, bool plain);
/* Something was not given to scan_bytes, for a limit of ours: the message is UNSCANNABLE, with a
 * finding of the class limit. */
void scan_left_out(struct scan *scan, const char *finding, const char *reason);
/* A part is encrypted, with what: UNSCANNABLE, with a finding of the class encrypted. */
void scan_encrypted(struct scan *scan, const char *what);
/* False when nothing more will be scanned (out of time, no temporary directory). */
bool scan_goes_on(const struct scan *scan);
void scan_end(struct scan **scan);

#endif
