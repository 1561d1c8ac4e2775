#include "proc/status.h"

#include <inttypes.h>
#include <stddef.h>

struct status_row {
	const char *name;     /* in JSON; for Prometheus with bivalve_ in front */
	bool counter;         /* only grows; else a gauge */
	size_t offset;        /* of a uint64_t in struct status */
	const char *help;
};

#define ROW(field, counter, help) { #field, counter, offsetof(struct status, field), help }
#define POOL(field, counter, help) { #field, counter, offsetof(struct status, pool.field), help }

static const struct status_row status_rows[] = {
	ROW(engines_started, true, "Engine processes started."),
	ROW(engines_died, true, "Engine processes that ended and were not told to."),
	ROW(sessions, false, "LMTP connections now."),
	ROW(connections, true, "LMTP connections so far."),
	ROW(sessions_refused, true, "LMTP connections over max_sessions, told 421."),
	ROW(monitors_died, true, "LMTP processes that ended with a fault."),
	ROW(deliveries_minute, false, "Deliveries in the last 60 seconds."),
	ROW(scans_minute, false, "Messages scanned in the last 60 seconds."),
	POOL(signatures, false, "Signatures loaded."),
	POOL(signatures_time, false, "Time of the newest signature file, seconds since 1970."),
	POOL(loaded_time, false, "When they were loaded, seconds since 1970."),
	POOL(load_ms, false, "Milliseconds that loading took."),
	POOL(memory_kb, false, "KB of memory of the engine after loading."),
	POOL(huge_kb, false, "KB of it in huge pages."),
	POOL(members, false, "Scanner processes now."),
	POOL(busy, false, "Scanner processes with a message."),
	POOL(waiting, false, "Messages that wait for a scanner."),
	POOL(refused_busy, true, "Messages refused for a full queue."),
	POOL(refused_user, true, "Messages refused for a user's limit."),
	POOL(refused_wait, true, "Messages refused after waiting too long."),
	POOL(refused_suspect, true, "Messages not read, for they had ended scanners."),
	POOL(died, true, "Scanner processes that ended with a fault."),
	POOL(killed_turn, true, "Scanner processes killed for taking too long."),
	POOL(killed_silent, true, "Scanner processes killed because nobody asked."),
	POOL(suspects, false, "Messages that are not read for now."),
};

#define STATUS_ROWS (sizeof status_rows / sizeof *status_rows)

static const char *const status_verdicts[POOLSTAT_VERDICTS] = {
	[POOLSTAT_NONE] = "none", [POOLSTAT_CLEAN] = "clean", [POOLSTAT_INFECTED] = "infected",
	[POOLSTAT_UNSCANNABLE] = "unscannable", [POOLSTAT_ERROR] = "error",
};

static const char *const status_stages[POOLSTAT_STAGES] = {
	[POOLSTAT_WAIT] = "wait", [POOLSTAT_PARSE] = "parse", [POOLSTAT_SCAN] = "scan",
};

#define STATUS_DELIVERY "delivery"

static const double status_quantiles[] = { 0.5, 0.9, 0.99 };

#define STATUS_QUANTILES (sizeof status_quantiles / sizeof *status_quantiles)

static uint64_t
status_value(const struct status *s, const struct status_row *row)
{
	return *(const uint64_t *)((const char *)s + row->offset);
}

static void
status_json_times(const struct poolstat_times *t, struct buf *out)
{
	buf_printf(out, "{\"count\":%" PRIu64 ",\"total_ms\":%" PRIu64, t->count,
	    t->total_us / 1000);
	for (size_t i = 0; i < STATUS_QUANTILES; i++) {
		uint64_t us = poolstat_quantile(t, status_quantiles[i]);

		buf_printf(out, ",\"p%.0f_ms\":%" PRIu64 ".%03" PRIu64, status_quantiles[i] * 100,
		    us / 1000, us % 1000);
	}
	buf_str(out, "}");
}

void
status_json(const struct status *s, struct buf *out)
{
	buf_printf(out, "{\"version\":\"%s\",\"uptime\":%jd,\"serving\":%s,\"refused\":%s", VERSION,
	    (intmax_t)(s->now - s->started), s->serving ? "true" : "false",
	    s->refused ? "true" : "false");
	for (size_t i = 0; i < STATUS_ROWS; i++)
		buf_printf(out, ",\"%s\":%" PRIu64, status_rows[i].name,
		    status_value(s, &status_rows[i]));
	buf_str(out, ",\"verdicts\":{");
	for (int i = 1; i < POOLSTAT_VERDICTS; i++)
		buf_printf(out, "%s\"%s\":%" PRIu64, i > 1 ? "," : "", status_verdicts[i],
		    s->pool.verdicts[i]);
	buf_str(out, "},\"deliveries\":{");
	for (int i = 0; i < TALLY_OUTCOMES; i++)
		buf_printf(out, "%s\"%s\":%" PRIu64, i ? "," : "", tally_name(i),
		    s->deliveries.outcomes[i]);
	buf_str(out, "},\"stages\":{");
	for (int i = 0; i < POOLSTAT_STAGES; i++) {
		buf_printf(out, "\"%s\":", status_stages[i]);
		status_json_times(&s->pool.times[i], out);
		buf_byte(out, ',');
	}
	buf_printf(out, "\"%s\":", STATUS_DELIVERY);
	status_json_times(&s->deliveries.times, out);
	buf_str(out, "}}\n");
}

static void
status_metric(struct buf *out, const char *name, bool counter, const char *help)
{
	buf_printf(out, "# HELP bivalve_%s %s\n# TYPE bivalve_%s %s\n", name, help, name,
	    counter ? "counter" : "gauge");
}

static void
status_metrics_times(const char *stage, const struct poolstat_times *t, struct buf *out)
{
	uint64_t seen = 0;

	for (int i = 0; i < POOLSTAT_BUCKETS; i++) {
		seen += t->bucket[i];
		buf_printf(out, "bivalve_stage_seconds_bucket{stage=\"%s\",le=\"%.6f\"} %" PRIu64
		    "\n", stage, (double)poolstat_limit(i) / 1e6, seen);
	}
	buf_printf(out, "bivalve_stage_seconds_bucket{stage=\"%s\",le=\"+Inf\"} %" PRIu64 "\n"
	    "bivalve_stage_seconds_sum{stage=\"%s\"} %.6f\n"
	    "bivalve_stage_seconds_count{stage=\"%s\"} %" PRIu64 "\n", stage, t->count, stage,
	    (double)t->total_us / 1e6, stage, t->count);
}

void
status_metrics(const struct status *s, struct buf *out)
{
	for (size_t i = 0; i < STATUS_ROWS; i++) {
		const struct status_row *row = &status_rows[i];

		status_metric(out, row->name, row->counter, row->help);
		buf_printf(out, "bivalve_%s %" PRIu64 "\n", row->name, status_value(s, row));
	}
	status_metric(out, "serving", false, "1 when messages can be scanned.");
	buf_printf(out, "bivalve_serving %d\n", s->serving);
	status_metric(out, "refused", false, "1 when the signatures on disk cannot be loaded.");
	buf_printf(out, "bivalve_refused %d\n", s->refused);
	status_metric(out, "verdicts", true, "Verdicts since the signatures were loaded.");
	for (int i = 1; i < POOLSTAT_VERDICTS; i++)
		buf_printf(out, "bivalve_verdicts{verdict=\"%s\"} %" PRIu64 "\n",
		    status_verdicts[i], s->pool.verdicts[i]);
	status_metric(out, "deliveries", true, "Deliveries, by how they ended.");
	for (int i = 0; i < TALLY_OUTCOMES; i++)
		buf_printf(out, "bivalve_deliveries{outcome=\"%s\"} %" PRIu64 "\n",
		    tally_name(i), s->deliveries.outcomes[i]);
	buf_str(out, "# HELP bivalve_stage_seconds Time of each stage of a message.\n"
	    "# TYPE bivalve_stage_seconds histogram\n");
	for (int i = 0; i < POOLSTAT_STAGES; i++)
		status_metrics_times(status_stages[i], &s->pool.times[i], out);
	status_metrics_times(STATUS_DELIVERY, &s->deliveries.times, out);
}
