#include "scan/scan.h"

#include <clamav.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "scan/engine.h"
#include "scan/finding.h"
#include "scan/layers.h"
#include "scan/library.h"
#include "scan/probe.h"
#include "scan/realname.h"
#include "scan/trail.h"
#include "scan/watch.h"

struct scan {
	struct cl_engine *engine;
	struct scan_settings settings;
	struct report *report;
	struct trail *trail;
	struct layers *layers;
	struct realname *realname;
	struct timespec deadline;
	bool stopped;
};

static void
scan_typed(void *context, const char *type)
{
	struct scan *scan = context;

	if (type)
		report_add_once(scan->report, REPORT_SCAN_TYPE, bytes_of(type));
}

static void
scan_announced(void *context, const struct library_layer *layer)
{
	struct scan *scan = context;
	unsigned char digest[DIGEST_SIZE];
	const char *shown;

	scan_typed(scan, layer->type);
	shown = trail_announce(scan->trail, layer->depth, layer->name);
	if (layer->depth > 0 && layers_add(scan->layers, layer->content, digest) && shown)
		realname_shown(scan->realname, digest, shown);
}

static void
scan_begun(void *context)
{
	struct scan *scan = context;

	trail_begin(scan->trail);
}

static void
scan_ended(void *context)
{
	struct scan *scan = context;

	trail_end(scan->trail);
}

static void
scan_listed(void *context, const char *name)
{
	struct scan *scan = context;

	trail_list(scan->trail, name);
}

static void
scan_found(void *context, const char *name)
{
	struct scan *scan = context;
	enum finding_class class = finding_class(name);
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s %s", finding_class_name(class), name);
	report_add_once(scan->report, REPORT_SCAN_FINDING, buf_view(&line));
	report_add_once(scan->report, REPORT_SCAN_CLASS, bytes_of(finding_class_name(class)));
	if (class == FINDING_MALWARE)
		report_add_once(scan->report, REPORT_SCAN_VIRUS, bytes_of(name));
	if (finding_is_timeout(name)) {
		scan->stopped = true;
		buf_cut(&line, 0);
		buf_printf(&line, "the scan took longer than %ld s (scan_timeout)",
		    scan->settings.timeout);
		report_worse(scan->report, REPORT_ERROR, line.p);
	} else {
		report_worse(scan->report, finding_status(class), line.p);
	}
	buf_clear(&line);
}

static const struct library_hooks scan_hooks = {
	.announced = scan_announced, .typed = scan_typed, .begun = scan_begun,
	.ended = scan_ended, .listed = scan_listed, .found = scan_found,
};

struct scan *
scan_begin(struct cl_engine *engine, const struct scan_settings *s, size_t message_size,
    struct report *report)
{
	struct scan *scan = mem_zero(sizeof *scan);
	struct fail why = { 0 };

	scan->engine = engine;
	scan->settings = *s;
	scan->report = report;
	scan->trail = trail_new(report);
	scan->layers = layers_new();
	scan->realname = realname_new();
	clock_gettime(CLOCK_MONOTONIC, &scan->deadline);
	scan->deadline.tv_sec += s->timeout;
	library_prepare(engine);
	report_worse(report, REPORT_CLEAN, "");
	if (probe_directory(s->temp_dir, message_size, &why) < 0) {
		report_worse(report, REPORT_ERROR, why.text);
		scan->stopped = true;
	}
	return scan;
}

bool
scan_goes_on(const struct scan *scan)
{
	return !scan->stopped;
}

/* Milliseconds left, at least 1: 0 would mean without limit. */
static long long
scan_time_left(const struct scan *scan)
{
	struct timespec now;
	long long ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (long long)(scan->deadline.tv_sec - now.tv_sec) * 1000 +
	    (scan->deadline.tv_nsec - now.tv_nsec) / 1000000;
	return ms > 0 ? ms : 1;
}

static void
scan_doubt(struct scan *scan, enum report_status status, const char *what, const char *detail)
{
	char text[sizeof scan->report->reason];

	snprintf(text, sizeof text, "libclamav: %s%s%s", what, detail && *detail ? ": " : "",
	    detail ? detail : "");
	report_worse(scan->report, status, text);
}

/* What a scan came to, apart from what it found.  A trouble that the machine is to blame for is an
 * error (the mail is tried again later); one that only this message meets is not, or it would come
 * back for ever. */
static void
scan_judge(struct scan *scan, cl_error_t rc)
{
	const char *said = engine_error();

	if (watch_error()) {
		scan_doubt(scan, REPORT_ERROR, "cannot write its temporary files (temp_dir in "
		    "bivalve.conf)", strerror(watch_error()));
		scan->stopped = true;
	} else if (rc != CL_CLEAN) {
		scan_doubt(scan, REPORT_ERROR, cl_strerror(rc), said);
	} else if (*said) {
		scan_doubt(scan, REPORT_UNSCANNABLE, said, NULL);
	}
}

static void
scan_tell(struct scan *scan, enum finding_class class, const char *finding, const char *reason)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s %s", finding_class_name(class), finding);
	report_worse(scan->report, finding_status(class), reason);
	report_add_once(scan->report, REPORT_SCAN_CLASS, bytes_of(finding_class_name(class)));
	report_add_once(scan->report, REPORT_SCAN_FINDING, buf_view(&line));
	buf_clear(&line);
}

void
scan_left_out(struct scan *scan, const char *finding, const char *reason)
{
	scan_tell(scan, FINDING_LIMIT, finding, reason);
}

void
scan_encrypted(struct scan *scan, const char *what)
{
	char finding[64];

	snprintf(finding, sizeof finding, "Bivalve.Encrypted.%s", what);
	scan_tell(scan, FINDING_ENCRYPTED, finding, "a part is encrypted");
}

static bool
scan_is_too_large(struct scan *scan, struct bytes object)
{
	char text[128];

	if (object.len <= (size_t)scan->settings.max_file_size << 20)
		return false;
	snprintf(text, sizeof text, "%zu bytes are more than max_file_size (%ld MB)", object.len,
	    scan->settings.max_file_size);
	scan_left_out(scan, "Bivalve.MaxFileSize", text);
	return true;
}

void
scan_bytes(struct scan *scan, struct bytes object, const char *name)
{
	if (scan->stopped || object.len == 0 || scan_is_too_large(scan, object))
		return;
	engine_error_reset();
	watch_reset();
	trail_start(scan->trail, name);
	cl_engine_set_num(scan->engine, CL_ENGINE_MAX_SCANTIME, scan_time_left(scan));
	scan_judge(scan, library_scan(scan->engine, object, *name ? name : NULL, &scan_hooks,
	    scan));
}

void
scan_part(struct scan *scan, struct bytes part, const char *name, bool plain)
{
	/* Whatever was found may have kept libclamav from the rest: no short cut then. */
	bool known = scan->report->status == REPORT_CLEAN && (layers_has(scan->layers, part) ||
	    (plain && !*name && layers_has_line(scan->layers, part)));

	realname_part(scan->realname, part, name);
	if (!known) {
		scan_bytes(scan, part, name);
		return;
	}
	trail_start(scan->trail, name);
	trail_announce(scan->trail, 0, NULL);
}

void
scan_end(struct scan **scan)
{
	struct scan *s = *scan;

	if (!s)
		return;
	if (s->report->cut)
		scan_left_out(s, "Bivalve.MaxNames", "more names than can be kept");
	realname_apply(s->realname, s->report);
	realname_free(&s->realname);
	trail_free(&s->trail);
	layers_free(&s->layers);
	free(s);
	*scan = NULL;
}
