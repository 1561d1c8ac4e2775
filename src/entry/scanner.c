/*
 * scanner.c - bivalve-scan: parses and scans one message, with as few rights as that needs.
 *
 * Descriptor 0 is the message, descriptor 3 a Unix stream socket to whoever started us.  One byte
 * on it asks (enum report_want), one report answers, and a patch where a new message was asked for;
 * the end of the socket ends the process.
 * Nothing of the message is read before the sandbox is closed.
 *
 * With --serve it stays: descriptor 3 is a listening socket then (entry/scanner_serve.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tempdir.h"
#include "base/title.h"
#include "core/patch.h"
#include "core/report.h"
#include "entry/scanner.h"
#include "entry/scanner_judge.h"
#include "entry/scanner_parts.h"
#include "entry/scanner_serve.h"
#include "mime/mime.h"
#include "proc/sandbox.h"
#include "scan/engine.h"
#include "scan/scan.h"


/* MB of address space that loading signatures may take when a scan is asked for late. */
#define SCANNER_LOAD_MEMORY 4096

enum scanner_option {
	OPTION_DATABASE = 256, OPTION_TEMP_DIR, OPTION_SCAN_SIZE, OPTION_FILE_SIZE,
	OPTION_RECURSION, OPTION_FILES, OPTION_TIMEOUT, OPTION_GRACE, OPTION_MEMORY, OPTION_PUA,
	OPTION_SERVE, OPTION_CONTROL, OPTION_SCANNERS, OPTION_SPARE, OPTION_QUEUE,
	OPTION_PER_USER, OPTION_WAIT, OPTION_MESSAGES, OPTION_VERSION, OPTION_HELP
};

static const struct option scanner_options[] = {
	{ "database", required_argument, NULL, OPTION_DATABASE },
	{ "temp-dir", required_argument, NULL, OPTION_TEMP_DIR },
	{ "max-scan-size", required_argument, NULL, OPTION_SCAN_SIZE },
	{ "max-file-size", required_argument, NULL, OPTION_FILE_SIZE },
	{ "max-recursion", required_argument, NULL, OPTION_RECURSION },
	{ "max-files", required_argument, NULL, OPTION_FILES },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "grace", required_argument, NULL, OPTION_GRACE },
	{ "memory", required_argument, NULL, OPTION_MEMORY },
	{ "pua", no_argument, NULL, OPTION_PUA },
	{ "serve", no_argument, NULL, OPTION_SERVE },
	{ "control", no_argument, NULL, OPTION_CONTROL },
	{ "scanners", required_argument, NULL, OPTION_SCANNERS },
	{ "spare", required_argument, NULL, OPTION_SPARE },
	{ "queue", required_argument, NULL, OPTION_QUEUE },
	{ "per-user", required_argument, NULL, OPTION_PER_USER },
	{ "wait", required_argument, NULL, OPTION_WAIT },
	{ "messages", required_argument, NULL, OPTION_MESSAGES },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 }
};

static _Noreturn void
scanner_version(void)
{
	struct buf out = BUF_INIT;

	buf_printf(&out, "libclamav %s\n", engine_version());
	mime_libraries(&out);
	exit(fd_write_all(STDOUT_FILENO, out.p, out.len) < 0 ? EX_IOERR : EX_OK);
}

static _Noreturn void
scanner_help(void)
{
	fputs("usage: bivalve-scan [options]\n"
	    "Parses and scans one message; bivalve starts it, see bivalve-scan(8).\n"
	    "      --database DIRECTORY   signatures\n"
	    "      --temp-dir DIRECTORY   where its temporary directory is made\n"
	    "      --max-scan-size MB     unpacked from one object\n"
	    "      --max-file-size MB     of one object\n"
	    "      --max-recursion LEVELS levels of nesting\n"
	    "      --max-files NUMBER     objects in one\n"
	    "      --timeout SECONDS      for a message\n"
	    "      --grace SECONDS        behind that, until a process is ended\n"
	    "      --memory MB            above what the signatures need\n"
	    "      --pua                  potentially unwanted applications, too\n"
	    "      --serve                stay, and serve connections; with it:\n"
	    "      --control              descriptor 4 is a socket to bivalved\n"
	    "      --scanners NUMBER      at once\n"
	    "      --spare NUMBER         kept ready\n"
	    "      --queue NUMBER         connections that may wait\n"
	    "      --per-user NUMBER      connections of one user\n"
	    "      --wait SECONDS         that a connection may wait\n"
	    "      --messages NUMBER      that one scanner reads\n"
	    "      --version              print the versions of the libraries, and exit\n"
	    "      --help                 print this, and exit\n", stdout);
	exit(fflush(stdout) == EOF ? EX_IOERR : EX_OK);
}

/* Of --serve. */
static bool
scanner_pool_option(struct scanner *s, int option, const char *value)
{
	struct pool_settings *p = &s->pool;

	switch (option) {
	case OPTION_SERVE:
		s->serve = true;
		return true;
	case OPTION_CONTROL:
		p->control = SCANNER_CONTROL;
		return true;
	case OPTION_SCANNERS:
		return str_long(value, 1, POOL_MEMBERS_MAX, &p->members);
	case OPTION_SPARE:
		return str_long(value, 1, POOL_MEMBERS_MAX, &p->spare);
	case OPTION_QUEUE:
		return str_long(value, 0, POOL_QUEUE_MAX, &p->queue);
	case OPTION_PER_USER:
		return str_long(value, 1, POOL_QUEUE_MAX, &p->per_user);
	case OPTION_WAIT:
		return str_long(value, 1, 3600, &p->wait);
	case OPTION_MESSAGES:
		return str_long(value, 1, 1000000, &p->messages);
	default:
		return false;
	}
}

static bool
scanner_option(struct scanner *s, int option, const char *value)
{
	struct engine_settings *e = &s->engine_settings;

	switch (option) {
	case OPTION_DATABASE:
		e->database = value;
		return true;
	case OPTION_TEMP_DIR:
		s->temp_parent = value;
		return true;
	case OPTION_SCAN_SIZE:
		return str_long(value, 1, 4000, &e->max_scan_size);
	case OPTION_FILE_SIZE:
		return str_long(value, 1, 2000, &e->max_file_size);
	case OPTION_RECURSION:
		return str_long(value, 1, 100, &e->max_recursion);
	case OPTION_FILES:
		return str_long(value, 1, 1000000, &e->max_files);
	case OPTION_TIMEOUT:
		return str_long(value, 1, 3600, &s->scan_settings.timeout);
	case OPTION_GRACE:
		return str_long(value, 1, 10, &s->grace);
	case OPTION_MEMORY:
		return str_long(value, 64, 65536, &s->memory);
	case OPTION_PUA:
		e->pua = true;
		return true;
	case OPTION_VERSION:
		scanner_version();
	case OPTION_HELP:
		scanner_help();
	default:
		return scanner_pool_option(s, option, value);
	}
}

static int
scanner_parse(struct scanner *s, int argc, char **argv)
{
	int option;

	*s = (struct scanner){
		.engine_settings = {
			.database = "/var/lib/clamav", .max_scan_size = 400, .max_file_size = 100,
			.max_recursion = 100, .max_files = 10000,
		},
		.scan_settings = { .timeout = 120 }, .grace = 10,
		.memory = 1024,
		.temp_parent = "/tmp",
		.pool = {
			.listener = SCANNER_LISTENER, .control = -1, .members = 4, .spare = 2,
			.queue = 64, .per_user = 16, .wait = 60, .messages = 1,
		},
	};
	while ((option = getopt_long(argc, argv, "", scanner_options, NULL)) != -1)
		if (!scanner_option(s, option, optarg)) {
			log_error("wrong option, or a value out of range");
			return -1;
		}
	if (optind < argc) {
		log_error("takes no arguments; bivalve starts it");
		return -1;
	}
	s->scan_settings.max_file_size = s->engine_settings.max_file_size;
	return 0;
}

static const char scanner_wants[] = {
	REPORT_WANT_MIME, REPORT_WANT_SCAN, REPORT_WANT_PARTS, REPORT_WANT_VERDICTS,
	REPORT_WANT_STRIP, REPORT_WANT_FLATTEN, REPORT_WANT_FLATTEN_CLEAN, '\0'
};

static bool
scanner_needs_engine(enum report_want want)
{
	return want == REPORT_WANT_SCAN || want == REPORT_WANT_VERDICTS ||
	    want == REPORT_WANT_FLATTEN_CLEAN;
}

bool
scanner_next(enum report_want *want_r)
{
	unsigned char c;
	ssize_t n;

	do
		n = read(SCANNER_SOCKET, &c, 1);
	while (n < 0 && errno == EINTR);
	*want_r = c;
	return n == 1 && c != '\0' && strchr(scanner_wants, c);
}

/* Behind a page whose end holds the prefix: one run of bytes, and not one of the message copied. */
int
scanner_map(struct scanner *s)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t prefix = strlen(SCANNER_JUDGE_PREFIX);
	struct stat st;
	char *room;

	if (fstat(SCANNER_MESSAGE, &st) < 0 || !S_ISREG(st.st_mode))
		return fail_temp(&s->trouble, "bivalve-scan: descriptor 0 is no file");
	room = mmap(NULL, page + (size_t)st.st_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return fail_errno(&s->trouble, "bivalve-scan: no room for the message");
	if (st.st_size > 0 && mmap(room + page, (size_t)st.st_size, PROT_READ,
	    MAP_PRIVATE | MAP_FIXED, SCANNER_MESSAGE, 0) == MAP_FAILED)
		return fail_errno(&s->trouble, "bivalve-scan: the message cannot be mapped");
	memcpy(room + page - prefix, SCANNER_JUDGE_PREFIX, prefix);
	s->message = (struct bytes){ room + page, (size_t)st.st_size };
	return 0;
}

void
scanner_unmap(struct scanner *s)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (s->message.p)
		munmap((void *)(size_t)(s->message.p - page), page + s->message.len);
	s->message = (struct bytes){ NULL, 0 };
	free(s->viruses);
	s->viruses = NULL;
}

static int
scanner_temp_dir(struct scanner *s)
{
	s->temp_dir = tempdir_make_own(s->temp_parent);
	if (!s->temp_dir)
		return fail_errno(&s->scan_trouble, "no temporary directory can be made in %s "
		    "(temp_dir in bivalve.conf)", s->temp_parent);
	s->engine_settings.temp_dir = s->scan_settings.temp_dir = s->temp_dir;
	return 0;
}

static int
scanner_load(struct scanner *s)
{
	s->engine = engine_load(&s->engine_settings, &s->scan_trouble);
	return s->engine ? 0 : -1;
}

void
scanner_warn(void)
{
	if (sandbox_has_paths())
		return;
	log_warning("this kernel has no Landlock: the scanner's system calls are filtered, but not "
	    "which files it may open; boot Linux 5.13 or later with landlock in lsm=");
	log_close(); /* the sandbox shall hold no socket to the log */
}

int
scanner_sandbox(struct scanner *s, bool receive)
{
	static const char *const load[] = {
		"/usr/lib/x86_64-linux-gnu/gconv", "/usr/lib/aarch64-linux-gnu/gconv",
		"/usr/lib64/gconv", "/usr/lib/gconv", NULL
	};
	const char *const certificates = receive || s->engine ? "" : engine_certificates();
	const char *const read_below[] = {
		s->engine_settings.database, *certificates ? certificates : NULL, NULL
	};
	const struct engine_settings *e = &s->engine_settings;
	const struct sandbox box = {
		.work = s->engine_settings.temp_dir, .read = receive ? NULL : read_below,
		.load = load, .receive = receive,
		.file_max = e->max_scan_size > e->max_file_size ? e->max_scan_size
		    : e->max_file_size,
	};

	switch (sandbox_enter(&box, &s->trouble)) {
	case SANDBOX_FAILED:
		return -1;
	case SANDBOX_NO_LANDLOCK:
	case SANDBOX_FULL:
		return sandbox_memory(s->memory, s->memory + SCANNER_LOAD_MEMORY, &s->trouble);
	}
	return -1;
}

void
scanner_hush(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDERR_FILENO);
	dup2(fd, STDOUT_FILENO);
	close(fd);
}

/* All that needs rights, before the first byte of the message is read. */
static void
scanner_prepare(struct scanner *s, enum report_want first)
{
	/* The time zone and its file are asked for at the first log or temporary name otherwise. */
	setenv("TZ", "UTC0", 1);
	tzset();
	if (scanner_map(s) < 0)
		return;
	if (scanner_temp_dir(s) == 0 && scanner_needs_engine(first))
		scanner_load(s);
	scanner_warn();
	scanner_hush();
	scanner_sandbox(s, false);
}

/* A scan after mere parsing: signatures are read inside the sandbox. */
static void
scanner_load_late(struct scanner *s)
{
	if (sandbox_memory(SCANNER_LOAD_MEMORY, 0, &s->scan_trouble) == 0 &&
	    scanner_load(s) == 0)
		sandbox_memory(s->memory, 0, &s->scan_trouble);
}

static void
scanner_scan(struct scanner *s, struct report *report)
{
	scanner_judge(s->engine, &s->scan_settings, s->message, s->mime, report);
	free(s->viruses);
	s->viruses = report->status == REPORT_INFECTED
	    ? mem_copy(buf_view(&report->lines[REPORT_SCAN_VIRUS])) : NULL;
}

/* Beside the verdict for the log: how many parts, and what reading them took. */
static void
scanner_parse_message(struct scanner *s, enum report_want want, struct report *report)
{
	const int64_t begun = clock_us();

	if (!s->mime)
		s->mime = mime_open(s->message);
	if (want == REPORT_WANT_MIME)
		mime_report(s->mime, report);
	report->parts = mime_parts(s->mime);
	report->us[REPORT_STAGE_PARSE] = (uint32_t)(clock_us() - begun);
}

/* 1: a patch follows; 0: the report is the answer; -1: the socket has ended within the request. */
static int
scanner_answer(struct scanner *s, enum report_want want, struct report *report,
    struct patch *patch)
{
	struct cl_engine *engine = scanner_needs_engine(want) ? s->engine : NULL;
	int64_t begun;

	if (s->trouble.kind != FAIL_NONE)
		report_worse(report, REPORT_ERROR, s->trouble.text);
	else if (scanner_needs_engine(want) && s->scan_trouble.kind != FAIL_NONE)
		report_worse(report, REPORT_ERROR, s->scan_trouble.text);
	if (want == REPORT_WANT_STRIP)
		return scanner_parts_strip(s->message, SCANNER_SOCKET, report, patch) < 0 ? -1
		    : report->status != REPORT_ERROR;
	if (report->status == REPORT_ERROR)
		return 0;
	scanner_parse_message(s, want, report);
	begun = clock_us();
	if (want == REPORT_WANT_SCAN)
		scanner_scan(s, report);
	else if (want == REPORT_WANT_PARTS || want == REPORT_WANT_VERDICTS)
		scanner_parts_list(s->message, engine, &s->scan_settings, s->viruses, report);
	else if (want != REPORT_WANT_MIME)
		scanner_parts_flatten(s->message, s->mime, engine, &s->scan_settings, report,
		    patch);
	report->us[REPORT_STAGE_SCAN] = (uint32_t)(clock_us() - begun);
	return patch->n > 0 && report->status != REPORT_ERROR;
}

/* One question.  The alarm is for a parser that never ends: death is an error, not a verdict.  It
 * does not run while signatures are read, which takes as long as they are many. */
int
scanner_turn(struct scanner *s, enum report_want want)
{
	struct report report;
	struct patch patch;
	int rc;

	if (scanner_needs_engine(want) && !s->engine && s->trouble.kind == FAIL_NONE &&
	    s->scan_trouble.kind == FAIL_NONE)
		scanner_load_late(s);
	report_init(&report);
	patch_init(&patch);
	alarm((unsigned)(s->scan_settings.timeout + s->grace));
	rc = scanner_answer(s, want, &report, &patch);
	alarm(0);
	s->said = report.status;
	if (rc >= 0 && report_send(SCANNER_SOCKET, &report) < 0)
		rc = -1;
	if (rc > 0)
		rc = patch_send(SCANNER_SOCKET, &patch);
	report_clear(&report);
	patch_clear(&patch);
	return rc;
}

int
main(int argc, char **argv)
{
	struct fail why = { 0 };
	enum report_want want;
	struct scanner s;

	title_init(argc, argv);
	log_open("bivalve-scan", true);
	if (scanner_parse(&s, argc, argv) < 0)
		return EX_USAGE;
	if (getuid() == 0 || geteuid() == 0) {
		log_error("refuses to read mail as root; see scan_user in bivalve.conf(5)");
		return EX_TEMPFAIL;
	}
	if (s.serve)
		return scanner_serve(&s);
	/* Whatever our parent forgot to close would be open to an exploit. */
	close_range(SCANNER_SOCKET + 1, ~0u, 0);
	signal(SIGPIPE, SIG_IGN);
	if (sandbox_prepare(&why) < 0) {
		log_error("%s", why.text);
		return EX_TEMPFAIL;
	}
	if (!scanner_next(&want))
		return EX_OK;
	scanner_prepare(&s, want);
	do
		if (scanner_turn(&s, want) < 0)
			break;
	while (scanner_next(&want));
	/* The temporary directory is the parent's to remove (tempdir.h).  Nothing else is left to
	 * do, and what libraries do at exit is of no use in the sandbox. */
	_exit(EX_OK);
}
