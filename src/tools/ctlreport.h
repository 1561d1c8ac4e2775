/*
 * ctlreport.h - what the log says of many deliveries, counted.
 */
#ifndef TOOLS_CTLREPORT_H
#define TOOLS_CTLREPORT_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "tools/ctlcount.h"

#define CTLREPORT_SLOTS 20000      /* hours that are told apart */
#define CTLREPORT_TIMES 2000000    /* latencies that are kept */
#define CTLREPORT_TOP 10

enum ctlreport_series { CTLREPORT_CLEAN, CTLREPORT_MALWARE, CTLREPORT_DOUBTFUL, CTLREPORT_DEFERRED,
	CTLREPORT_SERIES };

/* LOGLINE_READ to LOGLINE_DELIVER. */
#define CTLREPORT_STAGES 6

/* One hour. */
struct ctlreport_slot {
	time_t hour;
	unsigned long n[CTLREPORT_SERIES];
};

struct ctlreport {
	time_t since, now, first, last;
	unsigned long messages;
	unsigned long long bytes;
	struct ctlcount outcomes, verdicts, viruses, rules, folders;
	struct ctlreport_slot *slots;
	size_t nslots;
	struct {
		double ms;          /* of all together */
		unsigned long n;    /* whose line tells */
	} stages[CTLREPORT_STAGES];
	unsigned *times;            /* milliseconds, sorted by ctlreport_end */
	size_t ntimes;
};

/* r starts zeroed but for since and now. */
void ctlreport_read(struct ctlreport *r, FILE *f);
void ctlreport_end(struct ctlreport *r);
void ctlreport_clear(struct ctlreport *r);
/* Milliseconds that share of all stayed below. */
unsigned ctlreport_time(const struct ctlreport *r, double share);
/* Milliseconds that a stage took on the average of those that had it. */
double ctlreport_stage(const struct ctlreport *r, int stage);
const char *ctlreport_stage_name(int stage);
const char *ctlreport_series_name(enum ctlreport_series s);

/* ctlhtml.c: one page with all charts in it. */
void ctlhtml_page(const struct ctlreport *r, struct buf *out);

#endif
