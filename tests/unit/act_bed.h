/*
 * act_bed.h - what the tests of actions share: a home of their own, settings, files to compare.
 *
 * As root everything runs as nobody, with root kept aside for the tests that need a stranger.
 */
#ifndef ACT_BED_H
#define ACT_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/act.h"
#include "base/fd.h"
#include "base/undo.h"

#define BED_NOBODY 65534

static char bed_home[] = "/tmp/test-act-XXXXXX";
static bool bed_has_root;

static struct settings bed_settings = { .locksleep = 1, .locktimeout = 1024, .timeout = 60,
	.suspend = 1, .noresretry = 1, .linebuf = 2048, .umask = 077, .shell = "/bin/sh",
	.shellflags = "-c", .sendmail = "/bin/false", .sendmailflags = "-oi",
	.msgprefix = "msg.", .lockext = ".lock" };

static char *bed_environ[] = { (char[]){ "PATH=/usr/bin:/bin" }, (char[]){ "GREETING=hello" },
	NULL };

static struct act_env bed_env = { .set = &bed_settings, .environ = bed_environ };

static inline int
bed_home_make(void **state)
{
	(void)state;
	umask(077);
	if (!mkdtemp(bed_home))
		return -1;
	if (geteuid() == 0) {
		bed_has_root = true;
		if (chown(bed_home, BED_NOBODY, BED_NOBODY) < 0
		    || setresgid(BED_NOBODY, BED_NOBODY, 0) < 0
		    || setresuid(BED_NOBODY, BED_NOBODY, 0) < 0)
			return -1;
	}
	signal(SIGPIPE, SIG_IGN);
	return chdir(bed_home);
}

static inline int
bed_home_remove(void **state)
{
	char command[sizeof bed_home + 16];
	pid_t pid;

	(void)state;
	snprintf(command, sizeof command, "%s", bed_home);
	if (bed_has_root && seteuid(0) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		execl("/bin/rm", "rm", "-rf", command, (char *)NULL);
		_exit(127);
	}
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

/* A directory of its own for each test, which becomes the current one. */
static inline int
bed_setup(void **state)
{
	static int count;
	char name[64];

	(void)state;
	umask(077);
	snprintf(name, sizeof name, "%s/%d", bed_home, count++);
	if (mkdir(name, 0700) < 0)
		return -1;
	bed_settings.locktimeout = 1024;
	bed_settings.timeout = 60;
	bed_env = (struct act_env){ .set = &bed_settings, .environ = bed_environ };
	return chdir(name);
}

static inline void
bed_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static inline void
bed_is(const char *path, const char *text)
{
	struct buf b = BUF_INIT;

	if (fd_read_file(path, 64u << 20, &b) < 0)
		fail_msg("%s: %s", path, strerror(errno));
	assert_string_equal(b.p, text);
	buf_clear(&b);
}

static inline void
bed_is_missing(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		fail_msg("%s is there", path);
	assert_int_equal(errno, ENOENT);
}

static inline int
bed_mode(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (int)(st.st_mode & 07777);
}

/* Entries of a directory without . and ..; name (of NAME_MAX + 1 bytes) gets the last one. */
static inline int
bed_entries(const char *path, char *name)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		n++;
		if (name)
			snprintf(name, 256, "%s", e->d_name);
	}
	closedir(d);
	return n;
}

#define BED_HEAD "From a@b Tue Mar 13 10:00:00 2001\nSubject: q\n\n"
#define BED_BODY "body\n"

static const struct act_job bed_job = { .head = { BED_HEAD, sizeof BED_HEAD - 1 },
	.body = { BED_BODY, sizeof BED_BODY - 1 }, .from_line = true, .content_length = -1 };

/* Delivers to up to three folders by the act that the first one's name means. */
static inline int
bed_deliver(const struct act_job *job, struct act_result *res, struct fail *why, const char *a,
    const char *b, const char *c)
{
	const char *words[4] = { a, b, c, NULL };
	struct act_job j = *job;

	j.words = words;
	*res = (struct act_result){ .folder = BUF_INIT };
	fail_clear(why);
	return act_for_folder(a)->deliver(&bed_env, &j, res, why);
}

/* The ordinary message to one folder, which must work. */
static inline void
bed_must(const char *folder, struct act_result *res)
{
	struct fail why = { 0 };

	if (bed_deliver(&bed_job, res, &why, folder, NULL, NULL) < 0)
		fail_msg("%s: %s", folder, why.text);
}

/* ... and which must not, for a temporary reason that holds these words. */
static inline void
bed_must_not(const char *folder, const char *words)
{
	struct act_result res;
	struct fail why = { 0 };

	assert_int_equal(bed_deliver(&bed_job, &res, &why, folder, NULL, NULL), -1);
	assert_int_equal(why.kind, FAIL_TEMP);
	if (!strstr(why.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, why.text);
	buf_clear(&res.folder);
}

/* Exit status of a child, 128 + signal if it died of one. */
static inline int
bed_status(pid_t pid)
{
	int st;

	assert_int_equal(waitpid(pid, &st, 0), pid);
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

#define BED_TEST(f) cmocka_unit_test_setup(f, bed_setup)

#endif
