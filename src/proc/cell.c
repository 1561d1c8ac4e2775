#include "proc/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sanitized.h"

#define CELL_FILES_MAX 256
#define CELL_SIZE_UNKNOWN 65536   /* pages */

#if defined(__x86_64__)
#define CELL_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CELL_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define CELL_ARCH AUDIT_ARCH_RISCV64
#else
#define CELL_ARCH 0   /* unknown: no filter */
#endif

#define CELL_LOW(n) (offsetof(struct seccomp_data, args[n]))
#define CELL_LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define CELL_END(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define CELL_ALLOW(call) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), CELL_END(SECCOMP_RET_ALLOW)
/* Lets the call through if the low half of an argument, masked, is value. */
#define CELL_ALLOW_IF(call, argument, mask, value) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 5), \
	CELL_LOAD(CELL_LOW(argument)), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (mask)), \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1), CELL_END(SECCOMP_RET_ALLOW), \
	CELL_END(SECCOMP_RET_KILL_PROCESS)
/* A datagram socket could be used to write to others, by their names. */
#define CELL_ALLOW_PAIR \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socketpair, 0, 6), \
	CELL_LOAD(CELL_LOW(0)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 3), \
	CELL_LOAD(CELL_LOW(1)), \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, 1), \
	CELL_END(SECCOMP_RET_ALLOW), CELL_END(SECCOMP_RET_KILL_PROCESS)

static struct sock_filter cell_filter[] = {
	CELL_LOAD(offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CELL_ARCH, 1, 0), CELL_END(SECCOMP_RET_KILL_PROCESS),
	CELL_LOAD(offsetof(struct seccomp_data, nr)),
	CELL_ALLOW(SYS_read), CELL_ALLOW(SYS_write), CELL_ALLOW(SYS_ppoll),
	CELL_ALLOW(SYS_sendmsg), CELL_ALLOW(SYS_recvmsg), CELL_ALLOW(SYS_close),
	CELL_ALLOW(SYS_lseek),
	CELL_ALLOW(SYS_pread64), CELL_ALLOW(SYS_pwrite64), CELL_ALLOW(SYS_brk),
	CELL_ALLOW(SYS_munmap), CELL_ALLOW(SYS_mremap), CELL_ALLOW(SYS_madvise),
	CELL_ALLOW(SYS_clock_gettime), CELL_ALLOW(SYS_rt_sigreturn),
	CELL_ALLOW(SYS_rt_sigprocmask), CELL_ALLOW(SYS_restart_syscall),
	CELL_ALLOW(SYS_getrandom), CELL_ALLOW(SYS_futex), CELL_ALLOW(SYS_exit),
	CELL_ALLOW(SYS_exit_group),
#if defined(SYS_time)
	CELL_ALLOW(SYS_time), CELL_ALLOW(SYS_gettimeofday),
#endif
#if SANITIZED
	CELL_ALLOW(SYS_mmap), CELL_ALLOW(SYS_mprotect), CELL_ALLOW(SYS_sigaltstack),
	CELL_ALLOW(SYS_gettid), CELL_ALLOW(SYS_getpid), CELL_ALLOW(SYS_tgkill),
	CELL_ALLOW(SYS_openat), CELL_ALLOW(SYS_readlinkat), CELL_ALLOW(SYS_prctl),
	CELL_ALLOW(SYS_rt_sigaction), CELL_ALLOW(SYS_sched_yield), CELL_ALLOW(SYS_fcntl),
#endif
	CELL_ALLOW_IF(SYS_mmap, 2, PROT_EXEC, 0),
	CELL_ALLOW_PAIR,
	CELL_END(SECCOMP_RET_KILL_PROCESS),
};

/* The filter lets no path through; Landlock says the same again, where the kernel has it. */
static int
cell_paths(struct fail *why)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = (1ULL << 13) - 1 };
	int ruleset, rc;

	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof attr.handled_access_fs, 0);
	if (ruleset < 0)
		return 0;
	rc = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
	return rc < 0 ? fail_errno(why, "session: Landlock") : 0;
}

/* Bytes of address space that we have already: what the name service has loaded may be much. */
static size_t
cell_size(void)
{
	char text[64] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_full(fd, text, sizeof text - 1) <= 0)
		snprintf(text, sizeof text, "%d", CELL_SIZE_UNKNOWN);
	fd_close(&fd);
	return strtoul(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

static int
cell_limits(size_t memory, size_t file, struct fail *why)
{
	const struct rlimit none = { 0, 0 }, files = { CELL_FILES_MAX, CELL_FILES_MAX };
	const struct rlimit size = { file, file };
	struct rlimit space;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0
	    || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return fail_errno(why, "session: prctl");
	if (setrlimit(RLIMIT_CORE, &none) < 0 || setrlimit(RLIMIT_NOFILE, &files) < 0)
		return fail_errno(why, "session: setrlimit");
	if (file > 0 && setrlimit(RLIMIT_FSIZE, &size) < 0)
		return fail_errno(why, "session: setrlimit of files");
	if (SANITIZED)
		return 0;
	space.rlim_cur = space.rlim_max = cell_size() + memory;
	if (setrlimit(RLIMIT_AS, &space) < 0)
		return fail_errno(why, "session: setrlimit of the address space");
	return 0;
}

int
cell_enter(int keep, size_t memory, size_t file, struct fail *why)
{
	struct sock_fprog program = { sizeof cell_filter / sizeof *cell_filter, cell_filter };

	if (CELL_ARCH == 0)
		return fail_temp(why, "session: no system call filter for this processor yet");
	if (close_range((unsigned)keep + 1, ~0U, 0) < 0)
		return fail_errno(why, "session: descriptors");
	if (cell_limits(memory, file, why) < 0 || (!SANITIZED && cell_paths(why) < 0))
		return -1;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		return fail_errno(why, "session: seccomp (the kernel needs CONFIG_SECCOMP_FILTER)");
	return 0;
}
