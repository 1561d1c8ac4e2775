#include "proc/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sanitized.h"

#define SANDBOX_FILES_MAX 256  /* descriptors; libclamav holds one or two a level */

#define SANDBOX_FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define SANDBOX_FS_WORK (SANDBOX_FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG)
/* Every right that ABI 1 (Linux 5.13) can withhold, and those that came with ABI 2, 3 and 5.  The
 * numbers are the kernel's; older headers lack the names. */
#define SANDBOX_FS_ABI1 ((1ULL << 13) - 1)
#define SANDBOX_FS_REFER (1ULL << 13)
#define SANDBOX_FS_TRUNCATE (1ULL << 14)
#define SANDBOX_FS_IOCTL_DEV (1ULL << 15)

/* In a filter's program the number of the process that it will be for, which none has. */
#define SANDBOX_PID 0x5eccafe1u
#define SANDBOX_FILTER_MAX 1024  /* instructions; ours have some two hundred */

/* Made once and inherited: libseccomp takes a fifth of a millisecond for it. */
static struct sandbox_filter {
	struct sock_filter code[SANDBOX_FILTER_MAX];
	unsigned short n;   /* 0: not made */
	bool receive;
} sandbox_made;

/* Opened in time, for the sandbox shows no /proc. */
static int sandbox_statm = -1;

int
sandbox_prepare(struct fail *why)
{
	const struct rlimit none = { 0, 0 };
	const struct rlimit files = { SANDBOX_FILES_MAX, SANDBOX_FILES_MAX };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return fail_errno(why, "sandbox: prctl");
	if (setrlimit(RLIMIT_CORE, &none) < 0 || setrlimit(RLIMIT_NOFILE, &files) < 0)
		return fail_errno(why, "sandbox: setrlimit");
	sandbox_statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	return 0;
}

/* Bytes of address space in use, 0 if the kernel does not say: then there is no limit. */
static unsigned long long
sandbox_in_use(void)
{
	char text[128];
	ssize_t n;

	n = sandbox_statm < 0 ? -1 : pread(sandbox_statm, text, sizeof text - 1, 0);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtoull(text, NULL, 10) * (unsigned long long)sysconf(_SC_PAGESIZE);
}

int
sandbox_memory(long mb, long ceiling_mb, struct fail *why)
{
	unsigned long long used = sandbox_in_use();
	struct rlimit limit;

	if (SANITIZED || used == 0)
		return 0;
	if (getrlimit(RLIMIT_AS, &limit) < 0)
		return fail_errno(why, "sandbox: getrlimit");
	if (limit.rlim_max == RLIM_INFINITY)
		limit.rlim_max = used + ((unsigned long long)ceiling_mb << 20);
	limit.rlim_cur = used + ((unsigned long long)mb << 20);
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_AS, &limit) < 0)
		return fail_errno(why, "sandbox: setrlimit");
	return 0;
}

/* The C library has no wrappers for Landlock. */
static int
landlock_allow(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	int rc;

	rule.parent_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return -1;
	rc = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
	return rc;
}

static uint64_t
landlock_handled(int abi)
{
	uint64_t rights = SANDBOX_FS_ABI1;

	if (abi >= 2)
		rights |= SANDBOX_FS_REFER;
	if (abi >= 3)
		rights |= SANDBOX_FS_TRUNCATE;
	if (abi >= 5)
		rights |= SANDBOX_FS_IOCTL_DEV;
	return rights;
}

static int
landlock_rules(int ruleset, const struct sandbox *s, uint64_t handled, struct fail *why)
{
	const uint64_t work = (SANDBOX_FS_WORK | SANDBOX_FS_TRUNCATE) & handled;

	if (s->work && landlock_allow(ruleset, s->work, work) < 0)
		return fail_errno(why, "sandbox: Landlock on %s", s->work);
	for (const char *const *p = s->read; p && *p; p++)
		if (landlock_allow(ruleset, *p, SANDBOX_FS_READ) < 0 && errno != ENOENT)
			return fail_errno(why, "sandbox: Landlock on %s", *p);
	for (const char *const *p = s->load; p && *p; p++)
		if (landlock_allow(ruleset, *p, SANDBOX_FS_READ | LANDLOCK_ACCESS_FS_EXECUTE) < 0 &&
		    errno != ENOENT)
			return fail_errno(why, "sandbox: Landlock on %s", *p);
	return 0;
}

/* The kernel's version of Landlock; 0 or less: none. */
static int
landlock_abi(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool
sandbox_has_paths(void)
{
	return landlock_abi() > 0;
}

static enum sandbox_level
sandbox_paths(const struct sandbox *s, struct fail *why)
{
	struct landlock_ruleset_attr attr = { 0 };
	enum sandbox_level level = SANDBOX_FAILED;
	int abi = landlock_abi(), ruleset;

	if (abi <= 0)
		return SANDBOX_NO_LANDLOCK;
	attr.handled_access_fs = landlock_handled(abi);
	/* Only the field that every ABI has is passed: the kernel takes the shorter struct. */
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof attr.handled_access_fs, 0);
	if (ruleset < 0) {
		fail_errno(why, "sandbox: Landlock");
		return SANDBOX_FAILED;
	}
	if (landlock_rules(ruleset, s, attr.handled_access_fs, why) < 0)
		goto out;
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0) {
		fail_errno(why, "sandbox: Landlock");
		goto out;
	}
	level = SANDBOX_FULL;
out:
	close(ruleset);
	return level;
}

/* All that reading mail, unpacking and matching need, and what the C library asks for on their
 * behalf.  Opening is among them: which paths is Landlock's business. */
static const int sandbox_calls[] = {
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(pwrite64), SCMP_SYS(close), SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(lseek),
	SCMP_SYS(dup), SCMP_SYS(ftruncate), SCMP_SYS(fadvise64),
	SCMP_SYS(newfstatat), SCMP_SYS(fstat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx),
	SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64),
	SCMP_SYS(getcwd), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rmdir), SCMP_SYS(unlink),
	SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(umask),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(times), SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(uname),
	SCMP_SYS(getrandom), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_yield),
	SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid),
	SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
	SCMP_SYS(alarm), SCMP_SYS(setitimer), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction), SCMP_SYS(restart_syscall), SCMP_SYS(rseq),
	SCMP_SYS(getrlimit), SCMP_SYS(setrlimit), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* For one that is handed its work: no new right, but what the other side gives it. */
static const int sandbox_receive_calls[] = {
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(dup2), SCMP_SYS(dup3),
};

/* Said to be done, and not done: libclamav changes the mode of what it unpacks, and can do without.
 * Landlock would let it, and whatever belongs to scan_user could be opened to all. */
static const int sandbox_ignored_calls[] = {
	SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat),
};

/* Of fcntl(2) no more than this: with F_SETOWN and F_SETSIG it would signal other processes. */
static const int sandbox_fcntls[] = {
	F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW,
	F_ADD_SEALS, F_GET_SEALS,
};

static const int sandbox_sanitizer_calls[] = {
	SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(sigaltstack), SCMP_SYS(prctl),
	SCMP_SYS(tgkill), SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(set_robust_list),
	SCMP_SYS(wait4), SCMP_SYS(process_vm_readv), SCMP_SYS(ptrace), SCMP_SYS(pipe),
	SCMP_SYS(pipe2), SCMP_SYS(ioctl), SCMP_SYS(prlimit64),
};

static int
filter_calls(scmp_filter_ctx f, uint32_t action, const int *calls, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = seccomp_rule_add(f, action, calls[i], 0);
	return rc;
}

static int
filter_fcntl(scmp_filter_ctx f)
{
	const scmp_datum_t all = 0xffffffff;
	int rc = 0;

	for (size_t i = 0; i < sizeof sandbox_fcntls / sizeof *sandbox_fcntls && rc == 0; i++)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, all, (scmp_datum_t)sandbox_fcntls[i]));
	return rc;
}

/* Calls that are let through for some arguments only. */
static int
filter_arguments(scmp_filter_ctx f)
{
	const scmp_datum_t exec = PROT_EXEC, write_exec = PROT_WRITE | PROT_EXEC;
	int rc;

	/* Code comes from files only (the C library's charset modules) and stays as it is. */
	rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, exec, 0));
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, write_exec, exec),
		    SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0));
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, exec, 0));
	/* abort(3) signals its own thread; the limits are our own, and the hard one stands. */
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
		    SCMP_A0(SCMP_CMP_EQ, SANDBOX_PID, 0));
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
		    SCMP_A0(SCMP_CMP_EQ, 0, 0));
	return rc;
}

/* The filter's program from libseccomp, which gives it to a descriptor only. */
static int
filter_export(scmp_filter_ctx f, struct sandbox_filter *made)
{
	int fd = memfd_create("filter", MFD_CLOEXEC), rc;
	off_t size = 0;

	rc = fd < 0 ? -errno : seccomp_export_bpf(f, fd);
	if (rc == 0) {
		size = lseek(fd, 0, SEEK_END);
		if (size <= 0 || (size_t)size > sizeof made->code)
			rc = -E2BIG;
		else if (pread(fd, made->code, (size_t)size, 0) != (ssize_t)size)
			rc = -EIO;
	}
	made->n = rc == 0 ? (unsigned short)((size_t)size / sizeof *made->code) : 0;
	if (fd >= 0)
		close(fd);
	return rc;
}

static int
filter_make(bool receive, struct sandbox_filter *made)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc;

	if (!f)
		return -ENOMEM;
	/* A tree instead of a list: fewer steps a system call. */
	seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	rc = filter_calls(f, SCMP_ACT_ALLOW, sandbox_calls,
	    sizeof sandbox_calls / sizeof *sandbox_calls);
	if (rc == 0)
		rc = filter_calls(f, SCMP_ACT_ERRNO(0), sandbox_ignored_calls,
		    sizeof sandbox_ignored_calls / sizeof *sandbox_ignored_calls);
	if (rc == 0)
		rc = filter_fcntl(f);
	if (rc == 0 && receive)
		rc = filter_calls(f, SCMP_ACT_ALLOW, sandbox_receive_calls,
		    sizeof sandbox_receive_calls / sizeof *sandbox_receive_calls);
	/* A sanitizer's runtime maps, asks and signals more than the program it watches. */
	if (rc == 0 && SANITIZED)
		rc = filter_calls(f, SCMP_ACT_ALLOW, sandbox_sanitizer_calls,
		    sizeof sandbox_sanitizer_calls / sizeof *sandbox_sanitizer_calls);
	else if (rc == 0)
		rc = filter_arguments(f);
	if (rc == 0)
		rc = filter_export(f, made);
	seccomp_release(f);
	made->receive = receive;
	return rc;
}

static int
filter_fail(int rc, struct fail *why)
{
	errno = -rc;
	return fail_errno(why, "sandbox: seccomp (the kernel needs CONFIG_SECCOMP_FILTER)");
}

int
sandbox_filter_make(bool receive, struct fail *why)
{
	int rc = filter_make(receive, &sandbox_made);

	return rc < 0 ? filter_fail(rc, why) : 0;
}

static int
sandbox_filter(const struct sandbox *s, struct fail *why)
{
	struct sandbox_filter *made = &sandbox_made;
	struct sock_fprog program = { .filter = made->code };

	if ((made->n == 0 || made->receive != s->receive) &&
	    sandbox_filter_make(s->receive, why) < 0)
		return -1;
	program.len = made->n;
	for (unsigned short i = 0; i < made->n; i++)
		if (made->code[i].k == SANDBOX_PID)
			made->code[i].k = (uint32_t)getpid();
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		return filter_fail(-errno, why);
	return 0;
}

enum sandbox_level
sandbox_enter(const struct sandbox *s, struct fail *why)
{
	const rlim_t bytes = (rlim_t)s->file_max << 20;
	const struct rlimit file = { bytes, bytes };
	enum sandbox_level level;

	if (setrlimit(RLIMIT_FSIZE, &file) < 0) {
		fail_errno(why, "sandbox: setrlimit");
		return SANDBOX_FAILED;
	}
	level = sandbox_paths(s, why);
	if (level != SANDBOX_FAILED && sandbox_filter(s, why) < 0)
		return SANDBOX_FAILED;
	return level;
}
