/*
 * report.h - what the scanner found in one message: verdict and lines for the selectors.
 *
 * Made by the scanner process, sent over a socket, read by the delivery.  The reader trusts no
 * length in it.
 */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "core/fail.h"

enum report_status { REPORT_NONE, REPORT_CLEAN, REPORT_INFECTED, REPORT_UNSCANNABLE, REPORT_ERROR };

/* One list of lines each; the names are the selectors' (see report_key_name). */
enum report_key {
	REPORT_MIME_TYPE, REPORT_MIME_NAME, REPORT_MIME_TEXT, REPORT_MIME_DEFECT,
	REPORT_SCAN_VIRUS, REPORT_SCAN_CLASS, REPORT_SCAN_FINDING, REPORT_SCAN_NAME,
	REPORT_SCAN_TYPE, REPORT_PART, REPORT_KEYS
};

/* All lines of one report together.  Each list has its share of it, so that names and text, which a
 * stranger can send as many as he likes, leave room for what was found. */
#define REPORT_BYTES_MAX (64u << 20)

/* What the answer to one question cost, as its scanner says. */
enum report_stage { REPORT_STAGE_PARSE, REPORT_STAGE_SCAN, REPORT_STAGES };

struct report {
	enum report_status status;      /* of the scan; REPORT_NONE when only parsed */
	char reason[512];               /* for UNSCANNABLE and ERROR: what went wrong, what to do */
	struct buf lines[REPORT_KEYS];  /* each line ended by LF */
	uint32_t parts;                 /* of the message, 0 for unknown */
	uint32_t us[REPORT_STAGES];
	bool cut;                       /* a line was left out for want of room; not sent */
};

/* What the scanner is asked for; an answer may be followed by any other question.
 *
 * PARTS and VERDICTS list the parts of the message in REPORT_PART, see below, the second with what
 * was found in each.  STRIP and FLATTEN are answered by a report and, if its status is not ERROR,
 * by a patch (patch.h) that makes the new message of the old one.  Behind the byte of STRIP stand
 * the bytes of its request: their number, then for each part to take out its number, the number of
 * the bytes of the note that takes its place, and these, UTF-8; all numbers 4 bytes in network
 * order. */
enum report_want {
	REPORT_WANT_MIME = 'M', REPORT_WANT_SCAN = 'S', REPORT_WANT_PARTS = 'P',
	REPORT_WANT_VERDICTS = 'V', REPORT_WANT_STRIP = 'T', REPORT_WANT_FLATTEN = 'F',
	REPORT_WANT_FLATTEN_CLEAN = 'G'  /* what other readings show goes, if it is infected */
};

/* Lines of REPORT_PART, each about the part of that number; 0 is the whole message:
 *	p NUMBER PARENT SIZE TYPE    there is such a part; parents come first, -1 has none
 *	n NUMBER NAME                a file name that some program may show for it
 *	v NUMBER NAME                malware in it, and in none of the parts in it
 *	s NUMBER KIND                a signature that a change of it breaks
 *	e NUMBER ENCODING            its Content-Transfer-Encoding, as written
 *	d NUMBER DEFECT              a defect of it alone (mime:defect) */
#define REPORT_STRIP_MAX (8u << 20)  /* bytes of a STRIP request */

void report_init(struct report *r);
void report_clear(struct report *r);
/* LF and NUL inside line become blanks. A line that does not fit into its list's share is left out:
 * cut is set then, and the status of a scan becomes UNSCANNABLE. */
void report_add(struct report *r, enum report_key key, struct bytes line);
/* Like report_add but adds the text with its own line breaks; a last LF is added if missing. Of
 * text that does not fit the beginning is kept. */
void report_add_text(struct report *r, enum report_key key, struct bytes text);
/* As report_add unless the same line is there already. */
void report_add_once(struct report *r, enum report_key key, struct bytes line);
/* The status that is worse wins: CLEAN < INFECTED < UNSCANNABLE < ERROR would let a limit hide a
 * virus, so: INFECTED beats all, then ERROR, UNSCANNABLE, CLEAN. reason NULL keeps the old one. */
void report_worse(struct report *r, enum report_status status, const char *reason);
const char *report_status_name(enum report_status s);   /* "clean" ... */
const char *report_key_name(enum report_key key);       /* "mime:type" ... */

/* Of a line of words: the next word, which blanks end one by one; line is moved behind it. */
struct bytes report_word(struct bytes *line);
/* The same as a number within [min, max]; false for anything else. */
bool report_number(struct bytes *line, long min, long max, long *n_r);

/* Wire form: 'B' status reason, 'N' parts and us (4 bytes each), 'L' key text..., 'E'; each record
 * a 5-byte head (type, length); numbers in network order.  Sending fails with -1 and errno,
 * receiving with a FAIL_SCAN fail and the status as it was: before the end there is no verdict.
 * Fills only the lists that the answer holds, so a second answer adds to the first; the numbers are
 * those of the last. */
int report_send(int fd, const struct report *r);
int report_receive(int fd, struct report *r, struct fail *why);

#endif
