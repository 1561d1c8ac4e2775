/*
 * select.h - the table of selectors: what stands before "??" besides H, B and variables.
 */
#ifndef RECIPE_SELECT_H
#define RECIPE_SELECT_H

#include <stdbool.h>

#include "base/bytes.h"

enum selector {
	SELECT_NONE = -1,
	SELECT_HEADER, SELECT_ADDRESS,
	SELECT_MIME_TYPE, SELECT_MIME_NAME, SELECT_MIME_TEXT, SELECT_MIME_DEFECT,
	SELECT_SCAN_VIRUS, SELECT_SCAN_STATUS, SELECT_SCAN_CLASS, SELECT_SCAN_FINDING,
	SELECT_SCAN_NAME, SELECT_SCAN_TYPE,
	SELECT_ENVELOPE_FROM, SELECT_ENVELOPE_TO, SELECT_ENVELOPE_DETAIL, SELECT_ENVELOPE_CLIENT,
	SELECT_DNS, SELECT_RHS, SELECT_MX_BOGUS, SELECT_MAP, SELECT_SEEN_ID,
	SELECT_COUNT
};

struct selector_info {
	const char *prefix;     /* "header:" or the whole "scan:virus" */
	bool takes_argument;    /* header:Name */
	bool needs_scan;        /* asks the scanner for a verdict */
	bool needs_parts;       /* asks the scanner for the parts */
};

const struct selector_info *select_info(enum selector s);
/* word is what stands before "??"; arg_r gets what follows the prefix. SELECT_NONE: no selector (a
 * variable's name, or an ordinary expression). near_r (may be NULL): for a word that looks like a
 * selector and is none, the name it may be meant for, else NULL. */
enum selector select_find(struct bytes word, struct bytes *arg_r, const char **near_r);

#endif
