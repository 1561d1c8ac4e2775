/*
 * ctlscan.h - files given to the scanner from the command line.
 *
 * This process reads their bytes and understands none of them: bivalve-scan does, with as few
 * rights as in a delivery.
 */
#ifndef TOOLS_CTLSCAN_H
#define TOOLS_CTLSCAN_H

#include "core/conf.h"
#include "core/report.h"
#include "flow/inspect.h"
#include "flow/services.h"

struct ctlscan {
	const char *config, *database;   /* from options; NULL where not given */
	struct conf conf, given;         /* given: with database in it, which owns nothing */
	struct services services;
	struct spool_options spool;
	/* Of the present file: */
	struct message message;
	struct inspect inspect;
};

/* -1 with why. */
int ctlscan_begin(struct ctlscan *s, struct fail *why);
void ctlscan_end(struct ctlscan *s);
/* Opens the file ("-": standard input) and asks for the verdict and the parts. 0: s->inspect.report
 * is filled, though its status may be REPORT_ERROR; -1 with why: the file cannot be read. */
int ctlscan_file(struct ctlscan *s, const char *path, struct fail *why);
/* The list of parts (REPORT_PART) of the present file. -1 with why. */
int ctlscan_parts(struct ctlscan *s, struct report *parts, struct fail *why);

#endif
