#include "entry/scanner_judge.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define SCANNER_JUDGE_DATE_MAX 26  /* bytes of a From_ line behind its sender: as asctime(3) */

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

/* Is line the From_ line that belongs to the Return-Path in rest? All but its date is there. */
static bool
scanner_judge_belongs(struct bytes line, struct bytes rest)
{
	static const char field[] = "Return-Path: <";
	struct bytes from = bytes_from(line, strlen("From ")), address;
	const char *end;

	if (!bytes_starts(rest, field))
		return false;
	address = bytes_from(rest, strlen(field));
	end = memchr(address.p, '>', address.len);
	address = bytes_first(address, end ? (size_t)(end - address.p) : address.len);
	if (address.len == 0)
		address = bytes_of("MAILER-DAEMON");
	return address.len <= from.len && memcmp(from.p, address.p, address.len) == 0
	    && from.len - address.len <= SCANNER_JUDGE_DATE_MAX;
}

/* The message as libclamav takes it for mail. Behind a line of an mbox it would look for several,
 * and cut texts otherwise than readers do; what MTAs and we write next tells it as well. Any other
 * line may hold anything, and stays. */
static struct bytes
scanner_judge_whole(struct bytes message)
{
	const size_t prefix = strlen(SCANNER_JUDGE_PREFIX);
	struct bytes rest = message, line;

	if (!bytes_starts(message, "From "))
		return (struct bytes){ message.p - prefix, message.len + prefix };
	bytes_line(&rest, &line);
	return scanner_judge_belongs(line, rest) ? rest : message;
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
