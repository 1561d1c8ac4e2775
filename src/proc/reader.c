#include "proc/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "core/message.h"
#include "flow/inspect.h"
#include "mail/spool.h"
#include "proc/direct.h"

#define READER_GRACE 60   /* seconds behind the scanner's two attempts */

struct reader {
	struct message message;
	struct inspect inspect;
	int parts, verdict;    /* memfds, -1 as long as nobody has asked */
	bool no_parts;         /* asked, and there was no answer */
};

static int
reader_seal(const struct report *r)
{
	int fd = memfd_create("report", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (report_send(fd, r) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK
	    | F_SEAL_GROW | F_SEAL_WRITE) < 0))
		fd_close(&fd);
	if (fd < 0)
		log_error("the scanner's report cannot be held: %s", strerror(errno));
	return fd;
}

/* The parts alone: that they are known does not depend on the verdict. */
static int
reader_seal_parts(struct report *r)
{
	const enum report_status judged = r->status;
	int fd;

	r->status = REPORT_NONE;
	fd = reader_seal(r);
	r->status = judged;
	return fd;
}

/* Who gets a report gets a descriptor of his own: the place it is read from is not shared. */
static int
reader_report(struct reader *r, unsigned char want)
{
	struct fail why = { 0 };

	if (want == REPORT_WANT_MIME && r->parts < 0 && !r->no_parts) {
		r->no_parts = inspect_parts(&r->inspect, &r->message, &why) < 0;
		if (r->no_parts)
			log_error("%s", why.text);
		else
			r->parts = reader_seal_parts(&r->inspect.report);
	}
	if (want == REPORT_WANT_SCAN && r->verdict < 0) {
		inspect_scan(&r->inspect, &r->message);
		r->verdict = reader_seal(&r->inspect.report);
	}
	return spool_reopen(want == REPORT_WANT_MIME ? r->parts : r->verdict);
}

void
reader_run(const struct conf *conf, const struct account *account, int sock, int message_fd)
{
	struct spool_options spool = { conf->spool_dir, (size_t)conf->spool_memory << 10, 0 };
	struct store *store = store_from_fd(message_fd);
	struct reader r = { .parts = -1, .verdict = -1 };
	struct services services;
	unsigned char want;
	int asker, report;

	if (!store)
		log_error("the message cannot be mapped: %s", strerror(errno));
	if (!store)
		_exit(EX_TEMPFAIL);
	message_set(&r.message, store);
	direct_services(&services, conf, account);
	inspect_init(&r.inspect, &services, &spool, conf->scan_timeout, conf->scan_wait);
	while (fd_recv(sock, &want, 1, &asker) == 1) {
		report = reader_report(&r, want);
		/* Nobody waits for an asker that has filled its socket. */
		if (report >= 0 && asker >= 0 && fd_send_now(asker, "Y", 1, report) < 0)
			log_warning("a report cannot be handed on: %s", strerror(errno));
		fd_close(&report);
		fd_close(&asker);
	}
	_exit(EX_OK);
}

int
reader_take(int sock, const struct conf *conf, struct fail *why)
{
	/* Loading signatures has a scan's time again, and there are two attempts. */
	struct timeval limit = { .tv_sec = 4 * conf->scan_timeout + READER_GRACE };
	char byte;
	int fd = -1;

	if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0
	    && fd_recv(sock, &byte, 1, &fd) == 1 && fd >= 0)
		return fd;
	fd_close(&fd);
	return fail_set(why, FAIL_SCAN, "the message could not be parsed or scanned for its "
	    "recipients");
}
