/* layer: proc */
/*
 * test-sandbox.c - what a process in the sandbox can still do, and what ends it.
 *
 * Each case is a child that enters the sandbox and then tries one thing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sanitized.h"
#include "proc/sandbox.h"

#define NO_LANDLOCK 99  /* exit status of a child on a kernel without it */

static char work[] = "/tmp/test-sandbox-w.XXXXXX", readable[] = "/tmp/test-sandbox-r.XXXXXX";

static char *
path_in(const char *dir, const char *name)
{
	static char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static int
make_dirs(void **state)
{
	int fd;

	(void)state;
	if (!mkdtemp(work) || !mkdtemp(readable))
		return -1;
	fd = open(path_in(readable, "file"), O_WRONLY | O_CREAT, 0600);
	return fd < 0 ? -1 : close(fd);
}

static int
remove_dirs(void **state)
{
	(void)state;
	unlink(path_in(readable, "file"));
	unlink(path_in(work, "big"));
	rmdir(readable);
	return rmdir(work);
}

/* Each returns 0, or the errno of what it tried. */
static int
try_nothing(void)
{
	return 0;
}

static int
try_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	return fd < 0 ? errno : close(fd);
}

static int
try_passwd(void)
{
	return try_open("/etc/passwd", O_RDONLY);
}

static int
try_root_dir(void)
{
	return try_open("/", O_RDONLY | O_DIRECTORY);
}

static int
try_proc(void)
{
	return try_open("/proc/self/mem", O_RDWR);
}

static int
try_read(void)
{
	return try_open(path_in(readable, "file"), O_RDONLY);
}

static int
try_write_readable(void)
{
	return try_open(path_in(readable, "file"), O_WRONLY);
}

static int
try_create_readable(void)
{
	return try_open(path_in(readable, "new"), O_WRONLY | O_CREAT);
}

static int
try_outside_by_dots(void)
{
	return try_open(path_in(work, "../../etc/passwd"), O_RDONLY);
}

static int
try_work(void)
{
	if (mkdir(path_in(work, "d"), 0700) < 0 ||
	    try_open(path_in(work, "d/f"), O_RDWR | O_CREAT | O_TRUNC) != 0 ||
	    chmod(path_in(work, "d/f"), 0600) < 0 || unlink(path_in(work, "d/f")) < 0)
		return errno ? errno : -1;
	return rmdir(path_in(work, "d")) < 0 ? errno : 0;
}

static int
try_symlink(void)
{
	return symlink("/etc", path_in(work, "link")) < 0 ? errno : 0;
}

static int
try_big_file(void)
{
	static char block[1 << 16];
	int fd = open(path_in(work, "big"), O_WRONLY | O_CREAT, 0600);

	for (int i = 0; i < 32; i++)
		if (write(fd, block, sizeof block) < 0)
			return errno;
	return 0;
}

static int
try_charset(void)
{
	iconv_t c = iconv_open("UTF-8", "EUC-KR");

	return c == (iconv_t)-1 ? errno : iconv_close(c);
}

static int
try_memory(void)
{
	void *p = mmap(NULL, 256 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int
try_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int
try_internet(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0) < 0 ? errno : 0;
}

static int
try_exec(void)
{
	char name[] = "true", *const argv[] = { name, NULL }, *const env[] = { NULL };

	execve("/bin/true", argv, env);
	return errno;
}

static int
try_fork(void)
{
	return fork() < 0 ? errno : 0;
}

static int
try_kill_parent(void)
{
	return kill(getppid(), 0) < 0 ? errno : 0;
}

static int
try_signal_thread(void)
{
	return tgkill(getppid(), getppid(), 0) < 0 ? errno : 0;
}

static int
try_ptrace(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 ? errno : 0;
}

static int
try_prctl(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? errno : 0;
}

static int
try_limit_of_parent(void)
{
	struct rlimit r;

	return prlimit(getppid(), RLIMIT_NOFILE, NULL, &r) < 0 ? errno : 0;
}

static int
try_setuid(void)
{
	return setuid(0) < 0 ? errno : 0;
}

static int
try_code_in_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int
try_writable_code(void)
{
	int fd = open(path_in(readable, "file"), O_RDONLY);
	void *p = mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE, fd, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int
try_data_to_code(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	return mprotect(page, 4096, PROT_READ | PROT_EXEC) < 0 ? errno : 0;
}

static int
try_core_and_rights(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_CORE, &r) < 0 || r.rlim_max != 0)
		return -1;
	/* More descriptors than the limit end in an error, not in harm. */
	for (int i = 0; i < 300; i++)
		if (dup(0) < 0)
			return errno == EMFILE ? 0 : errno;
	return -1;
}

static int
try_abort(void)
{
	abort();
}

static const struct {
	const char *name;
	int (*try)(void);
	int want;        /* errno, 0 success, or minus a signal */
	bool landlock;   /* rests on it */
	bool loose;      /* a sanitizer's filter lets it through */
} cases[] = {
	{ "nothing", try_nothing, 0, false, false },
	{ "/etc/passwd", try_passwd, EACCES, true, false },
	{ "/", try_root_dir, EACCES, true, false },
	{ "/proc/self/mem", try_proc, EACCES, true, false },
	{ "a file it may read", try_read, 0, false, false },
	{ "writing it", try_write_readable, EACCES, true, false },
	{ "a new file beside it", try_create_readable, EACCES, true, false },
	{ "out of the directory by ..", try_outside_by_dots, EACCES, true, false },
	{ "its own directory", try_work, 0, false, false },
	{ "a symbolic link", try_symlink, -SIGSYS, false, false },
	{ "a file over the limit", try_big_file, -SIGXFSZ, false, false },
	{ "a charset", try_charset, 0, false, false },
	{ "too much memory", try_memory, ENOMEM, false, true },
	{ "a Unix socket", try_socket, -SIGSYS, false, false },
	{ "an internet socket", try_internet, -SIGSYS, false, false },
	{ "a program", try_exec, -SIGSYS, false, false },
	{ "a process", try_fork, -SIGSYS, false, true },
	{ "a signal to the parent", try_kill_parent, -SIGSYS, false, false },
	{ "a signal to its thread", try_signal_thread, -SIGSYS, false, true },
	{ "ptrace", try_ptrace, -SIGSYS, false, true },
	{ "prctl", try_prctl, -SIGSYS, false, true },
	{ "limits of another process", try_limit_of_parent, -SIGSYS, false, true },
	{ "another user id", try_setuid, -SIGSYS, false, false },
	{ "code in plain memory", try_code_in_memory, -SIGSYS, false, true },
	{ "code that can be written", try_writable_code, -SIGSYS, false, true },
	{ "data made code", try_data_to_code, -SIGSYS, false, true },
	{ "no core, few descriptors", try_core_and_rights, 0, false, false },
	{ "abort", try_abort, -SIGABRT, false, false },
};

_Noreturn static void
child(int (*try)(void), bool landlock)
{
	static const char *const load[] = {
		"/usr/lib/x86_64-linux-gnu/gconv", "/usr/lib/aarch64-linux-gnu/gconv",
		"/usr/lib64/gconv", NULL
	};
	const char *const below[] = { readable, "/nosuch-directory", NULL };
	const struct sandbox box = { .work = work, .read = below, .load = load, .file_max = 1 };
	struct fail why = { 0 };
	enum sandbox_level level;

	if (sandbox_prepare(&why) < 0)
		_exit(120);
	level = sandbox_enter(&box, &why);
	if (level == SANDBOX_FAILED || sandbox_memory(64, 64, &why) < 0)
		_exit(121);
	if (landlock && level == SANDBOX_NO_LANDLOCK)
		_exit(NO_LANDLOCK);
	_exit(try());
}

static void
tries(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int status, got;
		pid_t pid;

		if (SANITIZED && cases[i].loose)
			continue;
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			child(cases[i].try, cases[i].landlock);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		got = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
		if (got == NO_LANDLOCK && cases[i].landlock) {
			print_message("# %s: no Landlock here\n", cases[i].name);
		} else if (got != cases[i].want) {
			print_message("# %s: got %d, wanted %d\n", cases[i].name, got,
			    cases[i].want);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* What names a process in it must be each child's own number. */
static void
tries_with_a_filter_made_ahead(void **state)
{
	struct fail why = { 0 };

	assert_int_equal(sandbox_filter_make(false, &why), 0);
	tries(state);
}

static void
dies_with_its_parent(void **state)
{
	int ends[2];
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct fail why = { 0 };

		if (fork() == 0) {
			if (sandbox_prepare(&why) < 0)
				_exit(1);
			if (write(ends[1], "x", 1) == 1)
				pause();
			_exit(1);
		}
		/* Not before the grandchild is prepared. */
		close(ends[1]);
		_exit(read(ends[0], &c, 1) == 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ends[1]);
	/* The end of the pipe: nobody holds its other side any more. */
	assert_int_equal(read(ends[0], &c, 1), 0);
	close(ends[0]);
}

static void
work_must_exist(void **state)
{
	const struct sandbox box = { .work = "/nosuch-directory", .file_max = 1 };
	struct fail why = { 0 };
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		enum sandbox_level level = SANDBOX_FAILED;

		if (sandbox_prepare(&why) == 0)
			level = sandbox_enter(&box, &why);
		_exit(level == SANDBOX_FAILED && why.kind == FAIL_TEMP ? 0
		    : level == SANDBOX_NO_LANDLOCK ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tries),
		cmocka_unit_test(tries_with_a_filter_made_ahead),
		cmocka_unit_test(dies_with_its_parent),
		cmocka_unit_test(work_must_exist),
	};

	return cmocka_run_group_tests(tests, make_dirs, remove_dirs);
}
