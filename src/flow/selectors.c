/*
 * selectors.c - what "selector ??" looks at (recipe/select.h), line by line.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/words.h"
#include "flow/state.h"
#include "mail/address.h"
#include "mail/field.h"
#include "recipe/select.h"

/* Every field of that name, unfolded and decoded. */
static void
selectors_header(struct bytes head, const char *name, struct buf *out)
{
	struct bytes rest = head;
	struct field field;

	while (field_next(&rest, &field)) {
		if (!field_is(&field, name))
			continue;
		words_decode(field.value, out);
		buf_byte(out, '\n');
	}
}

static void
selectors_one(const char *line, struct buf *out)
{
	if (line && *line)
		buf_printf(out, "%s\n", line);
}

/* A filter made it another message: what was found in the old one says nothing. */
void
selectors_freshen(struct flow *f)
{
	if (f->judged_body == f->msg.body_serial && f->judged_head == f->msg.head_serial)
		return;
	inspect_reset(&f->inspect);
	f->judged_body = f->msg.body_serial;
	f->judged_head = f->msg.head_serial;
}

const struct report *
selectors_judge(struct flow *f)
{
	struct report *r = &f->inspect.report;
	bool first = !f->inspect.has_scan;

	if (f->d->released && first) {
		r->status = REPORT_CLEAN;
		f->inspect.has_scan = true;
	}
	inspect_scan(&f->inspect, &f->msg);
	fail_clear(&f->unscanned);
	if (r->status == REPORT_ERROR)
		fail_set(&f->unscanned, FAIL_SCAN, "%s", r->reason);
	if (first) {
		struct buf *virus = &r->lines[REPORT_SCAN_VIRUS];
		char *name = mem_copy(bytes_first(buf_view(virus), strcspn(virus->p, "\n")));

		interp_set(f->in, "VIRUS", name);
		free(name);
	}
	return r;
}

static int
selectors_scan(struct flow *f, int selector, struct buf *out, struct fail *why)
{
	const struct report *r;

	if (!f->inspect.has_scan)
		f->scan_decided = false; /* that was about another message, perhaps a clean one */
	r = selectors_judge(f);
	if (selector == SELECT_SCAN_STATUS) {
		selectors_one(report_status_name(r->status), out);
		return 0;
	}
	if (r->status == REPORT_ERROR && !f->scan_decided)
		return fail_set(why, FAIL_SCAN, "%s", r->reason);
	buf_bytes(out, buf_view(&r->lines[REPORT_SCAN_VIRUS + (selector == SELECT_SCAN_VIRUS ? 0
	    : selector - SELECT_SCAN_CLASS + 1)]));
	return 0;
}

int
selectors_lines(void *ctx, int selector, const char *arg, struct buf *out, struct fail *why)
{
	struct flow *f = ctx;
	const struct envelope *env = f->d->env;
	const struct selector_info *info = select_info(selector);

	if (info->needs_scan || info->needs_parts)
		selectors_freshen(f);
	if (info->needs_scan)
		return selectors_scan(f, selector, out, why);
	if (info->needs_parts && inspect_parts(&f->inspect, &f->msg, why) < 0)
		return -1;
	switch (selector) {
	case SELECT_HEADER:
		selectors_header(f->msg.head, arg, out);
		break;
	case SELECT_ADDRESS:
		address_fields(f->msg.head, arg, out);
		break;
	case SELECT_MIME_TYPE:
	case SELECT_MIME_NAME:
	case SELECT_MIME_TEXT:
	case SELECT_MIME_DEFECT:
		buf_bytes(out, buf_view(&f->inspect.report.lines[
		    REPORT_MIME_TYPE + selector - SELECT_MIME_TYPE]));
		break;
	case SELECT_ENVELOPE_FROM:
		selectors_one(env->sender, out);
		break;
	case SELECT_ENVELOPE_TO:
		selectors_one(env->rcpt, out);
		break;
	case SELECT_ENVELOPE_DETAIL:
		selectors_one(env->detail, out);
		break;
	case SELECT_ENVELOPE_CLIENT:
		selectors_one(env->client, out);
		break;
	default:
		return lookups_lines(f, selector, arg, out, why);
	}
	return 0;
}
