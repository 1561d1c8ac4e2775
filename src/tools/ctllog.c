#include "tools/ctllog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fd.h"

#define CTLLOG_JOURNAL "/usr/bin/journalctl"

/* The older first: lines come in their order. */
static const char *const ctllog_files[] = {
	"/var/log/mail.log.1", "/var/log/mail.log", "/var/log/maillog.1", "/var/log/maillog",
};

/* 1: read; 0: not there. */
static int
ctllog_file(const char *path, void (*call)(void *, FILE *), void *context, struct fail *why)
{
	FILE *f = fopen(path, "re");

	if (!f && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!f)
		return fail_errno(why, errno == EACCES ? "%s (as root, or in that file's group)"
		    : "%s", path);
	call(context, f);
	if (ferror(f))
		fail_errno(why, "%s", path);
	fclose(f);
	return why->kind == FAIL_NONE ? 1 : -1;
}

static _Noreturn void
ctllog_exec(int out)
{
	int null = open("/dev/null", O_RDWR);

	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execl(CTLLOG_JOURNAL, "journalctl", "--quiet", "--no-pager", "--output=short-iso",
		    "--facility=mail", (char *)NULL);
	_exit(EX_UNAVAILABLE);
}

static int
ctllog_journal(void (*call)(void *, FILE *), void *context, struct fail *why)
{
	int pair[2], status = 0;
	FILE *f = NULL;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return fail_errno(why, "pipe");
	pid = fork();
	if (pid == 0)
		ctllog_exec(pair[1]);
	fd_close(&pair[1]);
	if (pid > 0 && (f = fdopen(pair[0], "r")) != NULL)
		call(context, f);
	if (f)
		fclose(f);
	else
		fd_close(&pair[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || !f || status != 0)
		return fail_temp(why, "systemd's journal cannot be read with " CTLLOG_JOURNAL);
	return 0;
}

int
ctllog_each(void (*call)(void *context, FILE *f), void *context, struct fail *why)
{
	int found = 0;

	for (size_t i = 0; i < sizeof ctllog_files / sizeof *ctllog_files; i++) {
		int rc = ctllog_file(ctllog_files[i], call, context, why);

		if (rc < 0)
			return -1;
		found += rc;
	}
	if (found > 0)
		return 0;
	if (access(CTLLOG_JOURNAL, X_OK) == 0)
		return ctllog_journal(call, context, why);
	return fail_temp(why, "there is no log: neither /var/log/mail.log, nor /var/log/maillog, "
	    "nor systemd's journal; name the file");
}
