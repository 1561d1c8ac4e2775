#include "proc/direct.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "proc/helper.h"
#include "proc/lookuphelper.h"
#include "proc/parent.h"
#include "proc/resident.h"

static struct direct {
	const struct conf *conf;
	const struct account *account;
} direct;

static int
direct_pair(int type, int pair[2], struct fail *why)
{
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(why, "socket to a helper process");
	return 0;
}

static int
direct_scanner(void *ctx, int message_fd, struct fail *why)
{
	struct direct *d = ctx;
	bool absent;
	int pair[2], sock = resident_scanner(d->conf, message_fd, &absent, why);
	pid_t pid;

	if (!absent)
		return sock;
	if (direct_pair(SOCK_STREAM, pair, why) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		fd_close(&pair[0]);
		helper_scanner(d->conf, pair[1]);
	}
	fd_close(&pair[1]);
	if (pid < 0)
		fail_errno(why, "scanner process");
	if (pid < 0 || helper_hand_message(pair[0], message_fd, why) < 0)
		fd_close(&pair[0]);
	return pair[0];
}

/* A person who has no administrator is his own: below his home, unless he names a place. */
static void
direct_quarantine_dir(struct direct *d, struct buf *out)
{
	static const char *const levels[] = { "/.local", "/.local/state", "/.local/state/bivalve" };

	if (*d->conf->quarantine) {
		buf_str(out, d->conf->quarantine);
		return;
	}
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		buf_cut(out, 0);
		buf_printf(out, "%s%s", d->account->home, levels[i]);
		if (mkdir(out->p, 0700) < 0 && errno != EEXIST)
			log_warning("quarantine: %s: %s", out->p, strerror(errno));
	}
	buf_str(out, "/quarantine");
}

static int
direct_quarantine(void *ctx, const struct quarantine_entry *e, int message_fd,
    char id_r[QUARANTINE_ID_SIZE], struct fail *why)
{
	struct direct *d = ctx;
	struct buf dir = BUF_INIT;
	int pair[2], rc;
	pid_t pid;

	if (direct_pair(SOCK_SEQPACKET, pair, why) < 0)
		return -1;
	direct_quarantine_dir(d, &dir);
	pid = fork();
	if (pid == 0) {
		fd_close(&pair[0]);
		helper_quarantine(dir.p, pair[1]);
	}
	fd_close(&pair[1]);
	rc = pid < 0 ? fail_errno(why, "quarantine process")
	    : helper_ask_quarantine(pair[0], e, message_fd, id_r, why);
	fd_close(&pair[0]);
	buf_clear(&dir);
	return rc;
}

static int
direct_make_mailbox(void *ctx, struct fail *why)
{
	(void)ctx;
	(void)why;
	return 0; /* without root's rights there is nothing to do before it is tried */
}

static int
direct_lookup(void *ctx, bool own, struct fail *why)
{
	struct direct *d = ctx;

	(void)own;
	return lookuphelper_start(d->conf, why);
}

void
direct_services(struct services *s, const struct conf *conf, const struct account *account)
{
	direct = (struct direct){ conf, account };
	*s = (struct services){ .ctx = &direct, .scanner = direct_scanner,
		.quarantine = direct_quarantine, .make_mailbox = direct_make_mailbox,
		.still_there = parent_still_there, .cloning = parent_share,
		.lookup = direct_lookup };
}
