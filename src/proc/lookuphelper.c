#include "proc/lookuphelper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/undo.h"

#define LOOKUPHELPER_NAME "bivalve-lookup"
#define LOOKUPHELPER_WORDS 40

/* Beside this program in a build tree, else where make install put it. */
static const char *
lookuphelper_path(char *room, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", room, size - 1);
	char *slash;

	if (n > 0) {
		room[n] = '\0';
		slash = strrchr(room, '/');
		if (slash && (size_t)(slash - room) + sizeof "/" LOOKUPHELPER_NAME <= size) {
			snprintf(slash, size - (size_t)(slash - room), "/%s", LOOKUPHELPER_NAME);
			if (access(room, X_OK) == 0)
				return room;
		}
	}
	return LIBEXECDIR "/" LOOKUPHELPER_NAME;
}

static _Noreturn void
lookuphelper_exec(const struct conf *c, bool own, char *const *words)
{
	static const char *const environ_clean[] = { "TZ=UTC0", "PATH=/usr/bin:/bin", NULL };
	char room[4096], expire[24], timeout[24];
	const char *argv[LOOKUPHELPER_WORDS + 1] = { LOOKUPHELPER_NAME, "--blocklist", c->blocklist,
		"--expire", expire, "--exempt", c->blocklist_exempt, "--dns-servers",
		c->dns_servers, "--dns-timeout", timeout };
	const char *path = lookuphelper_path(room, sizeof room);
	size_t n = 0;

	snprintf(expire, sizeof expire, "%ld", c->blocklist_expire);
	snprintf(timeout, sizeof timeout, "%ld", c->dns_timeout);
	while (argv[n])
		n++;
	if (own)
		argv[n++] = "--own";
	for (; words && *words && n < LOOKUPHELPER_WORDS; words++)
		argv[n++] = *words;
	argv[n] = NULL;
	execve(path, (char *const *)(size_t)argv, (char *const *)(size_t)environ_clean);
	log_error("look-ups: %s cannot be started: %s; is bivalve installed whole?", path,
	    strerror(errno));
	_exit(EX_TEMPFAIL);
}

void
lookuphelper_become(const struct conf *conf, bool own, int sock)
{
	int low = fcntl(sock, F_DUPFD, 10), null = open("/dev/null", O_RDWR);

	undo_forget_all();
	if (low < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0
	    || dup2(low, 3) < 0 || close_range(4, ~0U, 0) < 0) {
		log_error("look-ups: descriptors: %s", strerror(errno));
		_exit(EX_TEMPFAIL);
	}
	signal(SIGCHLD, SIG_DFL);
	/* It outlives no delivery. */
	alarm((unsigned)conf->timeout);
	lookuphelper_exec(conf, own, NULL);
}

int
lookuphelper_start(const struct conf *conf, struct fail *why)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(why, "socket to a look-up process");
	pid = fork();
	if (pid == 0) {
		fd_close(&pair[0]);
		lookuphelper_become(conf, true, pair[1]);
	}
	fd_close(&pair[1]);
	if (pid < 0) {
		fail_errno(why, "look-up process");
		fd_close(&pair[0]);
	}
	return pair[0];
}

void
lookuphelper_command(const struct conf *conf, char *const *words)
{
	lookuphelper_exec(conf, true, words);
}
