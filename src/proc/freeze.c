#include "proc/freeze.h"

#include <errno.h>
#include <sysexits.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/title.h"
#include "mail/spool.h"
#include "proc/drop.h"
#include "proc/spawn.h"

/* In a child: root moves no byte that a stranger sent, not even unread. */
static _Noreturn void
freeze_copy(size_t size, const struct conf *conf, const struct account *weak)
{
	const struct spool_options o = { .dir = conf->spool_dir };
	struct fail why = { 0 };

	title_set("bivalve: copy of a message");
	alarm((unsigned)conf->timeout);
	if ((weak && drop_bare(weak, &why) < 0)
	    || spool_copy(SPAWN_FIRST, size, SPAWN_FIRST + 1, &o, &why) < 0) {
		log_error("%s", why.text);
		_exit(EX_TEMPFAIL);
	}
	_exit(EX_OK);
}

static int
freeze_by_copy(int file, const struct conf *conf, const struct account *weak, struct fail *why)
{
	const struct spool_options o = { .dir = conf->spool_dir };
	int copy = spool_file(&o, why), frozen = -1, status = -1;
	struct stat st;
	pid_t pid;

	if (copy < 0 || fstat(file, &st) < 0) {
		fail_errno(why, "file for a copy of a message in %s", conf->spool_dir);
		fd_close(&copy);
		return -1;
	}
	pid = spawn_child((int[]){ file, copy }, 2);
	if (pid == 0)
		freeze_copy((size_t)st.st_size, conf, weak);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (status != 0)
		fail_temp(why, "a message cannot be copied in %s", conf->spool_dir);
	else if (fchmod(copy, 0444) < 0 || (frozen = spool_reopen(copy)) < 0)
		fail_errno(why, "copy of a message in %s", conf->spool_dir);
	fd_close(&copy);
	return frozen;
}

int
freeze_file(int file, const struct conf *conf, const struct account *weak, struct fail *why)
{
	int frozen;

	if (spool_is_settled(file))
		return file;
	frozen = freeze_by_copy(file, conf, weak, why);
	fd_close(&file);
	return frozen;
}
