#include "proc/request.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "proc/helper.h"
#include "proc/lookuphelper.h"
#include "proc/parent.h"
#include "proc/permit.h"
#include "proc/resident.h"

static int request_sock = -1;

/* Sends a request with one end of a fresh socket pair; the other end is returned. */
static int
request_ask(enum permit_request request, int type, struct fail *why)
{
	unsigned char byte = (unsigned char)request;
	int pair[2], rc;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(why, "socket for a request");
	rc = fd_send(request_sock, &byte, 1, pair[1]);
	if (rc < 0)
		fail_errno(why, "the process with root's rights cannot be asked");
	fd_close(&pair[1]);
	if (rc < 0)
		fd_close(&pair[0]);
	return pair[0];
}

static int
request_scanner(void *ctx, int message_fd, struct fail *why)
{
	const struct conf *conf = ctx;
	bool absent;
	int sock = resident_scanner(conf, message_fd, &absent, why);

	if (!absent)
		return sock;
	sock = request_ask(PERMIT_SCANNER, SOCK_STREAM, why);
	if (sock >= 0 && helper_hand_message(sock, message_fd, why) < 0)
		fd_close(&sock);
	return sock;
}

static int
request_quarantine(void *ctx, const struct quarantine_entry *e, int message_fd,
    char id_r[QUARANTINE_ID_SIZE], struct fail *why)
{
	int sock = request_ask(PERMIT_QUARANTINE, SOCK_SEQPACKET, why), rc;

	(void)ctx;
	if (sock < 0)
		return -1;
	rc = helper_ask_quarantine(sock, e, message_fd, id_r, why);
	fd_close(&sock);
	return rc;
}

static int
request_mailbox(void *ctx, struct fail *why)
{
	int sock = request_ask(PERMIT_MAILBOX, SOCK_SEQPACKET, why);
	char answer = 'N';
	ssize_t n;

	(void)ctx;
	if (sock < 0)
		return -1;
	n = fd_read_full(sock, &answer, 1);
	fd_close(&sock);
	return n == 1 && answer == 'Y' ? 0
	    : fail_temp(why, "the system mailbox cannot be made (the log has the reason)");
}

static int
request_lookup(void *ctx, bool own, struct fail *why)
{
	if (own)
		return lookuphelper_start(ctx, why);
	return request_ask(PERMIT_LOOKUP, SOCK_SEQPACKET, why);
}

void
request_services(struct services *s, const struct conf *conf, int sock)
{
	request_sock = sock;
	*s = (struct services){ .ctx = (void *)(size_t)conf, .scanner = request_scanner,
		.quarantine = request_quarantine, .make_mailbox = request_mailbox,
		.still_there = parent_still_there, .cloning = parent_share,
		.lookup = request_lookup, .for_others = true };
}
