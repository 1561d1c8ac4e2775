/*
 * ask - start bivalve-scan as bivalve does, ask it, print the answer.
 *
 *	ask [-k MS] WANTS MESSAGE SCANNER [OPTION...]
 *
 * WANTS is a string of M and S, each a request.  Prints "status: ...", "reason: ..." and every line
 * of the answer as "key: line", then "time: MS"; "died: N" if a signal ended the scanner, "exit: N"
 * if its status was not 0; "swept: no" if its temporary directory could not be removed.  -k kills
 * the scanner MS milliseconds after the request.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "base/tempdir.h"
#include "core/report.h"

static double
ask_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
ask_print(const struct report *r)
{
	printf("status: %s\n", report_status_name(r->status));
	if (r->reason[0])
		printf("reason: %s\n", r->reason);
	for (int i = 0; i < REPORT_KEYS; i++) {
		struct bytes rest = buf_view(&r->lines[i]), line;

		while (bytes_line(&rest, &line))
			printf("%s: %.*s\n", report_key_name(i), (int)line.len, line.p);
	}
}

static pid_t
ask_start(const char *message, int sock, char **argv)
{
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	fd = open(message, O_RDONLY);
	if (fd < 0 || dup2(fd, 0) < 0 || dup2(sock, 3) < 0)
		_exit(71);
	if (fd > 3)
		close(fd);
	execv(argv[0], argv);
	_exit(71);
}

static void
ask_all(int sock, const char *wants, pid_t pid, long kill_after)
{
	struct report r;
	struct fail why = { 0 };

	report_init(&r);
	for (; *wants; wants++) {
		if (fd_write_all(sock, wants, 1) < 0)
			break;
		if (kill_after >= 0) {
			usleep((useconds_t)kill_after * 1000);
			kill(pid, SIGKILL);
		}
		if (report_receive(sock, &r, &why) < 0)
			break;
	}
	if (why.kind != FAIL_NONE)
		printf("status: none\nreason: %s\n", why.text);
	else
		ask_print(&r);
	report_clear(&r);
}

int
main(int argc, char **argv)
{
	long kill_after = -1;
	const char *temp = "/tmp";
	int opt, pair[2], status;
	double start;
	pid_t pid;

	while ((opt = getopt(argc, argv, "+k:")) != -1)
		if (opt != 'k' || !str_long(optarg, 0, 1 << 30, &kill_after))
			return 64;
	if (argc - optind < 3 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return 64;
	for (int i = optind; i + 1 < argc; i++)
		if (strcmp(argv[i], "--temp-dir") == 0)
			temp = argv[i + 1];
	signal(SIGPIPE, SIG_IGN);
	start = ask_now();
	pid = ask_start(argv[optind + 1], pair[1], argv + optind + 2);
	if (pid < 0)
		return 71;
	close(pair[1]);
	ask_all(pair[0], argv[optind], pid, kill_after);
	printf("time: %.1f\n", ask_now() - start);
	close(pair[0]);
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("died: %d\n", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		printf("exit: %d\n", WEXITSTATUS(status));
	if (tempdir_sweep(temp, pid) < 0)
		printf("swept: no\n");
	return 0;
}
