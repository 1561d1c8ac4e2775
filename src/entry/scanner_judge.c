#include "entry/scanner_judge.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"

/* Bytes of a From_ line: an address as long as SMTP lets it be (RFC 5321), and a date. */
#define SCANNER_JUDGE_FROM_MAX 320

struct scanner_judge {
	struct scan *scan;
	bool plain;          /* all agree on what the parts of this message are */
};

static bool
scanner_judge_reading(void *context, struct bytes object, const char *name)
{
	struct scanner_judge *j = context;

	scan_part(j->scan, object, name, j->plain);
	return scan_goes_on(j->scan);
}

/* The message as libclamav takes it for mail. Behind a line of an mbox it would look for several,
 * and cut texts otherwise than readers do; what MTAs and we write next tells it as well. A line
 * longer than they write it may hold anything, and stays. */
static struct bytes
scanner_judge_whole(struct bytes message)
{
	const size_t prefix = strlen(SCANNER_JUDGE_PREFIX);
	struct bytes rest = message, line;

	if (!bytes_starts(message, "From "))
		return (struct bytes){ message.p - prefix, message.len + prefix };
	bytes_line(&rest, &line);
	return line.len <= SCANNER_JUDGE_FROM_MAX && bytes_starts(rest, "Return-Path: <") ? rest
	    : message;
}

void
scanner_judge(struct cl_engine *engine, const struct scan_settings *settings,
    struct bytes message, struct mime *mime, struct report *report)
{
	struct bytes whole = scanner_judge_whole(message);
	struct scanner_judge judge = { .plain = !mime_is_ambiguous(mime) };
	struct scan *scan;

	scan = scan_begin(engine, settings, message.len, report);
	if (message.len > (size_t)settings->max_file_size << 20)
		whole = message; /* let scan_bytes speak of the size that others see */
	judge.scan = scan;
	scan_bytes(scan, whole, "");
	if (scan_goes_on(scan) && !mime_readings(mime, scanner_judge_reading, &judge))
		scan_left_out(scan, "Bivalve.MaxParts",
		    "more parts, or parts nested deeper, than are looked at");
	if (mime_encrypted(mime))
		scan_encrypted(scan, mime_encrypted(mime));
	scan_end(&scan);
}

void
scanner_judge_part(struct cl_engine *engine, const struct scan_settings *settings,
    struct bytes part, struct report *report)
{
	struct buf copy = BUF_INIT;
	struct bytes message;
	struct mime *mime;

	buf_str(&copy, SCANNER_JUDGE_PREFIX);
	buf_bytes(&copy, part);
	message = bytes_from(buf_view(&copy), strlen(SCANNER_JUDGE_PREFIX));
	mime = mime_open(message);
	scanner_judge(engine, settings, message, mime, report);
	mime_close(&mime);
	buf_clear(&copy);
}
