#include "proc/ward.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/title.h"
#include "base/undo.h"
#include "proc/direct.h"
#include "proc/drop.h"
#include "proc/groups.h"
#include "proc/helper.h"
#include "proc/lookuphelper.h"
#include "proc/mailspool.h"
#include "proc/reader.h"
#include "proc/recipient.h"
#include "proc/request.h"
#include "proc/spawn.h"
#include "proc/users.h"

enum ward_descriptor { WARD_MESSAGE = SPAWN_FIRST, WARD_ANSWER, WARD_REQUESTS, WARD_DESCRIPTORS };

/* ---- in the delivery ---- */

static const struct conf *ward_conf;

/* The message as it came is everybody's: it is scanned once. */
static int
ward_shared(void *ctx, int message_fd, enum report_want want, int *fd_r, struct fail *why)
{
	unsigned char byte = want == REPORT_WANT_MIME ? PERMIT_PARTS : PERMIT_VERDICT;
	struct stat mine, asked;
	int pair[2];

	(void)ctx;
	if (fstat(WARD_MESSAGE, &mine) < 0 || fstat(message_fd, &asked) < 0)
		return fail_errno(why, "the message");
	if (mine.st_dev != asked.st_dev || mine.st_ino != asked.st_ino)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(why, "socket for a request");
	if (fd_send(WARD_REQUESTS, &byte, 1, pair[1]) < 0)
		fail_errno(why, "the monitor cannot be asked");
	fd_close(&pair[1]);
	*fd_r = why->kind == FAIL_NONE ? reader_take(pair[0], ward_conf, why) : -1;
	fd_close(&pair[0]);
	return *fd_r < 0 ? -1 : 1;
}

static int
ward_become(const struct ward_world *world, uint32_t uid, struct account *a, struct fail *why)
{
	if (users_find_uid(uid, a, why) < 0)
		return -1;
	if (world->weak && drop_to(a, why) < 0)
		return -1;
	if (!world->weak && a->uid != getuid())
		return fail_temp(why, "only root delivers for others");
	/* Dropping rights forgets the death signal. */
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return fail_errno(why, "delivery: prctl");
	return 0;
}

static _Noreturn void
ward_deliver(const struct ward_world *world, uint32_t uid)
{
	struct account account = { 0 };
	struct services services;
	struct fail why = { 0 };
	int message;

	alarm((unsigned)world->conf->timeout);
	if (ward_become(world, uid, &account, &why) < 0) {
		log_error("%s", why.text);
		_exit(EX_TEMPFAIL);
	}
	title_set("bivalve: delivery for %s", account.name);
	undo_on_signals();
	if (world->weak)
		request_services(&services, world->conf, WARD_REQUESTS);
	else
		direct_services(&services, world->conf, &account);
	ward_conf = world->conf;
	services.shared = ward_shared;
	message = dup(WARD_MESSAGE);
	if (message < 0)
		_exit(EX_TEMPFAIL);
	_exit(recipient_deliver(world->conf, &account, WARD_ANSWER, message, &services));
}

/* ---- in the monitor ---- */

int
ward_begin(struct ward *w, const struct ward_world *world, uint32_t uid, int message,
    int answer, time_t now, struct fail *why)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(why, "socket for a delivery");
	*w = (struct ward){ .uid = uid, .sock = pair[0], .begun_us = clock_us(), .place = -1,
		.limit = now + world->conf->timeout + world->conf->grace,
		.grace = world->conf->grace, .permit = { .shared = true } };
	groups_look();
	w->pid = spawn_child((int[]){ message, answer, pair[1] }, WARD_DESCRIPTORS - SPAWN_FIRST);
	if (w->pid == 0)
		ward_deliver(world, uid);
	fd_close(&pair[1]);
	if (w->pid > 0)
		return 0;
	fail_errno(why, "process for a delivery");
	fd_close(&w->sock);
	return -1;
}

/* With root's rights, and nothing but a number that came from the delivery. */
static _Noreturn void
ward_mailbox(const struct conf *conf, uint32_t uid, int sock)
{
	struct account a = { 0 };
	struct fail why = { 0 };

	if (users_find_uid(uid, &a, &why) < 0 || mailspool_make(conf->mail_spool, &a, &why) < 0)
		log_error("%s", why.text);
	if (fd_send_now(sock, why.kind ? "N" : "Y", 1, -1) < 0)
		_exit(EX_TEMPFAIL);
	_exit(EX_OK);
}

static void
ward_helper(const struct ward *w, const struct ward_world *world, unsigned char request, int sock)
{
	const char *dir = *world->conf->quarantine ? world->conf->quarantine
	    : STATEDIR "/quarantine";
	struct fail why = { 0 };
	pid_t pid = spawn_child(&sock, 1);

	if (pid < 0)
		log_error("helper process: %s", strerror(errno));
	if (pid != 0)
		return;
	if (request == PERMIT_MAILBOX)
		ward_mailbox(world->conf, w->uid, SPAWN_FIRST);
	if (drop_to(world->weak, &why) < 0) {
		log_error("%s", why.text);
		_exit(EX_TEMPFAIL);
	}
	if (request == PERMIT_SCANNER)
		helper_scanner(world->conf, SPAWN_FIRST);
	if (request == PERMIT_LOOKUP)
		lookuphelper_become(world->conf, false, SPAWN_FIRST);
	helper_quarantine(dir, SPAWN_FIRST);
}

enum ward_wish
ward_serve(struct ward *w, const struct ward_world *world, unsigned char *want_r, int *sock_r)
{
	unsigned char request[2];
	ssize_t n = fd_recv(w->sock, request, sizeof request, sock_r);

	if (n == 0) {
		fd_close(&w->sock);
		return WARD_OVER;
	}
	if (n != 1 || *sock_r < 0 || !permit_ask(&w->permit, request[0])) {
		fd_close(sock_r);
		log_error("a delivery for uid %lu asked for what it may not have: ended",
		    (unsigned long)w->uid);
		return WARD_UNFAIR;
	}
	if (request[0] == PERMIT_PARTS || request[0] == PERMIT_VERDICT) {
		*want_r = request[0] == PERMIT_PARTS ? REPORT_WANT_MIME : REPORT_WANT_SCAN;
		return WARD_READER;
	}
	if (world->weak)
		ward_helper(w, world, request[0], *sock_r);
	fd_close(sock_r);
	return WARD_SERVED;
}

void
ward_end(struct ward *w, time_t now)
{
	if (w->told && now < w->limit)
		return;
	if (w->pid > 0)
		kill(w->pid, w->told ? SIGKILL : SIGTERM);
	if (w->told)
		log_error("a delivery for uid %lu did not end when told to: killed",
		    (unsigned long)w->uid);
	w->told = true;
	w->limit = now + w->grace;
}
