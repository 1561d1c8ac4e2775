/*
 * plant.c - code planted in a session: where it gets memory to hold a message in, it does what PLANT
 * says instead. Preloaded; what the cell is for is that each of these ends the process.
 *
 * rewrite: keeps the file of a large message open for writing, and when the peer says a word while
 * deliveries go on, changes what is in it and says so.  rewrite-copy: on a filesystem that does not
 * tell who has a file open.
 *
 * fill: writes behind the largest message to a file.
 *
 * keep: goes on to hold all memory that it was ever given.
 *
 * unheard: it cannot tell the monitor that a message is whole.
 *
 * userdb: the user database is down for names that begin with "down".
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PLANT_IN 0
#define PLANT_OUT 1
#define PLANT_MONITOR 2
#define PLANT_PLACE 100000   /* in the large message */

static const char *plant;
static int plant_kept = -1;
static bool plant_given[256];

__attribute__((constructor))
static void
plant_begin(void)
{
	plant = getenv("PLANT");
	if (plant)
		plant = strdup(plant); /* titles for ps are written over the environment */
}

/* An order to the monitor, which is descriptor 2, with or without a descriptor. */
static long
plant_order(unsigned char kind, unsigned uid, size_t size, int passed)
{
	struct {
		unsigned char kind;
		unsigned uid;
		char more[8];
	} order = { .kind = kind, .uid = uid };
	struct iovec iov = { &order, size };
	union {
		struct cmsghdr c;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .c = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (passed >= 0) {
		memcpy(CMSG_DATA(&control.c), &passed, sizeof passed);
		m.msg_control = control.room;
		m.msg_controllen = sizeof control.room;
	}
	return syscall(SYS_sendmsg, PLANT_MONITOR, &m, 0);
}

static long
plant_ask(void)
{
	if (strcmp(plant, "order-unknown") == 0)
		return plant_order('X', 0, 8, -1);
	if (strcmp(plant, "order-short") == 0)
		return plant_order('F', 0, 1, -1);
	if (strcmp(plant, "order-long") == 0)
		return plant_order('F', 0, 16, -1);
	if (strcmp(plant, "order-no-message") == 0)
		return plant_order('D', 31002, 8, 0);
	if (strcmp(plant, "order-own") == 0)
		return plant_order('M', 0, 8, 0);
	if (strcmp(plant, "order-much") == 0)
		return plant_order('M', 1 << 30, 8, -1);
	if (strcmp(plant, "order-root") == 0) {
		plant_order('M', 1, 8, -1);
		return plant_order('D', 0, 8, 0);
	}
	return 0;
}

/* A file for a large message, from the monitor. */
static int
plant_file(void)
{
	union {
		struct cmsghdr c;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof control.room };
	int fd = -1;

	plant_order('F', 0, 8, -1);
	if (syscall(SYS_recvmsg, PLANT_MONITOR, &m, 0) == 1 && CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
	return fd;
}

/* What should be refused, and not end us: says so if it is not. */
static void
plant_take(int memory)
{
	static const char said[] = "250 planted\r\n";
	bool done = false;

	if (strcmp(plant, "fill") == 0)
		done = syscall(SYS_pwrite64, plant_file(), "x", 1, 8L << 20) == 1;
	else if (strcmp(plant, "more") == 0)
		done = syscall(SYS_pwrite64, memory, "x", 1, 1L << 20) == 1;
	else
		done = mmap(NULL, 1ul << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED;
	if (done)
		syscall(SYS_write, PLANT_OUT, said, sizeof said - 1);
	syscall(SYS_exit_group, 0);
}

/* Nothing of the C library's on the way: it might be kind. */
static long
plant_act(void)
{
	if (strcmp(plant, "open") == 0)
		return syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
	if (strcmp(plant, "proc") == 0)
		return syscall(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDWR);
	if (strcmp(plant, "socket") == 0)
		return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	if (strcmp(plant, "pair") == 0)
		return syscall(SYS_socketpair, AF_NETLINK, SOCK_RAW, 0, (int[2]){ 0, 0 });
	if (strcmp(plant, "datagram") == 0)
		return syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, (int[2]){ 0, 0 });
	if (strcmp(plant, "owner") == 0)
		return syscall(SYS_fcntl, PLANT_IN, F_SETOWN, getppid());
	if (strcmp(plant, "exec") == 0)
		return syscall(SYS_execve, "/bin/true", NULL, NULL);
	if (strcmp(plant, "fork") == 0)
		return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (strcmp(plant, "kill") == 0)
		return syscall(SYS_kill, getppid(), SIGKILL);
	if (strcmp(plant, "ptrace") == 0)
		return syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), NULL, NULL);
	if (strcmp(plant, "code") == 0)
		return (long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	if (strcmp(plant, "memfd") == 0)
		return syscall(SYS_memfd_create, "planted", 0);
	if (strcmp(plant, "cut") == 0)
		return syscall(SYS_ftruncate, PLANT_OUT, 0L);
	if (strncmp(plant, "order-", 6) == 0)
		return plant_ask();
	if (strcmp(plant, "uid") == 0)
		return syscall(SYS_setresuid, 0, 0, 0);
	return 0;
}

/* ---- a user database that is down ---- */

int
getpwnam_r(const char *name, struct passwd *pw, char *room, size_t size, struct passwd **found)
{
	int (*real)(const char *, struct passwd *, char *, size_t, struct passwd **) =
	    (int (*)(const char *, struct passwd *, char *, size_t, struct passwd **))
	    dlsym(RTLD_NEXT, "getpwnam_r");

	if (plant && strcmp(plant, "userdb") == 0 && strncmp(name, "down", 4) == 0) {
		*found = NULL;
		return EIO;
	}
	return real(name, pw, room, size, found);
}

/* ---- a file that is kept ---- */

ssize_t
recvmsg(int sock, struct msghdr *m, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, sock, m, flags);
	const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(m) : NULL;
	int fd;

	if (!plant || sock != PLANT_MONITOR || !c)
		return n;
	memcpy(&fd, CMSG_DATA(c), sizeof fd);
	plant_given[fd & 255] = true;
	plant_act();
	if (strcmp(plant, "more") == 0 || strcmp(plant, "much") == 0 || strcmp(plant, "fill") == 0)
		plant_take(fd);
	if (strncmp(plant, "rewrite", 7) == 0)
		plant_kept = fd;
	return n;
}

ssize_t
sendmsg(int sock, const struct msghdr *m, int flags)
{
	if (plant && strcmp(plant, "unheard") == 0 && sock == PLANT_MONITOR
	    && *(const char *)m->msg_iov[0].iov_base == 'M') {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_sendmsg, sock, m, flags);
}

int
close(int fd)
{
	if (fd == plant_kept || (plant && strcmp(plant, "keep") == 0 && plant_given[fd & 255]))
		return 0;
	return (int)syscall(SYS_close, fd);
}

int
ppoll(struct pollfd *p, nfds_t n, const struct timespec *limit, const sigset_t *mask)
{
	static const char evil[] = "\nEVIL\n", said[] = "250 changed\r\n";
	struct pollfd peer = { PLANT_IN, POLLIN, 0 };

	if (plant_kept >= 0 && n > 0 && p[0].fd > PLANT_MONITOR) {
		syscall(SYS_ppoll, &peer, 1, NULL, NULL, 0);
		syscall(SYS_pwrite64, plant_kept, evil, sizeof evil - 1, (long)PLANT_PLACE);
		syscall(SYS_write, PLANT_OUT, said, sizeof said - 1);
		plant_kept = -1;
	}
	return (int)syscall(SYS_ppoll, p, n, limit, mask, mask ? 8 : 0);
}

int
fcntl(int fd, int what, ...)
{
	va_list ap;
	long value;

	va_start(ap, what);
	value = va_arg(ap, long);
	va_end(ap);
	if (plant && what == F_SETLEASE && strcmp(plant, "rewrite-copy") == 0) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_fcntl, fd, what, value);
}
