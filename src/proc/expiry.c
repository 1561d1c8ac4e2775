#include "proc/expiry.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "proc/lookuphelper.h"
#include "proc/scanuser.h"
#include "proc/spawn.h"

#define EXPIRY_PARTS 20       /* of an entry's time pass between two looks */
#define EXPIRY_PAUSE 60000    /* ms: no longer than that */
#define EXPIRY_LIMIT 120      /* seconds; waiting for the map's lock takes 30 */

void
expiry_begin(struct expiry *x, const struct conf *conf)
{
	*x = (struct expiry){ .conf = conf };
}

static _Noreturn void
expiry_become(const struct conf *conf)
{
	static char word[] = "expire";
	static char *const words[] = { word, NULL };
	struct fail why = { 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (scanuser_become(conf, &why) < 0) {
		log_error("block list: %s", why.text);
		_exit(EX_TEMPFAIL);
	}
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0
	    || dup2(null, STDERR_FILENO) < 0)
		_exit(EX_TEMPFAIL);
	alarm(EXPIRY_LIMIT);
	lookuphelper_command(conf, words);
}

void
expiry_tend(struct expiry *x)
{
	const int64_t part = x->conf->blocklist_expire * 1000 / EXPIRY_PARTS;

	if (x->pid != 0 || clock_ms() < x->next)
		return;
	x->next = clock_ms() + (part < EXPIRY_PAUSE ? part : EXPIRY_PAUSE);
	/* Nothing to do, or another user's bivalved. */
	if (access(x->conf->blocklist, R_OK | W_OK) < 0)
		return;
	x->pid = spawn_child(NULL, 0);
	if (x->pid == 0)
		expiry_become(x->conf);
	if (x->pid < 0) {
		log_warning("block list: no process to expire it: %s; tried again",
		    strerror(errno));
		x->pid = 0;
	}
}

bool
expiry_ended(struct expiry *x, pid_t pid, int status)
{
	const bool good = WIFEXITED(status) && WEXITSTATUS(status) == EX_OK;

	if (x->pid == 0 || pid != x->pid)
		return false;
	x->pid = 0;
	/* Once, not each minute. */
	if (!good && !x->complained)
		log_warning("block list: what is old in %s cannot be taken out (status %d): "
		    "\"bivalvectl blocklist expire\" says why", x->conf->blocklist,
		    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	x->complained = !good;
	return true;
}
