#include "tools/ctllog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fd.h"
#include "proc/scanuser.h"
#include "tools/ctl.h"

#define CTLLOG_JOURNAL "/usr/bin/journalctl"

/* The older first: lines come in their order. */
static const char *const ctllog_files[] = {
	"/var/log/mail.log.1", "/var/log/mail.log", "/var/log/maillog.1", "/var/log/maillog",
};

/* ---- opened with the rights of who asks ---- */

static void
ctllog_close(struct ctllog *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->file[i] != stdin)
			fclose(l->file[i]);
	l->n = 0;
}

static int
ctllog_add(struct ctllog *l, const char *name, FILE *f, struct fail *why)
{
	if (!f)
		return fail_errno(why, errno == EACCES ? "%s (as root, or in that file's group)"
		    : "%s", name);
	l->file[l->n] = f;
	l->name[l->n++] = name;
	return 0;
}

static int
ctllog_named(struct ctllog *l, const char *const *names, size_t n, struct fail *why)
{
	if (n > CTLLOG_FILES)
		return fail_set(why, FAIL_USAGE, "more than %d logs", CTLLOG_FILES);
	for (size_t i = 0; i < n; i++) {
		FILE *f = strcmp(names[i], "-") == 0 ? stdin : fopen(names[i], "re");

		if (ctllog_add(l, names[i], f, why) < 0)
			return -1;
	}
	return 0;
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
ctllog_journal(struct ctllog *l, struct fail *why)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return fail_errno(why, "pipe");
	l->journal = fork();
	if (l->journal == 0)
		ctllog_exec(pair[1]);
	fd_close(&pair[1]);
	if (l->journal > 0 && ctllog_add(l, CTLLOG_JOURNAL, fdopen(pair[0], "r"), why) == 0)
		return 0;
	fd_close(&pair[0]);
	return fail_temp(why, "systemd's journal cannot be read with " CTLLOG_JOURNAL);
}

static int
ctllog_site(struct ctllog *l, struct fail *why)
{
	for (size_t i = 0; i < sizeof ctllog_files / sizeof *ctllog_files; i++) {
		FILE *f = fopen(ctllog_files[i], "re");

		if (!f && (errno == ENOENT || errno == ENOTDIR))
			continue;
		if (ctllog_add(l, ctllog_files[i], f, why) < 0)
			return -1;
	}
	if (l->n > 0)
		return 0;
	if (access(CTLLOG_JOURNAL, X_OK) == 0)
		return ctllog_journal(l, why);
	return fail_temp(why, "there is no log: neither /var/log/mail.log, nor /var/log/maillog, "
	    "nor systemd's journal; name the file");
}

/* A configuration with an error may be what is looked for in the log: then "nobody" will do. */
static int
ctllog_drop(struct fail *why)
{
	struct conf conf = { 0 };
	struct fail none = { 0 };
	int rc;

	if (geteuid() != 0)
		return 0;
	rc = ctl_conf(NULL, &conf, &none) == 0 ? scanuser_become(&conf, why)
	    : scanuser_nobody(why);
	conf_clear(&conf);
	return rc;
}

int
ctllog_open(struct ctllog *l, const char *const *names, size_t n, struct fail *why)
{
	*l = (struct ctllog){ 0 };
	if ((n > 0 ? ctllog_named(l, names, n, why) : ctllog_site(l, why)) == 0
	    && ctllog_drop(why) == 0)
		return 0;
	ctllog_close(l);
	return -1;
}

/* ---- read with those of scan_user ---- */

int
ctllog_read(struct ctllog *l, void (*call)(void *context, FILE *f), void *context,
    struct fail *why)
{
	int status = 0;

	for (size_t i = 0; i < l->n && why->kind == FAIL_NONE; i++) {
		call(context, l->file[i]);
		if (ferror(l->file[i]))
			fail_errno(why, "%s", l->name[i]);
	}
	ctllog_close(l);
	while (l->journal > 0 && waitpid(l->journal, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0 && why->kind == FAIL_NONE)
		fail_temp(why, "systemd's journal cannot be read with " CTLLOG_JOURNAL);
	return why->kind == FAIL_NONE ? 0 : -1;
}
