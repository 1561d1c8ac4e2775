/*
 * ctl_scan.c - bivalvectl scan: files through the scanner, a line or an object for each.
 */
#include <stdlib.h>
#include <sysexits.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "tools/ctl.h"
#include "tools/ctlscan.h"
#include "tools/ctlterm.h"

static const struct ctl_option scan_options[] = {
	{ 0, "json", NULL, "print a JSON object for each file" },
	{ 0, "db", "DIR", "signatures (else those of the configuration)" },
	{ 0, "config", "FILE", "configuration" },
	{ 0, NULL, NULL, NULL },
};

extern const struct ctl_command ctl_scan_files;

static void
scan_list(struct json *j, const char *key, const struct report *r, enum report_key list)
{
	struct bytes rest = buf_view(&r->lines[list]), line;

	json_array(j, key);
	while (bytes_line(&rest, &line))
		json_bytes(j, NULL, line);
	json_end(j);
}

/* Line ends stand between members only: in strings they are escaped. */
static void
scan_one_line(struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < out->len; i++) {
		if (out->p[i] != '\n') {
			out->p[n++] = out->p[i];
			continue;
		}
		while (i + 1 < out->len && out->p[i + 1] == ' ')
			i++;
	}
	buf_cut(out, n);
	buf_byte(out, '\n');
}

static void
scan_json(const char *path, const struct report *r, struct buf *out)
{
	struct json j;

	json_init(&j, out);
	json_object(&j, NULL);
	json_str(&j, "file", path);
	json_str(&j, "status", report_status_name(r->status));
	if (r->status == REPORT_ERROR || r->status == REPORT_UNSCANNABLE)
		json_str(&j, "reason", r->reason);
	scan_list(&j, "class", r, REPORT_SCAN_CLASS);
	scan_list(&j, "virus", r, REPORT_SCAN_VIRUS);
	scan_list(&j, "defect", r, REPORT_MIME_DEFECT);
	json_end(&j);
	scan_one_line(out);
}

static void
scan_words(const char *label, const struct report *r, enum report_key list, struct buf *out)
{
	struct bytes rest = buf_view(&r->lines[list]), line;
	const char *before = label;

	while (bytes_line(&rest, &line)) {
		buf_str(out, before);
		ctlterm_text(out, line);
		before = " ";
	}
}

static void
scan_text(const char *path, const struct report *r, struct buf *out)
{
	ctlterm_text(out, bytes_of(path));
	buf_printf(out, ": %s", report_status_name(r->status));
	scan_words(" class ", r, REPORT_SCAN_CLASS, out);
	scan_words(" virus ", r, REPORT_SCAN_VIRUS, out);
	scan_words(" defect ", r, REPORT_MIME_DEFECT, out);
	if (r->status == REPORT_ERROR) {
		buf_str(out, " (");
		ctlterm_text(out, bytes_of(r->reason));
		buf_byte(out, ')');
	}
	buf_byte(out, '\n');
}

/* Malware beats all, then what is not known, then what cannot be known. */
static int
scan_exit(enum report_status worst)
{
	return worst == REPORT_INFECTED ? CTL_NO : worst == REPORT_ERROR ? EX_TEMPFAIL
	    : worst == REPORT_UNSCANNABLE ? CTL_WORSE : CTL_OK;
}

static int
scan_files(struct ctlscan *s, const char *const *paths, bool as_json, struct fail *why)
{
	struct report all;
	int rc;

	if (ctlscan_begin(s, why) < 0)
		return ctl_fail(&ctl_scan_files, why);
	report_init(&all);
	for (; *paths; paths++) {
		struct report *r = &s->inspect.report;
		struct buf out = BUF_INIT;

		fail_clear(why);
		if (ctlscan_file(s, *paths, why) < 0)
			report_worse(r, REPORT_ERROR, why->text);
		report_worse(&all, r->status, NULL);
		if (as_json)
			scan_json(*paths, r, &out);
		else
			scan_text(*paths, r, &out);
		rc = ctl_print(&ctl_scan_files, &out);
		buf_clear(&out);
		if (rc != 0)
			break;
	}
	rc = *paths ? EX_IOERR : scan_exit(all.status);
	report_clear(&all);
	ctlscan_end(s);
	return rc;
}

static int
scan_run(int argc, char **argv)
{
	const char **paths = mem_array((size_t)argc + 1, sizeof *paths);
	struct ctlscan s = { .config = NULL };
	struct fail why = { 0 };
	struct ctl_scan words;
	bool as_json = false;
	int i, n = 0, rc;

	ctl_scan(&words, &ctl_scan_files, argc, argv);
	while ((i = ctl_next(&words, &why)) != CTL_END) {
		if (i == CTL_BAD) {
			rc = ctl_fail(&ctl_scan_files, &why);
			goto out;
		}
		if (i == CTL_WORD)
			paths[n++] = words.value;
		else if (i == 0)
			as_json = true;
		else if (i == 1)
			s.database = words.value;
		else
			s.config = words.value;
	}
	if (n == 0) {
		fail_set(&why, FAIL_USAGE, "which file? (- is standard input)");
		rc = ctl_fail(&ctl_scan_files, &why);
		goto out;
	}
	rc = scan_files(&s, paths, as_json, &why);
out:
	free(paths);
	return rc;
}

const struct ctl_command ctl_scan_files = {
	.name = "scan",
	.summary = "Says what the scanner finds in messages.",
	.usage = "[--json] [--db DIR] FILE ...",
	.options = scan_options,
	.run = scan_run,
};
