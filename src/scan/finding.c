#include "scan/finding.h"

#include <string.h>

/* First match wins.  Names beginning with "Heuristics." are made by libclamav's code; all others
 * come from signature files. */
static const struct {
	const char *prefix;
	enum finding_class class;
} finding_prefixes[] = {
	{ "Heuristics.Limits.", FINDING_LIMIT },
	/* Both mean that unpacking stopped there. */
	{ "Heuristics.Zip.OverlappingFiles", FINDING_LIMIT },
	{ "Heuristics.XZ.DicSizeLimit", FINDING_LIMIT },
	{ "Heuristics.Encrypted.", FINDING_ENCRYPTED },
	{ "Heuristics.OLE2.ContainsMacros", FINDING_MACRO },
	{ "Heuristics.", FINDING_HEURISTIC },
	{ "PUA.", FINDING_PUA },
};

static const struct {
	const char *name;
	enum report_status status;
} finding_classes[FINDING_CLASSES] = {
	[FINDING_MALWARE] = { "malware", REPORT_INFECTED },
	[FINDING_HEURISTIC] = { "heuristic", REPORT_CLEAN },
	[FINDING_PUA] = { "pua", REPORT_CLEAN },
	[FINDING_MACRO] = { "macro", REPORT_CLEAN },
	[FINDING_ENCRYPTED] = { "encrypted", REPORT_UNSCANNABLE },
	[FINDING_LIMIT] = { "limit", REPORT_UNSCANNABLE },
};

enum finding_class
finding_class(const char *name)
{
	const size_t n = sizeof finding_prefixes / sizeof *finding_prefixes;

	for (size_t i = 0; i < n; i++)
		if (bytes_starts(bytes_of(name), finding_prefixes[i].prefix))
			return finding_prefixes[i].class;
	return FINDING_MALWARE;
}

const char *
finding_class_name(enum finding_class c)
{
	return finding_classes[c].name;
}

enum report_status
finding_status(enum finding_class c)
{
	return finding_classes[c].status;
}

bool
finding_is_timeout(const char *name)
{
	return bytes_starts(bytes_of(name), "Heuristics.Limits.Exceeded.MaxScanTime");
}
