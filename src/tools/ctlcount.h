/*
 * ctlcount.h - how often each name came: for the tables of the report.
 */
#ifndef TOOLS_CTLCOUNT_H
#define TOOLS_CTLCOUNT_H

#include <stddef.h>

#include "base/bytes.h"

#define CTLCOUNT_NAMES 20000   /* different names that are kept; more count as "(others)" */
#define CTLCOUNT_BUCKETS 4096

struct ctlcount_name {
	struct ctlcount_name *next;   /* of the same bucket */
	char *name;
	unsigned long n;
};

struct ctlcount {
	struct ctlcount_name *bucket[CTLCOUNT_BUCKETS];
	size_t names;
	unsigned long total;
};

/* c starts zeroed. */
void ctlcount_add(struct ctlcount *c, struct bytes name);
/* The most frequent, at most max of them, into an array that is yours to free; names borrowed. */
struct ctlcount_name **ctlcount_top(const struct ctlcount *c, size_t max, size_t *n_r);
void ctlcount_clear(struct ctlcount *c);

#endif
