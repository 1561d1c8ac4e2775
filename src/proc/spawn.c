#include "proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/undo.h"

/* In two steps, for one may stand where another belongs. */
static int
spawn_descriptors(const int *keep, size_t n)
{
	int high[SPAWN_KEEP_MAX];

	for (size_t i = 0; i < n; i++) {
		high[i] = fcntl(keep[i], F_DUPFD_CLOEXEC, SPAWN_FIRST + SPAWN_KEEP_MAX);
		if (high[i] < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (dup3(high[i], SPAWN_FIRST + (int)i, O_CLOEXEC) < 0)
			return -1;
	return close_range(SPAWN_FIRST + (unsigned)n, ~0U, 0);
}

static void
spawn_signals(void)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGCHLD, SIGPIPE, SIGALRM,
		SIGUSR1 };
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		sigaction(ours[i], &usual, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t
spawn_child(const int *keep, size_t n)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	undo_forget_all();
	log_close();
	spawn_signals();
	if (spawn_descriptors(keep, n) < 0) {
		log_error("descriptors of a new process: %s", strerror(errno));
		_exit(EX_TEMPFAIL);
	}
	return 0;
}
