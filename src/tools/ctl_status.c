/*
 * ctl_status.c - how bivalved is: what its status socket says, as JSON or for people.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "tools/ctl.h"

extern const struct ctl_command ctl_status;

#define STATUS_MAX 65536   /* bytes of an answer */
#define STATUS_WAIT 10     /* seconds */

static const struct ctl_option status_options[] = {
	{ 0, "config", "FILE", "configuration that names the socket" },
	{ 0, "json", NULL, "print JSON" },
	{ 0, NULL, NULL, NULL }
};

static int
status_read(const char *path, struct buf *out, struct fail *why)
{
	const struct timeval limit = { .tv_sec = STATUS_WAIT };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc = -1;

	if (!*path || strlen(path) >= sizeof a.sun_path)
		fail_temp(why, "status_socket is not set");
	memcpy(a.sun_path, path, why->kind ? 0 : strlen(path));
	if (!why->kind && (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
	    connect(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
	    fd_read_all(fd, STATUS_MAX, out) < 0))
		fail_errno(why, "bivalved does not answer at %s", path);
	if (!why->kind && out->len == 0)
		fail_temp(why, "bivalved at %s said nothing", path);
	if (!why->kind)
		rc = 0;
	fd_close(&fd);
	return rc;
}

/* Behind "key": in our own server's JSON; "" when it is not there. */
static const char *
status_find(const char *json, const char *key)
{
	struct buf quoted = BUF_INIT;
	const char *p;

	buf_printf(&quoted, "\"%s\":", key);
	p = strstr(json, quoted.p);
	p = p ? p + quoted.len : "";
	buf_clear(&quoted);
	return p;
}

static double
status_number(const char *json, const char *key)
{
	return strtod(status_find(json, key), NULL);
}

static bool
status_is(const char *json, const char *key)
{
	return strncmp(status_find(json, key), "true", 4) == 0;
}

static void
status_span(double seconds, struct buf *out)
{
	static const struct {
		double size;
		const char *name;
	} units[] = { { 86400, "days" }, { 3600, "hours" }, { 60, "minutes" } };

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (seconds >= 2 * units[i].size) {
			buf_printf(out, "%.0f %s", seconds / units[i].size, units[i].name);
			return;
		}
	buf_printf(out, "%.0f seconds", seconds);
}

static void
status_engine(const char *json, struct buf *out)
{
	const double now = (double)time(NULL), loaded = status_number(json, "loaded_time");

	if (!status_is(json, "serving")) {
		buf_str(out, "signatures  NOT LOADED: mail that is to be scanned waits\n");
		return;
	}
	buf_printf(out, "signatures  %.0f, the newest ", status_number(json, "signatures"));
	status_span(now - status_number(json, "signatures_time"), out);
	buf_str(out, " old; loaded ");
	status_span(now - loaded, out);
	buf_printf(out, " ago in %.1f s\n", status_number(json, "load_ms") / 1000);
	if (status_is(json, "refused"))
		buf_str(out, "            THE ONES ON DISK CANNOT BE LOADED: see the log\n");
	buf_printf(out, "memory      %.0f MB, %.0f of it in huge pages\n",
	    status_number(json, "memory_kb") / 1024, status_number(json, "huge_kb") / 1024);
}

/* Since the start. */
static void
status_deliveries(const char *json, struct buf *out)
{
	static const char *const outcomes[] = {
		"delivered", "dropped", "quarantined", "rejected", "deferred", "crashed",
		"refused_limit"
	};

	for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
		buf_printf(out, "%s%.0f %s", i ? ", " : "", status_number(json, outcomes[i]),
		    outcomes[i]);
	buf_str(out, "\n");
}

static void
status_work(const char *json, struct buf *out)
{
	const char *scan = status_find(status_find(json, "stages"), "scan");
	const double n = status_number(scan, "count");

	buf_printf(out, "scanners    %.0f of %.0f busy, %.0f messages waiting\n",
	    status_number(json, "busy"), status_number(json, "members"),
	    status_number(json, "waiting"));
	buf_printf(out, "scans       %.0f, %.0f in the last minute: %.0f clean, %.0f infected, "
	    "%.0f unscannable, %.0f failed\n", n, status_number(json, "scans_minute"),
	    status_number(json, "clean"), status_number(json, "infected"),
	    status_number(json, "unscannable"), status_number(json, "error"));
	buf_printf(out, "deliveries  %.0f in the last minute: ",
	    status_number(json, "deliveries_minute"));
	status_deliveries(status_find(json, "deliveries"), out);
	buf_printf(out, "refused     %.0f for a full queue, %.0f for a user's limit, %.0f after "
	    "waiting, %.0f that end scanners\n", status_number(json, "refused_busy"),
	    status_number(json, "refused_user"), status_number(json, "refused_wait"),
	    status_number(json, "refused_suspect"));
	buf_printf(out, "ended       %.0f scanners, %.0f engines, %.0f monitors by a fault\n",
	    status_number(json, "died"), status_number(json, "engines_died"),
	    status_number(json, "monitors_died"));
	buf_printf(out, "sessions    %.0f LMTP now, %.0f so far, %.0f refused\n",
	    status_number(json, "sessions"), status_number(json, "connections"),
	    status_number(json, "sessions_refused"));
}

static void
status_times(const char *json, struct buf *out)
{
	static const char *const stages[] = { "wait", "parse", "scan", "delivery" };
	const char *all = status_find(json, "stages");

	buf_printf(out, "time in ms  %10s %10s %10s\n", "median", "90 %", "99 %");
	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
		const char *stage = status_find(all, stages[i]);

		buf_printf(out, "  %-9s %10.1f %10.1f %10.1f\n", stages[i],
		    status_number(stage, "p50_ms"), status_number(stage, "p90_ms"),
		    status_number(stage, "p99_ms"));
	}
}

static void
status_people(const char *json, struct buf *out)
{
	const char *version = status_find(json, "version");

	buf_printf(out, "bivalved    %.*s, up ",
	    *version ? (int)strcspn(version + 1, "\"") : 0, *version ? version + 1 : "");
	status_span(status_number(json, "uptime"), out);
	buf_str(out, "\n");
	status_engine(json, out);
	status_work(json, out);
	status_times(json, out);
}

static int
status_ask(const char *config, struct buf *answer, struct fail *why)
{
	struct conf conf = { 0 };
	int rc = ctl_conf(config, &conf, why);

	if (rc == 0)
		rc = status_read(conf.status_socket, answer, why);
	conf_clear(&conf);
	return rc;
}

static int
status_run(int argc, char **argv)
{
	struct buf answer = BUF_INIT, people = BUF_INIT;
	const char *config = NULL;
	struct fail why = { 0 };
	bool as_json = false;
	struct ctl_scan s;
	int i, status;

	ctl_scan(&s, &ctl_status, argc, argv);
	while ((i = ctl_next(&s, &why)) != CTL_END) {
		if (i == CTL_WORD)
			fail_set(&why, FAIL_USAGE, "takes no arguments");
		if (why.kind)
			return ctl_fail(&ctl_status, &why);
		if (i == 0)
			config = s.value;
		else
			as_json = true;
	}
	if (status_ask(config, &answer, &why) < 0)
		return ctl_fail(&ctl_status, &why);
	status_people(answer.p, &people);
	status = ctl_print(&ctl_status, as_json ? &answer : &people);
	if (status == 0 && !status_is(answer.p, "serving"))
		status = 1;
	buf_clear(&answer);
	buf_clear(&people);
	return status;
}

const struct ctl_command ctl_status = {
	.name = "status",
	.summary = "Says how bivalved is: signatures, scanners, verdicts, times.",
	.usage = "[--json]",
	.options = status_options,
	.run = status_run,
};
