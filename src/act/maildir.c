/*
 * maildir.c - folders with tmp, new and cur (https://cr.yp.to/proto/maildir.html).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "act/dirbox.h"
#include "act/durable.h"
#include "base/fd.h"

#define MAILDIR_HOST_MAX 128   /* bytes of the host in a name, escapes included */

/* One of the three directories, O_PATH. made is set when it was not there. */
static int
maildir_part(int folder, const char *path, const char *part, bool *made, struct fail *why)
{
	int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(folder, part, flags);

	if (fd < 0 && errno == ENOENT) {
		if (mkdirat(folder, part, 0777) < 0 && errno != EEXIST)
			return fail_errno(why, "%s/%s", path, part);
		*made = true;
		fd = openat(folder, part, flags);
	}
	return fd < 0 ? fail_errno(why, "%s/%s is not a directory of a maildir", path, part) : fd;
}

static int
maildir_open(struct dirbox *b, const struct act_env *env, const char *folder, struct fail *why)
{
	int cur = -1, fd = dirbox_open_dir(env, folder, why);
	bool made = false;

	if (fd < 0)
		return -1;
	b->dir = maildir_part(fd, folder, "new", &made, why);
	if (b->dir >= 0)
		cur = maildir_part(fd, folder, "cur", &made, why);
	if (cur >= 0)
		b->tmp = maildir_part(fd, folder, "tmp", &made, why);
	fd_close(&cur);
	if (b->tmp >= 0 && made && durable_sync_dir(fd) < 0) {
		fail_errno(why, "%s", folder);
		fd_close(&b->tmp);
	}
	if (b->tmp >= 0)
		dirbox_show_new(fd, b->further ? b->dir : b->tmp);
	fd_close(&fd);
	buf_printf(&b->path, "%s/new", strcmp(folder, "/") ? folder : "");
	return b->tmp < 0 ? -1 : 0;
}

/* The host as a name may hold it: '/' would end it, ':' begins the flags. */
static const char *
maildir_host(void)
{
	static char safe[MAILDIR_HOST_MAX];
	char host[256] = "";
	size_t n = 0;

	if (safe[0])
		return safe;
	if (gethostname(host, sizeof host - 1) < 0 || !host[0])
		snprintf(host, sizeof host, "localhost");
	for (const char *p = host; *p && n + 5 < sizeof safe; p++)
		n += (size_t)snprintf(safe + n, sizeof safe - n, *p == '/' ? "\\057" : *p == ':'
		    ? "\\072" : "%c", *p);
	return safe;
}

/* Time, microseconds, process and a count of our own: never twice on this host. */
static int
maildir_name(struct dirbox *b, const struct stat *st, unsigned attempt,
    char name[DIRBOX_NAME_SIZE])
{
	static unsigned count;
	struct timespec now;

	(void)b;
	(void)st;
	(void)attempt;
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(name, DIRBOX_NAME_SIZE, "%lld.M%06ldP%ldQ%u.%s", (long long)now.tv_sec,
	    now.tv_nsec / 1000, (long)getpid(), count++, maildir_host());
	return 0;
}

const struct dirbox_kind maildir_kind = { EMIT_MAILDIR, maildir_open, maildir_name };

static int
maildir_deliver(const struct act_env *env, const struct act_job *job, struct act_result *res,
    struct fail *why)
{
	return dirbox_deliver(&maildir_kind, env, job, res, why);
}

const struct act act_maildir = { "maildir", maildir_deliver };
