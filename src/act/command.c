#include "act/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "act/smrsh.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/undo.h"

#define COMMAND_PARTS 3
#define COMMAND_SHELL "/bin/sh"           /* for what cannot be executed, as execvp(3) has it */
#define COMMAND_PATH "/usr/bin:/bin"      /* without PATH */
#define COMMAND_GRACE 3000                /* milliseconds between TERM and KILL */
#define COMMAND_GRACE_GROUP 200           /* for the rest of the group when its leader is gone */
#define COMMAND_POLL 10                   /* between looks, where there are no pidfds */
#define COMMAND_NAME_MAX 100              /* bytes of a command line in a message */
#define COMMAND_TEXT_PROBE 256
#define COMMAND_READ 65536

/* A program on its way. */
struct command_child {
	pid_t pid;
	int pidfd;                 /* -1: none */
	int in, out;               /* our ends of its pipes; -1 closed or none */
	struct bytes left[COMMAND_PARTS];
	long long deadline;        /* milliseconds, CLOCK_MONOTONIC; -1 none */
	struct buf *capture;
	size_t max;
	bool too_much;
};

static long long
command_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void
command_sleep(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

/* Milliseconds until the deadline for poll(2): -1 none, 0 it has passed. */
static int
command_left(long long deadline)
{
	long long left;

	if (deadline < 0)
		return -1;
	left = deadline - command_clock();
	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* How failures call the program. */
static const char *
command_name(const struct command *cmd)
{
	if (cmd->shell)
		return cmd->shell;
	return cmd->argv && cmd->argv[0] ? cmd->argv[0] : "";
}

/*
 * Finding the file.
 */

static bool
command_is_file(const char *path, int mode)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode)
	    && faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

/* A script, for all one can tell. */
static bool
command_is_text(const char *path)
{
	char probe[COMMAND_TEXT_PROBE];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : fd_read_full(fd, probe, sizeof probe);

	fd_close(&fd);
	return n >= 0 && !memchr(probe, '\0', (size_t)n);
}

static const char *
command_path(char *const *environ_)
{
	for (; environ_ && *environ_; environ_++)
		if (strncmp(*environ_, "PATH=", 5) == 0)
			return *environ_ + 5;
	return COMMAND_PATH;
}

/* Looks name up in the recipe's PATH, which is not this process's. False: it is nowhere. */
static bool
command_find(const char *name, char *const *environ_, int mode, struct buf *path)
{
	const char *dir = command_path(environ_);

	for (;;) {
		size_t len = strcspn(dir, ":");

		buf_cut(path, 0);
		buf_add(path, len ? dir : ".", len ? len : 1);
		buf_byte(path, '/');
		buf_str(path, name);
		if (command_is_file(path->p, mode))
			return true;
		if (!dir[len])
			return false;
		dir += len + 1;
	}
}

/* The file to execute into path; for a script that cannot be executed *script_r is true. */
static int
command_locate(const char *name, char *const *environ_, struct buf *path, bool *script_r)
{
	*script_r = false;
	if (strchr(name, '/')) {
		buf_str(path, name);
		if (command_is_file(name, X_OK))
			return 0;
		*script_r = command_is_file(name, R_OK);
	} else if (*name) {
		if (command_find(name, environ_, X_OK, path))
			return 0;
		*script_r = command_find(name, environ_, R_OK, path);
	}
	if (*script_r && command_is_text(path->p))
		return 0;
	errno = *script_r || faccessat(AT_FDCWD, path->p, F_OK, AT_EACCESS) == 0 ? EACCES : ENOENT;
	return -1;
}

/*
 * Starting it.
 */

static int
command_actions(posix_spawn_file_actions_t *fa, int in, int out)
{
	int rc = posix_spawn_file_actions_adddup2(fa, in, STDIN_FILENO);

	if (rc == 0 && out < 0)
		rc = posix_spawn_file_actions_addopen(fa, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	else if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(fa, out, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(fa, STDERR_FILENO + 1);
	return rc;
}

static int
command_attributes(posix_spawnattr_t *attr)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setpgroup(attr, 0);
	return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF
	    | POSIX_SPAWN_SETSIGMASK);
}

/* posix_spawn(3) with our signals and descriptors: 0 or an errno, also that of a failed exec. */
static int
command_spawn(const char *path, const char *const *argv, char *const *environ_, int in, int out,
    pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	int rc = posix_spawn_file_actions_init(&fa);

	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&attr);
	if (rc == 0) {
		rc = command_actions(&fa, in, out);
		if (rc == 0)
			rc = command_attributes(&attr);
		if (rc == 0)
			rc = posix_spawn(pid, path, &fa, &attr, (char *const *)(size_t)argv,
			    environ_);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&fa);
	return rc;
}

/* argv behind the shell: COMMAND_SHELL path argv[1]... Yours to free. */
static const char **
command_for_shell(const char *path, const char *const *argv)
{
	const char **words;
	size_t n = 0;

	while (argv[n])
		n++;
	words = mem_array(n + 2, sizeof *words);
	words[0] = COMMAND_SHELL;
	words[1] = path;
	for (size_t i = 1; i < n; i++)
		words[i + 1] = argv[i];
	return words;
}

static int
command_exec(const char *const *argv, char *const *environ_, int in, int out, pid_t *pid)
{
	struct buf path = BUF_INIT;
	const char **words = NULL;
	bool script;
	int rc;

	if (command_locate(argv[0] ? argv[0] : "", environ_, &path, &script) < 0) {
		rc = errno;
		goto out;
	}
	rc = script ? ENOEXEC : command_spawn(path.p, argv, environ_, in, out, pid);
	if (rc == ENOEXEC && command_is_text(path.p)) {
		words = command_for_shell(path.p, argv);
		rc = command_spawn(COMMAND_SHELL, words, environ_, in, out, pid);
	}
out:
	free(words);
	buf_clear(&path);
	return rc;
}

/* The recipes' variables; to smrsh none of them: LD_PRELOAD would be a program that nobody has
 * approved, in smrsh itself.  It hands none on anyway. */
static char *const *
command_environ(const struct act_env *env)
{
	static const char *const restricted[] = { "PATH=" COMMAND_PATH, NULL };

	if (env->programs != ACT_PROGRAMS_ANY)
		return (char *const *)(size_t)restricted;
	return env->environ ? env->environ : environ;
}

/* A machine short of processes or memory gets time: SUSPEND seconds, NORESRETRY times. */
static int
command_exec_patiently(const struct act_env *env, const char *const *argv, int in, int out,
    pid_t *pid)
{
	char *const *e = command_environ(env);

	for (long tries = env->set->noresretry;; tries--) {
		int rc = command_exec(argv, e, in, out, pid);

		if ((rc != EAGAIN && rc != ENOMEM) || tries == 0)
			return rc;
		command_sleep((env->set->suspend > 0 ? env->set->suspend : 1) * 1000);
	}
}

/* The words that are executed for cmd, as the site allows. line holds what they borrow. */
static int
command_words(const struct act_env *env, const struct command *cmd, const char *words[4],
    struct buf *line, const char *const **argv, struct fail *why)
{
	if (env->programs == ACT_PROGRAMS_NONE)
		return fail_temp(why, "\"%.*s\" is not started: this site allows no programs "
		    "(bivalve.conf: programs = none)", COMMAND_NAME_MAX, command_name(cmd));
	if (geteuid() == 0)
		return fail_temp(why, "\"%.*s\" is not started: no recipe's program runs as root",
		    COMMAND_NAME_MAX, command_name(cmd));
	words[0] = env->set->shell;
	words[1] = env->set->shellflags;
	words[2] = cmd->shell;
	words[3] = NULL;
	*argv = cmd->shell ? words : cmd->argv;
	if (env->programs == ACT_PROGRAMS_ANY)
		return 0;
	if (smrsh_line(cmd->shell, cmd->argv, line, why) < 0)
		return -1;
	words[0] = env->smrsh;
	words[1] = "-c";
	words[2] = line->p;
	*argv = words;
	return 0;
}

/*
 * Feeding and draining it.
 */

static bool
command_has_input(const struct command_child *c)
{
	for (size_t i = 0; i < COMMAND_PARTS; i++)
		if (c->left[i].len)
			return true;
	return false;
}

/* Writes what the pipe takes. 0: go on later or done, -1 with errno: it will take no more. */
static int
command_feed(struct command_child *c)
{
	while (command_has_input(c)) {
		struct iovec v[COMMAND_PARTS];
		ssize_t n;

		for (size_t i = 0; i < COMMAND_PARTS; i++)
			v[i] = (struct iovec){ (void *)(size_t)c->left[i].p, c->left[i].len };
		n = writev(c->in, v, COMMAND_PARTS);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		for (size_t i = 0; i < COMMAND_PARTS && n > 0; i++) {
			size_t took = (size_t)n < c->left[i].len ? (size_t)n : c->left[i].len;

			c->left[i] = bytes_from(c->left[i], took);
			n -= (ssize_t)took;
		}
	}
	fd_close(&c->in);
	return 0;
}

static void
command_drain(struct command_child *c)
{
	ssize_t n = read(c->out, buf_room(c->capture, COMMAND_READ), COMMAND_READ);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		fd_close(&c->out);
		return;
	}
	buf_grew(c->capture, (size_t)n);
	c->too_much = c->capture->len > c->max;
	if (c->too_much)
		fd_close(&c->out);
}

/* Until all is written and read. False: the deadline passed. */
static bool
command_talk(struct command_child *c, bool *unread)
{
	while (c->in >= 0 || c->out >= 0) {
		struct pollfd p[2] = { { c->in, POLLOUT, 0 }, { c->out, POLLIN, 0 } };
		int n = poll(p, 2, command_left(c->deadline));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		if (p[0].revents && command_feed(c) < 0) {
			*unread = true;
			fd_close(&c->in);
		}
		if (p[1].revents)
			command_drain(c);
		if (c->too_much)
			return true;
	}
	return true;
}

/*
 * Its end.
 */

/* Has it ended? It stays a zombie, so that its number is its own. */
static bool
command_is_over(const struct command_child *c, int flags)
{
	siginfo_t info = { 0 };
	int rc;

	do
		rc = waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOWAIT | flags);
	while (rc < 0 && errno == EINTR);
	return rc < 0 || info.si_pid == c->pid;
}

/* Waits until it has ended; false: the deadline passed. */
static bool
command_wait_until(struct command_child *c, long long deadline)
{
	if (deadline < 0)
		return command_is_over(c, 0);
	if (c->pidfd < 0)
		c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	while (!command_is_over(c, WNOHANG)) {
		struct pollfd p = { c->pidfd, POLLIN, 0 };
		int left = command_left(deadline);

		if (left == 0)
			return false;
		if (c->pidfd < 0)
			command_sleep(COMMAND_POLL);
		else
			poll(&p, 1, left);
	}
	return true;
}

static void
command_kill(struct command_child *c)
{
	kill(-c->pid, SIGTERM);
	if (command_wait_until(c, command_clock() + COMMAND_GRACE))
		command_sleep(COMMAND_GRACE_GROUP);
	kill(-c->pid, SIGKILL);
}

static void
command_reap(struct command_child *c, struct command_result *r)
{
	int st = 0;
	pid_t pid;

	do
		pid = waitpid(c->pid, &st, 0);
	while (pid < 0 && errno == EINTR);
	if (pid < 0) {
		r->end = COMMAND_SIGNALLED;
		r->status = EX_OSERR;
	} else if (WIFEXITED(st)) {
		r->end = COMMAND_EXITED;
		r->status = WEXITSTATUS(st);
	} else {
		r->end = COMMAND_SIGNALLED;
		r->status = 128 + WTERMSIG(st);
	}
}

int
command_number(const struct command_result *r)
{
	bool signalled = r->end == COMMAND_SIGNALLED || r->end == COMMAND_TIMED_OUT;

	return signalled && r->status > 128 ? 128 - r->status : r->status;
}

int
command_byte(const struct command_result *r)
{
	return r->end == COMMAND_TIMED_OUT ? EX_UNAVAILABLE : command_number(r) & 0xff;
}

static int
command_pipe(int *ours, int *theirs, bool feeding)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	*ours = fd[feeding ? 1 : 0];
	*theirs = fd[feeding ? 0 : 1];
	return fcntl(*ours, F_SETFL, O_NONBLOCK) < 0 ? -1 : 0;
}

/* Pipes, as much input as they hold, then the process. */
static int
command_start(const struct act_env *env, const struct command *cmd, struct command_child *c,
    struct fail *why)
{
	const char *words[4] = { NULL }, *const *argv = words;
	struct buf line = BUF_INIT;
	int in = -1, out = -1, rc = -1;

	if (command_words(env, cmd, words, &line, &argv, why) < 0)
		goto out;
	if (command_pipe(&c->in, &in, true) < 0
	    || (c->capture && command_pipe(&c->out, &out, false) < 0)
	    || command_feed(c) < 0) {
		fail_errno(why, "pipe to \"%.*s\"", COMMAND_NAME_MAX, command_name(cmd));
		goto out;
	}
	errno = command_exec_patiently(env, argv, in, c->capture ? out : cmd->out_fd, &c->pid);
	if (errno)
		fail_errno(why, "\"%.*s\" cannot be started", COMMAND_NAME_MAX, command_name(cmd));
	else
		rc = 0;
out:
	fd_close(&in);
	fd_close(&out);
	if (rc < 0) {
		fd_close(&c->in);
		fd_close(&c->out);
	}
	buf_clear(&line);
	return rc;
}

/* What the program's end means for the recipe. */
static int
command_judge(const struct command *cmd, const struct command_child *c,
    const struct command_result *r, struct fail *why)
{
	const char *name = command_name(cmd);

	if (r->end == COMMAND_TIMED_OUT)
		return fail_temp(why, "\"%.*s\" was ended: it took longer than TIMEOUT",
		    COMMAND_NAME_MAX, name);
	if (c->too_much)
		return fail_temp(why, "\"%.*s\" was ended: it said more than %zu bytes",
		    COMMAND_NAME_MAX, name, c->max);
	if (r->input_unread && !cmd->ignore_write_errors)
		return fail_temp(why, "\"%.*s\" did not read all of its input", COMMAND_NAME_MAX,
		    name);
	if (cmd->wait && r->end == COMMAND_SIGNALLED)
		return fail_temp(why, "\"%.*s\" died of signal %d", COMMAND_NAME_MAX, name,
		    r->status - 128);
	if (cmd->wait && r->status != 0)
		return fail_temp(why, "program failure (%d) of \"%.*s\"", r->status,
		    COMMAND_NAME_MAX, name);
	return 0;
}

static int
command_go(const struct act_env *env, const struct command *cmd, struct command_child *c,
    struct command_result *r, struct fail *why)
{
	bool in_time;
	int undo;

	*r = (struct command_result){ COMMAND_NOT_STARTED, 127, false };
	for (size_t i = 0; i < COMMAND_PARTS; i++)
		c->left[i] = cmd->in[i];
	if (command_start(env, cmd, c, why) < 0)
		return -1;
	/* If we are ended, it is: it would go on with a message that the MTA still has. */
	undo = undo_kill(c->pid);
	c->deadline = env->set->timeout > 0 ? command_clock() + env->set->timeout * 1000LL : -1;
	in_time = command_talk(c, &r->input_unread);
	if (in_time && !cmd->background && !c->too_much)
		in_time = command_wait_until(c, c->deadline);
	if (c->in < 0 && !c->too_much && (cmd->background || (!in_time && cmd->may_outlast))) {
		undo_forget(undo);
		fd_close(&c->pidfd);
		r->end = COMMAND_EXITED;
		r->status = 0;
		return command_judge(cmd, c, r, why);
	}
	if (!in_time || c->too_much)
		command_kill(c);
	undo_forget(undo); /* while the process is there, its number is its own */
	command_reap(c, r);
	if (!in_time)
		r->end = COMMAND_TIMED_OUT;
	fd_close(&c->in);
	fd_close(&c->out);
	fd_close(&c->pidfd);
	return command_judge(cmd, c, r, why);
}

int
command_run(const struct act_env *env, const struct command *cmd, struct command_result *r,
    struct fail *why)
{
	struct command_child c = { .pid = -1, .pidfd = -1, .in = -1, .out = -1 };

	return command_go(env, cmd, &c, r, why);
}

int
command_capture(const struct act_env *env, const struct command *cmd, size_t max,
    struct buf *out, struct command_result *r, struct fail *why)
{
	struct command_child c = { .pid = -1, .pidfd = -1, .in = -1, .out = -1, .capture = out,
		.max = out->len + max };

	return command_go(env, cmd, &c, r, why);
}
