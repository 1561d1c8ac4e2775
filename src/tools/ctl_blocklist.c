/*
 * ctl_blocklist.c - bivalvectl blocklist: shows and changes the relay block list.
 *
 * The work is done by bivalve-lookup, the only program with Berkeley DB, with scan_user's rights:
 * the list is his.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "proc/lookuphelper.h"
#include "proc/scanuser.h"
#include "proc/users.h"
#include "tools/ctl.h"

#define BLOCKLIST_WORDS 24  /* addresses on one command line and what is before them */

static const char *const blocklist_words[] = {
	"list", "add", "remove", "expire", "export", "import", NULL
};

static const struct ctl_option blocklist_options[] = {
	{ 0, "config", "FILE", "configuration that names the list" },
	{ 0, "name", "HOST", "name server of an exported zone; this host" },
	{ 'o', "output", "FILE", "replace FILE, in one step, instead of printing" },
	{ 0, NULL, NULL, NULL },
};

struct blocklist_call {
	const char *config, *output;
	char host[256];
	const char *words[BLOCKLIST_WORDS + 2];
	int n;
};

extern const struct ctl_command ctl_blocklist;

static int
blocklist_parse(struct blocklist_call *b, int argc, char **argv, struct fail *why)
{
	struct ctl_scan s;
	int i;

	ctl_scan(&s, &ctl_blocklist, argc, argv);
	while ((i = ctl_next(&s, why)) != CTL_END) {
		if (i == 0)
			b->config = s.value;
		else if (i == 1)
			snprintf(b->host, sizeof b->host, "%s", s.value);
		else if (i == 2)
			b->output = s.value;
		else if (i != CTL_WORD)
			return -1;
		else if (b->n == BLOCKLIST_WORDS)
			return fail_set(why, FAIL_USAGE, "at most %d words", BLOCKLIST_WORDS);
		else
			b->words[b->n++] = s.value;
	}
	for (i = 0; b->n > 0 && blocklist_words[i]; i++)
		if (strcmp(blocklist_words[i], b->words[0]) == 0)
			break;
	if (b->n == 0 || !blocklist_words[i])
		return fail_set(why, FAIL_USAGE, "what to do: list, add, remove, expire, export or "
		    "import?");
	if (!*b->host && gethostname(b->host, sizeof b->host - 1) < 0)
		return fail_errno(why, "the name of this host");
	if (b->n == 2 && strcmp(b->words[0], "export") == 0)
		b->words[b->n++] = b->host;
	return 0;
}

/* The list's own directory, where only that is missing: nobody but scan_user writes in it. */
static int
blocklist_directory(const struct conf *conf, struct fail *why)
{
	struct account a = { 0 };
	const char *slash = strrchr(conf->blocklist, '/');
	struct buf dir = BUF_INIT;
	int rc = users_find_weak(conf, &a, why);

	buf_bytes(&dir, bytes_first(bytes_of(conf->blocklist),
	    slash ? (size_t)(slash - conf->blocklist) : 0));
	if (rc == 0 && mkdir(dir.p, 0755) == 0) {
		if (chmod(dir.p, 0755) < 0 || chown(dir.p, a.uid, a.gid) < 0)
			rc = fail_errno(why, "%s", dir.p);
	} else if (rc == 0 && errno != EEXIST) {
		rc = fail_errno(why, "%s cannot be made", dir.p);
	}
	users_clear(&a);
	buf_clear(&dir);
	return rc;
}

static _Noreturn void
blocklist_child(const struct blocklist_call *b, const struct conf *conf, int out)
{
	struct fail why = { 0 };

	if (out >= 0 && dup2(out, STDOUT_FILENO) < 0)
		fail_errno(&why, "%s", b->output);
	if (why.kind || scanuser_become(conf, &why) < 0)
		_exit(ctl_fail(&ctl_blocklist, &why));
	lookuphelper_command(conf, (char *const *)(size_t)b->words);
}

static int
blocklist_wait(const struct blocklist_call *b, const struct conf *conf, int out, struct fail *why)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		blocklist_child(b, conf, out);
	if (pid < 0)
		return fail_errno(why, "process");
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail_errno(why, "process");
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_TEMPFAIL;
}

/* Whoever reads FILE meanwhile, rbldnsd, sees the old one or the new one. */
static int
blocklist_output(const struct blocklist_call *b, const struct conf *conf, struct fail *why)
{
	struct buf temp = BUF_INIT;
	int fd, status = -1;

	buf_printf(&temp, "%s.new.%ld", b->output, (long)getpid());
	fd = open(temp.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0) {
		fail_errno(why, "%s", temp.p);
		goto out;
	}
	status = blocklist_wait(b, conf, fd, why);
	if (status == EX_OK && (fsync(fd) < 0 || rename(temp.p, b->output) < 0))
		status = fail_errno(why, "%s", b->output);
	if (status != EX_OK)
		unlink(temp.p);
out:
	fd_close(&fd);
	buf_clear(&temp);
	return status;
}

static int
blocklist_run(int argc, char **argv)
{
	struct blocklist_call b = { 0 };
	struct conf conf = { 0 };
	struct fail why = { 0 };
	int status = -1;

	if (blocklist_parse(&b, argc, argv, &why) == 0 && ctl_conf(b.config, &conf, &why) == 0
	    && (geteuid() != 0 || blocklist_directory(&conf, &why) == 0))
		status = b.output ? blocklist_output(&b, &conf, &why)
		    : blocklist_wait(&b, &conf, -1, &why);
	if (status == EX_USAGE)
		fail_set(&why, FAIL_USAGE, "not understood");
	conf_clear(&conf);
	return why.kind ? ctl_fail(&ctl_blocklist, &why) : status;
}

const struct ctl_command ctl_blocklist = {
	.name = "blocklist",
	.summary = "Shows and changes the list of relays that sent malware.",
	.usage = "list|add|remove|expire|export|import [WORD ...]",
	.options = blocklist_options,
	.words = blocklist_words,
	.run = blocklist_run,
};
