#include "entry/scanner_parts.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/names.h"
#include "entry/scanner_judge.h"
#include "mime/check.h"
#include "mime/flatten.h"
#include "mime/mime.h"
#include "mime/split.h"
#include "mime/strip.h"

/* Multiparts and nested messages are looked at again, whole, when something is in the message and
 * in no part.  How many times the message may that be? Beyond, it is in the message. */
#define SCANNER_PARTS_AGAIN 16

/* So many infected parts are taken out as one: no more are looked for. */
#define SCANNER_PARTS_INFECTED 200

/* One kind of line that the whole message has, and the part that it comes from. */
struct scanner_parts {
	struct split *split;
	struct cl_engine *engine;
	const struct scan_settings *settings;
	enum report_key key;        /* the lines: of the whole message, and of each part */
	char letter;                /* of REPORT_PART */
	struct names *placed;       /* that were found in some part */
	struct buf missing;         /* lines of the whole message found in no part yet */
	struct report *report;
	size_t again;               /* bytes that may still be looked at */
	int64_t late;               /* clock_ms from which on nothing more is looked at */
	int told;
};

static bool
scanner_parts_goes_on(const struct scanner_parts *p)
{
	return p->report->status != REPORT_ERROR && clock_ms() < p->late;
}

/* What is there to see in the bytes of one part, taken as a message. */
static void
scanner_parts_look(struct scanner_parts *p, int entity, struct report *found)
{
	const struct split_entity *e = &p->split->entities[entity];
	struct bytes part = bytes_first(bytes_from(p->split->text, e->begin), e->end - e->begin);
	struct mime *mime;

	report_init(found);
	if (p->key == REPORT_SCAN_VIRUS) {
		scanner_judge_part(p->engine, p->settings, part, found);
		if (found->status == REPORT_ERROR)
			report_worse(p->report, REPORT_ERROR, found->reason);
	} else {
		mime = mime_open(part);
		mime_report(mime, found);
		mime_close(&mime);
	}
	if (found->cut)
		report_worse(p->report, REPORT_ERROR, "the message has more parts or names than "
		    "can be listed");
}

static void
scanner_parts_tell(struct scanner_parts *p, int entity, struct bytes line)
{
	struct buf b = BUF_INIT;

	p->told++;
	buf_printf(&b, "%c %d ", p->letter, entity);
	buf_bytes(&b, line);
	report_add(p->report, REPORT_PART, buf_view(&b));
	names_add(p->placed, line);
	if (names_full(p->placed))
		p->report->cut = true;
	buf_clear(&b);
}

static void
scanner_parts_leaves(struct scanner_parts *p)
{
	struct bytes rest, line;
	struct report found;

	for (int i = 0; i < p->split->count && scanner_parts_goes_on(p); i++) {
		if (p->split->entities[i].kind != SPLIT_LEAF)
			continue;
		if (p->key == REPORT_SCAN_VIRUS && p->told > SCANNER_PARTS_INFECTED)
			break;
		scanner_parts_look(p, i, &found);
		rest = buf_view(&found.lines[p->key]);
		while (bytes_line(&rest, &line))
			scanner_parts_tell(p, i, line);
		report_clear(&found);
	}
}

/* Takes the lines that this entity has out of the missing ones. */
static void
scanner_parts_claim(struct scanner_parts *p, int entity, struct bytes lines)
{
	struct buf left = BUF_INIT;
	struct bytes rest = buf_view(&p->missing), want, have, all;

	while (bytes_line(&rest, &want)) {
		bool found = false;

		for (all = lines; !found && bytes_line(&all, &have);)
			found = have.len == want.len && memcmp(have.p, want.p, have.len) == 0;
		if (found) {
			scanner_parts_tell(p, entity, want);
		} else {
			buf_bytes(&left, want);
			buf_byte(&left, '\n');
		}
	}
	buf_clear(&p->missing);
	p->missing = left;
}

/* Lines that only the whole message has: the smallest multipart or message with them, or that. */
static void
scanner_parts_tie(struct scanner_parts *p, struct bytes lines)
{
	struct bytes rest = lines, line;
	struct report found;

	while (bytes_line(&rest, &line))
		if (names_add(p->placed, line)) {
			buf_bytes(&p->missing, line);
			buf_byte(&p->missing, '\n');
		}
	for (int i = p->split->count; --i > 0 && p->missing.len > 0;) {
		const struct split_entity *e = &p->split->entities[i];

		if (e->kind == SPLIT_LEAF || e->end - e->begin > p->again ||
		    !scanner_parts_goes_on(p))
			continue;
		p->again -= e->end - e->begin;
		scanner_parts_look(p, i, &found);
		scanner_parts_claim(p, i, buf_view(&found.lines[p->key]));
		report_clear(&found);
	}
	scanner_parts_claim(p, 0, buf_view(&p->missing));
}

/* whole: the lines of the whole message, NULL if they are to be looked for. */
static void
scanner_parts_place(struct scanner_parts *p, enum report_key key, char letter, const char *whole)
{
	struct report found;

	p->key = key;
	p->letter = letter;
	p->placed = names_new();
	p->told = 0;
	p->again = p->split->text.len * SCANNER_PARTS_AGAIN;
	p->late = clock_ms() + p->settings->timeout * 1000 / 2;
	if (p->split->entities[0].kind != SPLIT_LEAF)
		scanner_parts_leaves(p);
	if (whole) {
		scanner_parts_tie(p, bytes_of(whole));
	} else {
		scanner_parts_look(p, 0, &found);
		scanner_parts_tie(p, buf_view(&found.lines[key]));
		report_clear(&found);
	}
	if (clock_ms() >= p->late)
		report_worse(p->report, REPORT_ERROR, "looking into each part takes too long");
	names_free(&p->placed);
	buf_clear(&p->missing);
}

void
scanner_parts_list(struct bytes message, struct cl_engine *engine,
    const struct scan_settings *settings, const char *viruses, struct report *report)
{
	struct scanner_parts p = { .split = split_new(message, &split_main), .engine = engine,
		.settings = settings, .missing = BUF_INIT, .report = report };

	strip_list(p.split, report);
	check_list(p.split, report);
	if (p.split->too_many || p.split->too_deep)
		report->cut = true;
	scanner_parts_place(&p, REPORT_MIME_NAME, 'n', NULL);
	if (engine)
		scanner_parts_place(&p, REPORT_SCAN_VIRUS, 'v', viruses);
	if (report->cut)
		report_worse(report, REPORT_ERROR, "the message has more parts or names than can "
		    "be listed");
	split_free(&p.split);
}

/* The first number of the request, taken off it. */
static bool
scanner_parts_number(struct bytes *request, uint32_t *n)
{
	if (request->len < sizeof *n)
		return false;
	memcpy(n, request->p, sizeof *n);
	*n = ntohl(*n);
	*request = bytes_from(*request, sizeof *n);
	return true;
}

/* Parts and notes of a request; -1 when it makes no sense. */
static int
scanner_parts_notes(struct bytes request, const struct split *s, struct strip_note **notes_r)
{
	struct strip_note *notes = NULL;
	uint32_t number, len;
	int n = 0;

	while (request.len > 0) {
		if (!scanner_parts_number(&request, &number) || number >= (uint32_t)s->count ||
		    !scanner_parts_number(&request, &len) || len > request.len ||
		    (n > 0 && notes[n - 1].entity >= (int)number)) {
			free(notes);
			return -1;
		}
		notes = mem_resize(notes, (size_t)(n + 1) * sizeof *notes);
		notes[n++] = (struct strip_note){ (int)number, bytes_first(request, len) };
		request = bytes_from(request, len);
	}
	*notes_r = notes;
	return n;
}

int
scanner_parts_strip(struct bytes message, int sock, struct report *report, struct patch *patch)
{
	struct strip_note *notes = NULL;
	struct buf request = BUF_INIT;
	struct split *split;
	uint32_t len;
	int n = -1;

	if (fd_read_full(sock, &len, sizeof len) != (ssize_t)sizeof len)
		return -1;
	len = ntohl(len);
	if (len > REPORT_STRIP_MAX)
		return -1;
	if (fd_read_full(sock, buf_room(&request, len), len) != (ssize_t)len)
		goto out;
	buf_grew(&request, len);
	split = split_new(message, &split_main);
	n = scanner_parts_notes(buf_view(&request), split, &notes);
	if (n >= 0)
		strip_patch(split, notes, n, patch);
	else
		report_worse(report, REPORT_ERROR, "the request to strip makes no sense");
	n = 0;
	free(notes);
	split_free(&split);
out:
	buf_clear(&request);
	return n;
}

struct scanner_parts_flattening {
	struct flatten *flatten;
	struct cl_engine *engine;
	const struct scan_settings *settings;
	struct report *report;
	int dropped;
};

static bool
scanner_parts_is_infected(struct scanner_parts_flattening *p, struct bytes object)
{
	struct report found;
	struct scan *scan;
	bool infected;

	if (!p->engine)
		return false;
	report_init(&found);
	scan = scan_begin(p->engine, p->settings, object.len, &found);
	scan_bytes(scan, object, "");
	scan_end(&scan);
	infected = found.status == REPORT_INFECTED;
	if (found.status == REPORT_ERROR)
		report_worse(p->report, REPORT_ERROR, found.reason);
	report_clear(&found);
	return infected;
}

static bool
scanner_parts_reading(void *context, struct bytes object, const char *name)
{
	struct scanner_parts_flattening *p = context;

	if (flatten_lacks(p->flatten, object)) {
		if (scanner_parts_is_infected(p, object))
			p->dropped++;
		else
			flatten_add(p->flatten, object, name);
	}
	return p->report->status != REPORT_ERROR;
}

/* The new message, read back: is it what all agree on? */
static void
scanner_parts_check(struct bytes message, const struct patch *patch, struct report *report)
{
	struct buf made = BUF_INIT;

	patch_apply(patch, message, &made);
	if (!flatten_is_flat(buf_view(&made)))
		report_worse(report, REPORT_ERROR, "the message cannot be made unambiguous");
	buf_clear(&made);
}

void
scanner_parts_flatten(struct bytes message, struct mime *mime, struct cl_engine *engine,
    const struct scan_settings *settings, struct report *report, struct patch *patch)
{
	struct scanner_parts_flattening p = { .flatten = flatten_new(message), .engine = engine,
		.settings = settings, .report = report };
	bool complete = mime_readings(mime, scanner_parts_reading, &p), over;
	int added = flatten_added(p.flatten, &over);

	if ((over || !complete) && !engine)
		flatten_add_original(p.flatten);
	flatten_patch(p.flatten, patch);
	flatten_free(&p.flatten);
	scanner_parts_check(message, patch, report);
	if (report->status != REPORT_ERROR)
		snprintf(report->reason, sizeof report->reason, "%d readings added, %d infected "
		    "ones left out%s", added, p.dropped, over || !complete ? ", and more" : "");
}
