#include "entry/scanner_serve.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "base/tempdir.h"
#include "base/title.h"
#include "entry/scanner_judge.h"
#include "mime/mime.h"
#include "proc/sandbox.h"
#include "scan/digest.h"
#include "scan/huge.h"
#include "scan/rehearsal.h"
#include "scan/sigdir.h"

/* Where a member keeps its channel to the pool: behind message, null device and connection. */
#define SERVE_CHANNEL 4

struct serve {
	struct scanner *scanner;
	uint64_t state;          /* of the signatures on disk, when last looked at */
	struct rehearsal rehearsal;
};

/* ---- one member: sandboxed, one connection after another ---- */

static void
serve_refused(struct report *report, enum report_want want)
{
	static const char reason[] = "reading this message has ended the scanner twice: it is "
	    "not tried again for an hour";

	if (want != REPORT_WANT_SCAN) {
		report_worse(report, REPORT_ERROR, reason);
		return;
	}
	report_worse(report, REPORT_UNSCANNABLE, reason);
	report_add_once(report, REPORT_SCAN_CLASS, bytes_of("limit"));
	report_add_once(report, REPORT_SCAN_FINDING, bytes_of("limit Bivalve.EndsScanner"));
}

static int
serve_refuse(enum report_want want)
{
	struct report report;
	int rc;

	report_init(&report);
	serve_refused(&report, want);
	rc = report_send(SCANNER_SOCKET, &report);
	report_clear(&report);
	return rc;
}

static enum poolstat_verdict
serve_verdict(enum report_status said)
{
	switch (said) {
	case REPORT_CLEAN:
		return POOLSTAT_CLEAN;
	case REPORT_INFECTED:
		return POOLSTAT_INFECTED;
	case REPORT_UNSCANNABLE:
		return POOLSTAT_UNSCANNABLE;
	case REPORT_ERROR:
		return POOLSTAT_ERROR;
	case REPORT_NONE:
		break;
	}
	return POOLSTAT_NONE;
}

static void
serve_turns(struct scanner *s, const struct seat *seat, bool welcome)
{
	enum report_want want;
	int rc = 0;

	while (rc == 0 && scanner_next(&want)) {
		if (!welcome) {
			rc = serve_refuse(want);
			continue;
		}
		seat_turn_begins(seat);
		rc = scanner_turn(s, want);
		seat_turn_ends(seat, want == REPORT_WANT_SCAN, serve_verdict(s->said));
	}
}

/* The asker's message, behind descriptor 0. */
static int
serve_take_message(struct scanner *s)
{
	char byte;
	int fd;

	if (fd_recv(SCANNER_SOCKET, &byte, 1, &fd) != 1 || fd < 0)
		return -1;
	if (dup2(fd, SCANNER_MESSAGE) < 0) {
		fd_close(&fd);
		return -1;
	}
	fd_close(&fd);
	return scanner_map(s);
}

static void
serve_connection(struct scanner *s, const struct seat *seat, bool suspects)
{
	const char greeting = POOL_READY;
	unsigned char digest[SUSPECT_DIGEST];
	int welcome = -1;

	memset(&s->trouble, 0, sizeof s->trouble);
	if (serve_take_message(s) < 0)
		return;
	/* Told in time: should reading the message end us, the pool knows which one it was. */
	if (digest_message(s->message, digest))
		welcome = seat_ask_welcome(seat, digest, suspects);
	/* Not known is not refused, which would be a verdict: no greeting defers the mail. */
	if (welcome >= 0 && fd_send(SCANNER_SOCKET, &greeting, 1, -1) == 0)
		serve_turns(s, seat, welcome > 0);
	mime_close(&s->mime);
	scanner_unmap(s);
}

/* The member holds its channel and nothing else that the engine had. */
static int
serve_descriptors(struct seat *seat)
{
	int null;

	if (seat->channel != SERVE_CHANNEL && dup2(seat->channel, SERVE_CHANNEL) < 0)
		return -1;
	seat->channel = SERVE_CHANNEL;
	close_range(SERVE_CHANNEL + 1, ~0u, 0);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, SCANNER_MESSAGE) < 0 || dup2(null, SCANNER_SOCKET) < 0)
		return -1;
	fd_close(&null);
	return 0;
}

static int
serve_prepare(struct scanner *s, struct seat *seat)
{
	if (serve_descriptors(seat) < 0)
		return fail_errno(&s->trouble, "descriptors");
	if (sandbox_prepare(&s->trouble) < 0)
		return -1;
	s->engine_settings.temp_dir = s->scan_settings.temp_dir = seat->temp_dir;
	if (engine_adopt(s->engine, seat->temp_dir, &s->trouble) < 0)
		return -1;
	scanner_hush();
	return scanner_sandbox(s, true);
}

static void
serve_member(void *ctx, const struct seat *given)
{
	struct serve *serve = ctx;
	struct scanner *s = serve->scanner;
	struct seat seat = *given;
	bool suspects;
	int fd;

	rehearsal_repeat(&serve->rehearsal);
	if (serve_prepare(s, &seat) < 0) {
		log_error("scanner: %s", s->trouble.text);
		_exit(EX_TEMPFAIL);
	}
	while ((fd = seat_next(&seat, &suspects)) >= 0) {
		if (dup2(fd, SCANNER_SOCKET) < 0)
			_exit(EX_TEMPFAIL);
		fd_close(&fd);
		serve_connection(s, &seat, suspects);
		/* Standing in for both until there is another: the asker sees the end. */
		if (dup2(STDERR_FILENO, SCANNER_SOCKET) < 0 ||
		    dup2(STDERR_FILENO, SCANNER_MESSAGE) < 0 || !seat_served(&seat))
			break;
	}
	_exit(EX_OK);
}

/* ---- the engine ---- */

static bool
serve_is_stale(void *ctx)
{
	struct serve *serve = ctx;
	time_t newest;
	uint64_t state = sigdir_state(serve->scanner->engine_settings.database, &newest);

	/* A directory that cannot be read is no news: the signatures we have still are the best. */
	if (state == 0 || state == serve->state)
		return false;
	serve->state = state;
	return true;
}

/* libclamav looks closer at a text of more than a few lines. */
#define SERVE_LINES \
	"Hello, these are some lines as people write them to each other: about the meeting\n" \
	"on Thursday, the minutes of the last one, and what is to be done until then.\n" \
	"Nobody needs to answer, but who wants to come should say so by tomorrow.\n\n"

/* What libraries do at their first message: register types, find functions, open tables.  Done
 * here it is done for all scanners.  The message is ours; what becomes of it does not matter. */
static void
serve_warm(void *ctx)
{
	static const char message[] = "From: a@example.org\nSubject: =?utf-8?q?warm?=\n"
	    "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
	    "--b\nContent-Type: text/plain; charset=iso-8859-1\n"
	    "Content-Transfer-Encoding: quoted-printable\n\nh=E4llo\n" SERVE_LINES SERVE_LINES
	    "--b\nContent-Type: text/html; charset=utf-8\n\n"
	    "<html><body><a href=\"http://example.org/\">hello</a></body></html>\n"
	    "--b\nContent-Type: application/octet-stream; name=a.bin\n"
	    "Content-Transfer-Encoding: base64\n\naGVsbG8K\n--b--\n";
	struct scanner *s = ctx;
	struct scan_settings settings = s->scan_settings;
	struct report report;
	struct mime *mime = mime_open(bytes_of(message));

	settings.temp_dir = s->engine_settings.temp_dir;
	report_init(&report);
	mime_report(mime, &report);
	mime_close(&mime);
	scanner_judge_part(s->engine, &settings, bytes_of(message), &report);
	report_clear(&report);
}

static int
serve_load(struct scanner *s, struct rehearsal *rehearsal, struct poolstat *stat)
{
	const int64_t begun = clock_ms();
	unsigned char digest[DIGEST_SIZE];
	unsigned long resident, huge;

	s->engine = engine_load(&s->engine_settings, &s->scan_trouble);
	if (!s->engine)
		return -1;
	digest_message(bytes_of(""), digest); /* its library is ready before the sandbox, then */
	if (sandbox_filter_make(true, &s->scan_trouble) < 0)
		return -1;
	serve_warm(s);
	engine_settle();
	huge_collapse();
	rehearsal_learn(rehearsal, serve_warm, s);
	huge_measure(&resident, &huge);
	stat->signatures = engine_signatures();
	stat->loaded_time = (uint64_t)time(NULL);
	stat->load_ms = (uint64_t)(clock_ms() - begun);
	stat->memory_kb = resident;
	stat->huge_kb = huge;
	return 0;
}

/* In a directory of its own, or what libclamav makes while it loads and warms up would stay when we
 * are killed.  A member names its own before it scans. */
static int
serve_load_apart(struct scanner *s, struct rehearsal *rehearsal, struct poolstat *stat)
{
	char *apart = tempdir_make_own(s->temp_parent);
	int rc;

	if (!apart)
		return fail_errno(&s->scan_trouble, "no temporary directory can be made in %s "
		    "(temp_dir in bivalve.conf)", s->temp_parent);
	s->engine_settings.temp_dir = apart;
	rc = serve_load(s, rehearsal, stat);
	s->engine_settings.temp_dir = s->temp_parent;
	free(apart);
	if (tempdir_sweep(s->temp_parent, getpid()) < 0)
		log_warning("%s/bivalve-%ld-* cannot be removed", s->temp_parent, (long)getpid());
	return rc;
}

int
scanner_serve(struct scanner *s)
{
	struct serve serve = { .scanner = s };
	struct poolstat stat = { 0 };
	struct fail why = { 0 };
	int status = EX_TEMPFAIL;
	time_t newest;

	setenv("TZ", "UTC0", 1);
	tzset();
	title_set("bivalved: engine (loading)");
	/* Before it is read: a file that changes while we do makes them stale. */
	serve.state = sigdir_state(s->engine_settings.database, &newest);
	stat.signatures_time = (uint64_t)newest;
	if (serve_load_apart(s, &serve.rehearsal, &stat) < 0) {
		log_error("%s", s->scan_trouble.text);
		goto out;
	}
	log_notice("%llu signatures loaded in %llu ms, %llu MB",
	    (unsigned long long)stat.signatures, (unsigned long long)stat.load_ms,
	    (unsigned long long)stat.memory_kb >> 10);
	scanner_warn(); /* for all scanners, which would each say it again */
	s->pool.turn = s->scan_settings.timeout + 2 * s->grace;
	s->pool.temp_parent = s->temp_parent;
	if (pool_run(&s->pool, serve_member, serve_is_stale, &serve, &stat, &why) < 0) {
		log_error("%s", why.text);
		goto out;
	}
	status = EX_OK;
out:
	engine_free(&s->engine);
	return status;
}
