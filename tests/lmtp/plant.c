/*
 * plant.c - code planted in a session: where it begins to hold a message, it does what PLANT says
 * instead. Preloaded; what the cell is for is that each of these ends the process.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *plant;

__attribute__((constructor))
static void
plant_begin(void)
{
	plant = getenv("PLANT");
	if (plant)
		plant = strdup(plant); /* titles for ps are written over the environment */
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
	if (strcmp(plant, "uid") == 0)
		return syscall(SYS_setresuid, 0, 0, 0);
	return 0;
}

int
memfd_create(const char *name, unsigned flags)
{
	if (plant && strcmp(name, "message") == 0)
		plant_act();
	return (int)syscall(SYS_memfd_create, name, flags);
}
