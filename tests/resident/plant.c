/*
 * plant.c - code planted in a resident scanner: a message with a field "Plant: WHAT" takes the
 * process over where GMime begins to read it.  What the kernel says to the deed is the process's
 * exit status: 100 for "done", 100 and errno for "refused"; what the sandbox forbids altogether
 * ends it by SIGSYS.  With PLANT_OLD the kernel has no Landlock.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PLANT_MESSAGE 0   /* descriptors of a scanner */
#define PLANT_POOL 4

/* One way to each call, past the C library: it might be kind. */
static long
plant_open(const char *path, int flags)
{
	return syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
}

/* A signal by way of a descriptor's owner. */
static long
plant_owner(void)
{
	syscall(SYS_fcntl, PLANT_POOL, F_SETSIG, SIGUSR1);
	return syscall(SYS_fcntl, PLANT_POOL, F_SETOWN, getppid());
}

/* To the pool: so many bytes that begin with word. */
static long
plant_say(char word, size_t size)
{
	char note[80] = { word };

	syscall(SYS_sendmsg, PLANT_POOL,
	    &(struct msghdr){ .msg_iov = &(struct iovec){ note, size }, .msg_iovlen = 1 }, 0);
	for (volatile int on = 1; on;)
		continue; /* it is killed for it */
	return 0;
}

/* Questions that begin and end, each so many seconds after the one before it. */
static long
plant_babble(double pause)
{
	char begin[35] = { 'B' }, end[35] = { 'E' };
	struct iovec part[2] = { { end, sizeof end }, { begin, sizeof begin } };

	syscall(SYS_alarm, 0);
	for (unsigned i = 0;; i++) {
		struct timespec now, then;

		syscall(SYS_sendmsg, PLANT_POOL,
		    &(struct msghdr){ .msg_iov = &part[i % 2], .msg_iovlen = 1 }, 0);
		syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &then);
		do
			syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
		while ((double)(now.tv_sec - then.tv_sec)
		    + (double)(now.tv_nsec - then.tv_nsec) / 1e9 < pause);
	}
}

/* That it is done with the message, and does not end. */
static long
plant_stay(void)
{
	syscall(SYS_alarm, 0);
	syscall(SYS_sendmsg, PLANT_POOL, &(struct msghdr){ .msg_iov = &(struct iovec){
	    (char[35]){ 'E' }, 35 }, .msg_iovlen = 1 }, 0);
	return plant_say('X', 35);
}

static long
plant_files(const char *what)
{
	if (strcmp(what, "read") == 0)
		return plant_open("/etc/passwd", O_RDONLY);
	if (strcmp(what, "write") == 0)
		return plant_open("/var/tmp/bivalve-planted", O_RDWR | O_CREAT);
	if (strcmp(what, "directory") == 0)
		return plant_open("/tmp", O_RDONLY | O_DIRECTORY);
	if (strcmp(what, "proc") == 0)
		return plant_open("/proc/self/mem", O_RDWR);
	if (strcmp(what, "mode") == 0)
		return syscall(SYS_fchmodat, AT_FDCWD, getenv("PLANT_OWN"), 0777);
	if (strcmp(what, "name") == 0)
		return syscall(SYS_rename, getenv("PLANT_OWN"), "/tmp/bivalve-planted");
	if (strcmp(what, "link") == 0)
		return syscall(SYS_linkat, AT_FDCWD, getenv("PLANT_OWN"), AT_FDCWD,
		    "/tmp/bivalve-planted", 0);
	if (strcmp(what, "message") == 0)
		return syscall(SYS_pwrite64, PLANT_MESSAGE, "EVIL", 4, 0);
	return 0;
}

static long
plant_processes(const char *what)
{
	if (strcmp(what, "socket") == 0)
		return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	if (strcmp(what, "pair") == 0)
		return syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, (int[2]){ 0, 0 });
	if (strcmp(what, "exec") == 0)
		return syscall(SYS_execve, "/bin/true", NULL, NULL);
	if (strcmp(what, "fork") == 0)
		return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (strcmp(what, "kill") == 0)
		return syscall(SYS_kill, getppid(), SIGUSR1);
	if (strcmp(what, "thread-kill") == 0)
		return syscall(SYS_tgkill, getppid(), getppid(), SIGUSR1);
	if (strcmp(what, "owner") == 0)
		return plant_owner();
	if (strcmp(what, "ptrace") == 0)
		return syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), NULL, NULL);
	if (strcmp(what, "code") == 0)
		return (long)mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	if (strcmp(what, "limit") == 0)
		return syscall(SYS_prlimit64, getppid(), 0, NULL, NULL);
	if (strcmp(what, "crash") == 0)
		return *(volatile char *)NULL;
	return 0;
}

/* Reads on when the directory that it may look at, and no more, has been closed to others; the
 * message must still be there. */
static long
plant_linger(void)
{
	struct stat st = { .st_mode = S_IXOTH };
	char byte;

	while (st.st_mode & S_IXOTH)
		syscall(SYS_newfstatat, AT_FDCWD, getenv("PLANT_OWN"), &st, 0);
	if (syscall(SYS_pread64, PLANT_MESSAGE, &byte, 1, 0) == 1)
		return 0;
	errno = ENODATA;
	return -1;
}

static long
plant_says(const char *what)
{
	if (strcmp(what, "say-unknown") == 0)
		return plant_say('Z', 35);
	if (strcmp(what, "say-short") == 0)
		return plant_say('B', 1);
	if (strcmp(what, "say-done") == 0)
		return plant_say('X', 35);
	if (strcmp(what, "say-much") == 0)
		return plant_babble(0);
	if (strcmp(what, "say-over") == 0)
		return plant_stay();
	if (strcmp(what, "say-on") == 0)
		return plant_babble(0.9);
	if (strcmp(what, "linger") == 0)
		return plant_linger();
	for (volatile int on = strcmp(what, "endless") == 0; on;)
		continue;
	return 0;
}

static void
plant_do(const char *what)
{
	long rc = plant_files(what) + plant_processes(what) + plant_says(what);

	syscall(SYS_exit_group, rc < 0 ? 100 + errno : 100);
}

long
syscall(long call, ...)
{
	long a[6], (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	va_list ap;

	if (call == SYS_landlock_create_ruleset && getenv("PLANT_OLD")) {
		errno = ENOSYS;
		return -1;
	}
	va_start(ap, call);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	return real(call, a[0], a[1], a[2], a[3], a[4], a[5]);
}

void *
g_mime_parser_construct_message(void *parser, void *options)
{
	void *(*real)(void *, void *) = (void *(*)(void *, void *))dlsym(RTLD_NEXT,
	    "g_mime_parser_construct_message");
	char text[2000], *p;
	ssize_t n = pread(PLANT_MESSAGE, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	p = strstr(text, "\nPlant: ");
	if (p) {
		p += strlen("\nPlant: ");
		p[strcspn(p, "\n")] = '\0';
		plant_do(p);
	}
	return real(parser, options);
}
