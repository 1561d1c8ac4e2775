/*
 * status.h - what bivalved says of itself: JSON for people and tools, text for Prometheus.
 */
#ifndef PROC_STATUS_H
#define PROC_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "proc/poolstat.h"
#include "proc/tally.h"

struct status {
	time_t now, started;
	bool serving;               /* an engine has signatures and takes messages */
	bool refused;               /* the signatures on disk could not be loaded */
	uint64_t engines_started, engines_died;
	uint64_t sessions, connections, sessions_refused, monitors_died;
	uint64_t deliveries_minute, scans_minute;  /* in the last 60 seconds */
	struct tally deliveries;
	struct poolstat pool;
};

void status_json(const struct status *s, struct buf *out);
void status_metrics(const struct status *s, struct buf *out);

#endif
