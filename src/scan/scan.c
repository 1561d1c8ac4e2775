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
#include "scan/probe.h"
#include "scan/trail.h"
#include "scan/watch.h"

struct scan {
	struct cl_engine *engine;
	struct scan_settings settings;
	struct report *report;
	struct trail *trail;
	struct timespec deadline;
	bool stopped;
};

/* Everything on, and every alert that libclamav would otherwise keep to itself while it answers
 * "clean".  All matches: with one only, a macro or an encrypted member would hide the malware
 * behind it.  Not on: reassembly of message/partial, which keeps mail on disk between messages. */
static const struct cl_scan_options scan_options = {
	.general = CL_SCAN_GENERAL_HEURISTICS | CL_SCAN_GENERAL_ALLMATCHES,
	.parse = ~0u,
	.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE |
	    CL_SCAN_HEURISTIC_ENCRYPTED_DOC | CL_SCAN_HEURISTIC_MACROS,
};

static cl_error_t
scan_announced(int fd, const char *type, const char **ancestors, size_t parent_size,
    const char *name, size_t size, const char *content, uint32_t depth, uint32_t attributes,
    void *context)
{
	struct scan *scan = context;

	(void)fd;
	(void)ancestors;
	(void)parent_size;
	(void)size;
	(void)content;
	(void)attributes;
	if (type)
		report_add_once(scan->report, REPORT_SCAN_TYPE, bytes_of(type));
	trail_announce(scan->trail, depth, name);
	return CL_CLEAN;
}

static cl_error_t
scan_begun(int fd, const char *type, void *context)
{
	struct scan *scan = context;

	(void)fd;
	(void)type;
	trail_begin(scan->trail);
	return CL_CLEAN;
}

static cl_error_t
scan_ended(int fd, int result, const char *virus, void *context)
{
	struct scan *scan = context;

	(void)fd;
	(void)result;
	(void)virus;
	trail_end(scan->trail);
	return CL_CLEAN;
}

static cl_error_t
scan_listed(const char *container, unsigned long container_size, const char *name,
    unsigned long size, int encrypted, unsigned int position, void *context)
{
	struct scan *scan = context;

	(void)container;
	(void)container_size;
	(void)size;
	(void)encrypted;
	(void)position;
	trail_list(scan->trail, name);
	return CL_CLEAN;
}

static void
scan_found(int fd, const char *name, void *context)
{
	struct scan *scan = context;
	enum finding_class class = finding_class(name);
	struct buf line = BUF_INIT;

	(void)fd;
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
	clock_gettime(CLOCK_MONOTONIC, &scan->deadline);
	scan->deadline.tv_sec += s->timeout;
	cl_engine_set_clcb_file_inspection(engine, scan_announced);
	cl_engine_set_clcb_pre_scan(engine, scan_begun);
	cl_engine_set_clcb_post_scan(engine, scan_ended);
	cl_engine_set_clcb_meta(engine, scan_listed);
	cl_engine_set_clcb_virus_found(engine, scan_found);
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
scan_judge(struct scan *scan, int rc)
{
	const char *said = engine_error();

	if (watch_error()) {
		scan_doubt(scan, REPORT_ERROR, "cannot write its temporary files (temp_dir in "
		    "bivalve.conf)", strerror(watch_error()));
		scan->stopped = true;
	} else if (rc != CL_CLEAN && rc != CL_VIRUS) {
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
	struct cl_scan_options options = scan_options;
	unsigned long scanned = 0;
	const char *virus = NULL;
	cl_fmap_t *map;
	int rc;

	if (scan->stopped || object.len == 0 || scan_is_too_large(scan, object))
		return;
	engine_error_reset();
	watch_reset();
	trail_start(scan->trail, name);
	cl_engine_set_num(scan->engine, CL_ENGINE_MAX_SCANTIME, scan_time_left(scan));
	map = cl_fmap_open_memory(object.p, object.len);
	if (!map) {
		scan_doubt(scan, REPORT_ERROR, "no memory for a map", NULL);
		return;
	}
	rc = cl_scanmap_callback(map, *name ? name : NULL, &virus, &scanned, scan->engine, &options,
	    scan);
	cl_fmap_close(map);
	/* Should a finding come without its callback, it must still count. */
	if (rc == CL_VIRUS && virus)
		scan_found(-1, virus, scan);
	scan_judge(scan, rc);
}

void
scan_end(struct scan **scan)
{
	struct scan *s = *scan;

	if (!s)
		return;
	if (s->report->cut)
		scan_left_out(s, "Bivalve.MaxNames", "more names than can be kept");
	trail_free(&s->trail);
	free(s);
	*scan = NULL;
}
