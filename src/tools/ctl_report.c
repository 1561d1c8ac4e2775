/*
 * ctl_report.c - bivalvectl report: what the log says, as text, JSON or one page of HTML.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "tools/ctl.h"
#include "tools/ctllog.h"
#include "tools/ctlreport.h"
#include "tools/ctlterm.h"

#define REPORT_BAR 24
#define REPORT_NAME 40

static const struct ctl_option report_options[] = {
	{ 0, "since", "WHEN", "2026-11-23, \"2026-11-23 08:00\", 7d or 12h" },
	{ 0, "html", "FILE", "write one page with charts" },
	{ 0, "json", NULL, "print JSON" },
	{ 0, NULL, NULL, NULL },
};

struct report_run {
	struct ctlreport r;
	const char *html, *files[CTLLOG_FILES];
	size_t nfiles;
	int page;              /* html, opened; else -1 */
	bool as_json;
	struct buf out;
};

extern const struct ctl_command ctl_report;

static int
report_since(const char *text, time_t now, time_t *since_r, struct fail *why)
{
	struct tm tm = { 0 };
	char *end;
	long n = strtol(text, &end, 10);

	tm.tm_isdst = -1;
	if (end != text && (strcmp(end, "d") == 0 || strcmp(end, "h") == 0) && n >= 0
	    && n < 100000) {
		*since_r = now - n * (*end == 'd' ? 86400 : 3600);
		return 0;
	}
	end = strptime(text, "%Y-%m-%d", &tm);
	if (end && *end)
		end = strptime(end + 1, "%H:%M", &tm);
	if (!end || *end)
		return fail_set(why, FAIL_USAGE, "--since %s: a date, a date and a time, 7d or 12h",
		    text);
	*since_r = mktime(&tm);
	return 0;
}

/* ---- as text ---- */

static void
report_table(struct buf *out, const char *title, const struct ctlcount *c)
{
	size_t n;
	struct ctlcount_name **top = ctlcount_top(c, CTLREPORT_TOP, &n);

	if (n > 0) {
		buf_byte(out, '\n');
		ctlterm_paint(out, CTLTERM_BOLD, title);
		buf_byte(out, '\n');
	}
	for (size_t i = 0; i < n; i++) {
		struct buf name = BUF_INIT;

		ctlterm_short(&name, bytes_of(top[i]->name), REPORT_NAME);
		buf_printf(out, "%8lu  %s%*s", top[i]->n, name.p, REPORT_NAME + 2
		    - (int)ctlterm_width(buf_view(&name)), "");
		buf_str(out, ctlterm_colour(CTLTERM_NAME));
		ctlterm_bar(out, (double)top[i]->n / (double)top[0]->n, REPORT_BAR);
		buf_printf(out, "%s\n", ctlterm_colour(CTLTERM_PLAIN));
		buf_clear(&name);
	}
	free(top);
}

static void
report_when(struct buf *out, time_t t)
{
	char text[32] = "?";
	struct tm tm;

	if (t && localtime_r(&t, &tm))
		strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm);
	buf_str(out, text);
}

/* Where the time went. */
static void
report_stages(struct buf *out, const struct ctlreport *r)
{
	const char *between = "on average: ";

	for (int i = 0; i < CTLREPORT_STAGES; i++) {
		const char *name = ctlreport_stage_name(i);

		if (r->stages[i].n == 0)
			continue;
		buf_printf(out, "%s%.*s %.1f", between, (int)strcspn(name, "_"), name,
		    ctlreport_stage(r, i));
		between = ", ";
	}
	if (*between == ',')
		buf_str(out, " ms\n");
}

static void
report_text(struct report_run *run)
{
	const struct ctlreport *r = &run->r;
	struct buf *out = &run->out;

	if (r->messages == 0) {
		buf_str(out, "The log tells of no delivery.\n");
		return;
	}
	report_when(out, r->first);
	buf_str(out, " to ");
	report_when(out, r->last);
	buf_printf(out, ": %lu deliveries, %.1f MB\n", r->messages, (double)r->bytes / 1e6);
	if (r->ntimes)
		buf_printf(out, "time: median %u ms, 90 of 100 below %u ms, 99 below %u ms\n",
		    ctlreport_time(r, 0.5), ctlreport_time(r, 0.9), ctlreport_time(r, 0.99));
	report_stages(out, r);
	report_table(out, "What became of them", &r->outcomes);
	report_table(out, "Verdicts", &r->verdicts);
	report_table(out, "Signatures", &r->viruses);
	report_table(out, "Recipes that decided", &r->rules);
	report_table(out, "Destinations", &r->folders);
}

/* ---- as JSON ---- */

static void
report_json_table(struct json *j, const char *key, const struct ctlcount *c)
{
	size_t n;
	struct ctlcount_name **top = ctlcount_top(c, c->names, &n);

	json_array(j, key);
	for (size_t i = 0; i < n; i++) {
		json_object(j, NULL);
		json_str(j, "name", top[i]->name);
		json_number(j, "count", (long long)top[i]->n);
		json_end(j);
	}
	json_end(j);
	free(top);
}

static void
report_json(struct report_run *run)
{
	const struct ctlreport *r = &run->r;
	struct json j;

	json_init(&j, &run->out);
	json_object(&j, NULL);
	json_number(&j, "messages", (long long)r->messages);
	json_number(&j, "bytes", (long long)r->bytes);
	json_number(&j, "first", (long long)r->first);
	json_number(&j, "last", (long long)r->last);
	json_number(&j, "median_ms", ctlreport_time(r, 0.5));
	json_number(&j, "p90_ms", ctlreport_time(r, 0.9));
	json_number(&j, "p99_ms", ctlreport_time(r, 0.99));
	json_object(&j, "average");
	for (int i = 0; i < CTLREPORT_STAGES; i++)
		if (r->stages[i].n)
			json_decimal(&j, ctlreport_stage_name(i), ctlreport_stage(r, i));
	json_end(&j);
	report_json_table(&j, "outcomes", &r->outcomes);
	report_json_table(&j, "verdicts", &r->verdicts);
	report_json_table(&j, "signatures", &r->viruses);
	report_json_table(&j, "recipes", &r->rules);
	report_json_table(&j, "destinations", &r->folders);
	json_end(&j);
}

/* Opened with the rights of who asks, before the log is read; what it held stays until then. */
static int
report_page(struct report_run *run, struct fail *why)
{
	if (run->html)
		run->page = open(run->html, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return run->html && run->page < 0 ? fail_errno(why, "%s", run->html) : 0;
}

static int
report_html(struct report_run *run, struct fail *why)
{
	struct buf page = BUF_INIT;
	int rc = 0;

	ctlhtml_page(&run->r, &page);
	/* A pipe or a terminal has nothing to cut. */
	if ((ftruncate(run->page, 0) < 0 && errno != EINVAL)
	    || fd_write_all(run->page, page.p, page.len) < 0)
		rc = fail_errno(why, "%s", run->html);
	buf_clear(&page);
	return rc;
}

/* ---- the command line ---- */

static void
report_take(void *context, FILE *f)
{
	struct report_run *run = context;

	ctlreport_read(&run->r, f);
}

static int
report_arguments(struct report_run *run, int argc, char **argv, struct fail *why)
{
	struct ctl_scan s;
	int i;

	ctl_scan(&s, &ctl_report, argc, argv);
	while ((i = ctl_next(&s, why)) != CTL_END) {
		switch (i) {
		case 0:
			if (report_since(s.value, run->r.now, &run->r.since, why) < 0)
				return -1;
			break;
		case 1: run->html = s.value; break;
		case 2: run->as_json = true; break;
		case CTL_WORD:
			if (run->nfiles == CTLLOG_FILES)
				return fail_set(why, FAIL_USAGE, "too many files");
			run->files[run->nfiles++] = s.value;
			break;
		default: return -1;
		}
	}
	return 0;
}

static int
report_run(int argc, char **argv)
{
	struct report_run run = { .out = BUF_INIT, .page = -1 };
	struct ctllog log;
	struct fail why = { 0 };
	int rc, status;

	run.r.now = time(NULL);
	rc = report_arguments(&run, argc, argv, &why);
	if (rc == 0)
		rc = report_page(&run, &why);
	if (rc == 0)
		rc = ctllog_open(&log, run.files, run.nfiles, &why);
	if (rc == 0)
		rc = ctllog_read(&log, report_take, &run, &why);
	ctlreport_end(&run.r);
	if (rc == 0 && run.html)
		rc = report_html(&run, &why);
	else if (rc == 0 && run.as_json)
		report_json(&run);
	else if (rc == 0)
		report_text(&run);
	status = rc < 0 ? ctl_fail(&ctl_report, &why) : ctl_print(&ctl_report, &run.out);
	ctlreport_clear(&run.r);
	fd_close(&run.page);
	buf_clear(&run.out);
	return status;
}

const struct ctl_command ctl_report = {
	.name = "report",
	.summary = "Counts what the log says: verdicts, signatures, recipes, times.",
	.usage = "[--since WHEN] [--json | --html FILE] [LOGFILE ...]",
	.options = report_options,
	.run = report_run,
};
