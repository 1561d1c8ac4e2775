/*
 * measure.c - measure ROUNDS INPUT CLEAN A B: runs two shell-free command lines in turn, so that
 * whatever else the machine does meets both alike, and compares them.
 *
 * A and B are files with one argument a line.  INPUT is their standard input.  After each run the
 * files below the directory CLEAN are removed; directories stay.  Prints for A and then for B: median
 * milliseconds of CPU and of wall time, and peak memory in KB of the largest process; then the ratios
 * B/A.  Wall time ends when the command has ended and closed standard output, as an MTA waits for
 * it.  CPU and memory count all processes it has started, also those it has left behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGS_MAX 64
#define ROUNDS_MAX 2000

struct contender {
	char *argv[ARGS_MAX];
	double cpu[ROUNDS_MAX], wall[ROUNDS_MAX];   /* milliseconds */
	long peak;                                  /* KB */
};

static void
die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
read_arguments(struct contender *c, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int n = 0;

	if (!f)
		die(path);
	while (n < ARGS_MAX - 1 && (len = getline(&line, &size, f)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		c->argv[n++] = line;
		line = NULL;
		size = 0;
	}
	free(line);
	fclose(f);
}

static double
milliseconds(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static _Noreturn void
become(struct contender *c, const char *input, int out)
{
	int fd = open(input, O_RDONLY);

	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
		_exit(126);
	close(fd);
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(126);
	close(out);
	execv(c->argv[0], c->argv);
	_exit(127);
}

/* Until nobody can write there any more; what is said is of no interest. */
static void
wait_for_end(int fd)
{
	char room[4096];

	while (read(fd, room, sizeof room) > 0)
		;
	close(fd);
}

static void
run(struct contender *c, int round, const char *input)
{
	struct timespec from, to;
	struct rusage used;
	int out[2], status;
	pid_t pid, left;

	if (pipe2(out, O_CLOEXEC) < 0)
		die("pipe");
	clock_gettime(CLOCK_MONOTONIC, &from);
	if ((pid = fork()) < 0)
		die("fork");
	if (pid == 0)
		become(c, input, out[1]);
	close(out[1]);
	wait_for_end(out[0]);
	if (wait4(pid, &status, 0, &used) < 0)
		die("wait4");
	clock_gettime(CLOCK_MONOTONIC, &to);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "measure: %s: status %#x\n", c->argv[0], (unsigned)status);
		exit(1);
	}
	c->cpu[round] = 0;
	c->wall[round] = (double)(to.tv_sec - from.tv_sec) * 1e3
	    + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
	/* What it has left behind is ours now. */
	do {
		c->cpu[round] += milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
		if (used.ru_maxrss > c->peak)
			c->peak = used.ru_maxrss;
		left = wait4(-1, &status, 0, &used);
	} while (left > 0);
}

static int
remove_file(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)where;
	if (type == FTW_F && unlink(path) < 0)
		die(path);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, compare);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

int
main(int argc, char **argv)
{
	static struct contender c[2];
	double cpu[2], wall[2];
	int rounds;

	if (argc != 6 || (rounds = (int)strtol(argv[1], NULL, 10)) < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: measure ROUNDS INPUT CLEAN A B\n");
		return 64;
	}
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		die("prctl");
	for (int i = 0; i < 2; i++)
		read_arguments(&c[i], argv[4 + i]);
	for (int round = -1; round < rounds; round++)   /* the first one warms the caches */
		for (int i = 0; i < 2; i++) {
			int which = (round + i) & 1;

			run(&c[which], round < 0 ? 0 : round, argv[2]);
			nftw(argv[3], remove_file, 16, FTW_DEPTH | FTW_PHYS);
		}
	for (int i = 0; i < 2; i++) {
		cpu[i] = median(c[i].cpu, rounds);
		wall[i] = median(c[i].wall, rounds);
		printf("%8.2f %8.2f %7ld ", cpu[i], wall[i], c[i].peak);
	}
	printf("%6.2f %5.2f %5.2f\n", cpu[1] / cpu[0], wall[1] / wall[0],
	    (double)c[1].peak / (double)c[0].peak);
	return 0;
}
