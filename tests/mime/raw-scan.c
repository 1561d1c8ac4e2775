/*
 * raw-scan - libclamav's own mail parser on messages, and nothing else of ours.
 *
 *	raw-scan DATABASE TEMP-DIR FILE...
 *
 * Prints the names of the infected ones.
 */
#include <stdio.h>

#include "base/fd.h"
#include "scan/engine.h"
#include "scan/scan.h"

static bool
raw_scan_is_infected(struct cl_engine *engine, const char *temp_dir, const char *path)
{
	const struct scan_settings settings = { .temp_dir = temp_dir, .max_file_size = 100,
		.timeout = 60 };
	struct buf text = BUF_INIT;
	struct report report;
	struct scan *scan;
	bool infected;

	buf_str(&text, "Return-Path: <scanner@localhost>\n");
	if (fd_read_file(path, 1u << 30, &text) < 0)
		return false;
	report_init(&report);
	scan = scan_begin(engine, &settings, text.len, &report);
	scan_bytes(scan, buf_view(&text), "");
	scan_end(&scan);
	infected = report.status == REPORT_INFECTED;
	report_clear(&report);
	buf_clear(&text);
	return infected;
}

int
main(int argc, char **argv)
{
	struct engine_settings settings = { .max_scan_size = 100, .max_file_size = 100,
		.max_recursion = 100, .max_files = 10000 };
	struct fail why = { 0 };
	struct cl_engine *engine;

	if (argc < 3)
		return 64;
	settings.database = argv[1];
	settings.temp_dir = argv[2];
	engine = engine_load(&settings, &why);
	if (!engine) {
		fprintf(stderr, "%s\n", why.text);
		return 75;
	}
	for (int i = 3; i < argc; i++)
		if (raw_scan_is_infected(engine, argv[2], argv[i]))
			printf("%s\n", argv[i]);
	engine_free(&engine);
	return 0;
}
