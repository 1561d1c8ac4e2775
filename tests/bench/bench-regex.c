/* layer: recipe */
/*
 * bench-regex.c - how fast conditions are, beside an installed procmail.
 *
 * Prints a table; never fails. Figures are milliseconds of processor time a condition: ours with
 * the regex made and searched once, as a delivery does it; of procmail the time of a run with the
 * conditions less that of a run without.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "recipe/regex.h"

#define BENCH_BODY (1024 * 1024)
#define BENCH_CONDITIONS 1000
#define BENCH_PROCMAIL_SECONDS 20

static uint32_t bench_seed = 1;

static unsigned
bench_random(unsigned below)
{
	bench_seed = bench_seed * 1664525U + 1013904223U;
	return (bench_seed >> 8) % below;
}

static double
bench_cpu(int who)
{
	struct rusage ru;

	getrusage(who, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

static void
bench_word(struct buf *b)
{
	static const char *const common[] = { "the", "and", "of", "mail", "you", "please", "for",
	    "report", "in", "is", "message", "that", "meeting", "we", "with", "account" };

	if (bench_random(2)) {
		buf_str(b, common[bench_random(sizeof common / sizeof common[0])]);
		return;
	}
	for (unsigned n = 2 + bench_random(9); n > 0; n--)
		buf_byte(b, "etaoinshrdlucmfwypvbgkjqxz"[bench_random(1 + bench_random(26))]);
}

/* Text of words in lines of 60 to 80 characters. */
static void
bench_prose(struct buf *b, size_t size)
{
	size_t column = 0, was;

	while (b->len < size) {
		was = b->len;
		bench_word(b);
		column += b->len - was + 1;
		buf_byte(b, column > 65 ? '\n' : ' ');
		if (column > 65)
			column = 0;
	}
}

/* The kinds of conditions that are found in the rcfiles of people who filter by words: 1 and 2
 * stand for words, 0 for a number. */
static const char *const bench_shapes[] = { "120", "^1: .*20", "()\\<1 20\\>", "(1|2)[0-9]+0",
    "1.*20", "(http|https)://[^ ]*120", "1[-_ ]?20$", "^Subject: *\\/.*120" };

static struct buf
bench_condition(size_t kind)
{
	const char *s = bench_shapes[kind % (sizeof bench_shapes / sizeof bench_shapes[0])];
	struct buf b = BUF_INIT;

	for (; *s; s++) {
		if (*s == '1' || *s == '2')
			bench_word(&b);
		else if (*s == '0')
			buf_printf(&b, "%u", bench_random(90) + 10);
		else
			buf_byte(&b, *s);
	}
	return b;
}

static double
bench_ours(const struct buf *patterns, size_t n, const struct buf *body, unsigned *held)
{
	struct regex_text text = { { buf_view(body) }, 1 };
	double start = bench_cpu(RUSAGE_SELF);
	size_t from, to;

	*held = 0;
	for (size_t i = 0; i < n; i++) {
		struct regex *re = regex_new(buf_view(&patterns[i]), false, NULL, NULL);

		*held += regex_search(re, &text, &from, &to);
		regex_free(&re);
	}
	return bench_cpu(RUSAGE_SELF) - start;
}

static void
bench_write(const char *dir, const char *name, const struct buf *b)
{
	struct buf path = BUF_INIT;
	FILE *f;

	buf_printf(&path, "%s/%s", dir, name);
	f = fopen(path.p, "w");
	if (f) {
		fwrite(b->p, 1, b->len, f);
		fclose(f);
	}
	buf_clear(&path);
}

static void
bench_child(const char *dir)
{
	char procmail[] = "procmail", rc[] = "./rc", *const argv[] = { procmail, rc, NULL };
	char path[] = "PATH=/bin:/usr/bin", home[] = "HOME=/", name[] = "LOGNAME=nobody";
	char *const env[] = { path, home, name, NULL };

	if (chdir(dir) != 0 || !freopen("msg", "r", stdin) || !freopen("/dev/null", "w", stderr))
		_exit(1);
	if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		_exit(1);
	setrlimit(RLIMIT_CPU, &(struct rlimit){ BENCH_PROCMAIL_SECONDS, BENCH_PROCMAIL_SECONDS });
	execvpe(argv[0], argv, env);
	_exit(127);
}

/* Processor seconds of one run of procmail, or -1. */
static double
bench_run_procmail(const char *dir)
{
	double start = bench_cpu(RUSAGE_CHILDREN);
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		bench_child(dir);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	if (WIFSIGNALED(status))
		return BENCH_PROCMAIL_SECONDS;
	return status == 0 ? bench_cpu(RUSAGE_CHILDREN) - start : -1;
}

static double
bench_procmail(const struct buf *patterns, size_t n, const struct buf *body)
{
	char dir[] = "/tmp/bench-regex.XXXXXX";
	struct buf rc = BUF_INIT, msg = BUF_INIT, clean = BUF_INIT;
	double without, with;

	if (!mkdtemp(dir) || chmod(dir, 0755) != 0)
		return -1;
	buf_str(&msg, "From: a\n\n");
	buf_bytes(&msg, buf_view(body));
	bench_write(dir, "msg", &msg);
	buf_str(&rc, "LINEBUF=70000\nDEFAULT=/dev/null\n");
	bench_write(dir, "rc", &rc);
	without = bench_run_procmail(dir);
	for (size_t i = 0; i < n; i++)
		buf_printf(&rc, ":0 B\n* %s\n{ }\n", patterns[i].p);
	bench_write(dir, "rc", &rc);
	with = bench_run_procmail(dir);
	buf_printf(&clean, "%s/msg", dir);
	unlink(clean.p);
	buf_cut(&clean, 0);
	buf_printf(&clean, "%s/rc", dir);
	unlink(clean.p);
	rmdir(dir);
	buf_clear(&clean);
	buf_clear(&rc);
	buf_clear(&msg);
	return with < 0 || without < 0 ? -1 : with - without;
}

static void
bench_line(const char *what, const struct buf *patterns, size_t n, const struct buf *body)
{
	unsigned held;
	double ours = bench_ours(patterns, n, body, &held);
	double theirs = bench_procmail(patterns, n, body);

	printf("%-34.34s %5u/%-5zu %10.3f", what, held, n, ours * 1e3 / (double)n);
	if (theirs >= BENCH_PROCMAIL_SECONDS - 1)
		printf(" %10s %8s\n", "endless", "-");
	else if (theirs >= 0)
		printf(" %10.3f %7.1fx\n", theirs * 1e3 / (double)n, theirs / ours);
	else
		printf(" %10s %8s\n", "-", "-");
	fflush(stdout);
}

static void
bench_one(const char *pattern, const struct buf *body)
{
	struct buf b = BUF_INIT;

	buf_str(&b, pattern);
	bench_line(pattern, &b, 1, body);
	buf_clear(&b);
}

static void
bench_hostile(void)
{
	static const char *const hostile[] = { "(a+)+$b", "(a|a)*b", "(.*)*x", "(.*,)*z",
	    "(.+|.*)+x", "(a?a?a?a?a?a?a?a?)*b$", "(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)"
	    "(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)c", "^\\/(.|$)*x", ".*\\/.*x" };
	struct buf line = BUF_INIT, mixed = BUF_INIT;

	for (size_t i = 0; i < BENCH_BODY; i++) {
		buf_byte(&line, 'a');
		buf_byte(&mixed, "ab"[bench_random(2)]);
	}
	printf("hostile, on a line of 1 MB of a\n");
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
		bench_one(hostile[i], &line);
	printf("hostile, on a line of 1 MB of a and b\n");
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
		bench_one(hostile[i], &mixed);
	buf_clear(&line);
	buf_clear(&mixed);
}

int
main(void)
{
	struct buf *patterns = mem_array(BENCH_CONDITIONS, sizeof *patterns);
	struct buf body = BUF_INIT;
	const size_t kinds = sizeof bench_shapes / sizeof bench_shapes[0];

	bench_prose(&body, BENCH_BODY);
	printf("%-34s %11s %10s %10s %8s\n", "pattern, on a body of 1 MB", "held", "ours ms",
	    "procmail", "ratio");
	for (size_t i = 0; i < BENCH_CONDITIONS; i++)
		patterns[i] = bench_condition(i);
	bench_line("all kinds", patterns, BENCH_CONDITIONS, &body);
	for (size_t k = 0; k < kinds; k++) {
		struct buf some[50];

		for (size_t i = 0; i < 50; i++)
			some[i] = patterns[i * kinds + k];
		bench_line(bench_shapes[k], some, 50, &body);
	}
	bench_one("^TO_somebody@example", &body);
	bench_one("^FROM_DAEMON", &body);
	bench_one("[0-9]+%", &body);
	bench_one("(viagra|cialis|levitra|xanax|rolex|casino|lottery|pharmacy|diploma|refinance)",
	    &body);
	bench_one("[qxz][qxz][qxz][0-9]", &body);
	bench_hostile();
	for (size_t i = 0; i < BENCH_CONDITIONS; i++)
		buf_clear(&patterns[i]);
	free(patterns);
	buf_clear(&body);
	return 0;
}
