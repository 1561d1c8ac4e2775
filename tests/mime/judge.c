/*
 * judge - what the scanner says of many messages, without a process for each.
 *
 *	judge DATABASE TEMP-DIR MESSAGE...
 *
 * A line for each: its base name, "found" or the status, and its defects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/str.h"
#include "core/report.h"
#include "entry/scanner_judge.h"
#include "mime/mime.h"
#include "scan/engine.h"
#include "scan/scan.h"

static void
judge_read(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f) {
		perror(path);
		exit(1);
	}
	while ((n = fread(buf_room(out, 65536), 1, 65536, f)) > 0)
		buf_grew(out, n);
	fclose(f);
}

static void
judge_tell(const char *path, const struct report *r)
{
	struct bytes rest = buf_view(&r->lines[REPORT_MIME_DEFECT]), line;
	const char *slash = strrchr(path, '/');

	printf("%s %s", slash ? slash + 1 : path,
	    r->status == REPORT_INFECTED ? "found" : report_status_name(r->status));
	while (bytes_line(&rest, &line))
		printf(" %.*s", (int)line.len, line.p);
	putchar('\n');
}

static void
judge_message(struct cl_engine *engine, const struct scan_settings *settings, const char *path)
{
	const size_t prefix = strlen(SCANNER_JUDGE_PREFIX);
	struct buf text = BUF_INIT;
	struct report report;
	struct bytes message;
	struct mime *mime;

	buf_str(&text, SCANNER_JUDGE_PREFIX);
	judge_read(path, &text);
	message = bytes_from(buf_view(&text), prefix);
	report_init(&report);
	mime = mime_open(message);
	mime_report(mime, &report);
	scanner_judge(engine, settings, message, mime, &report);
	judge_tell(path, &report);
	mime_close(&mime);
	report_clear(&report);
	buf_clear(&text);
}

int
main(int argc, char **argv)
{
	struct engine_settings e = {
		.max_scan_size = 400, .max_file_size = 100, .max_recursion = 100,
		.max_files = 10000,
	};
	struct scan_settings s = { .max_file_size = 100, .timeout = 120 };
	struct fail why = { 0 };
	struct cl_engine *engine;

	if (argc < 3)
		return 2;
	e.database = argv[1];
	s.temp_dir = e.temp_dir = argv[2];
	engine = engine_load(&e, &why);
	if (!engine) {
		fprintf(stderr, "%s\n", why.text);
		return 1;
	}
	for (int i = 3; i < argc; i++)
		judge_message(engine, &s, argv[i]);
	engine_free(&engine);
	return 0;
}
