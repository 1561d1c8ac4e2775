/*
 * sandbox.h - what is left to a process that is about to read what strangers sent.
 *
 * After sandbox_enter it can read and write below one directory, read below a few others, use the
 * descriptors it holds, and ask the kernel for memory and time.  It has no network, starts no
 * program, signals nobody, sees no other file.  A forbidden system call ends it (SIGSYS); a
 * forbidden path is refused (EACCES).  There is no way back.
 */
#ifndef PROC_SANDBOX_H
#define PROC_SANDBOX_H

#include <stdbool.h>

#include "core/fail.h"

struct sandbox {
	const char *work;           /* may read, write, make, remove files below; or NULL */
	const char *const *read;    /* NULL-terminated; may read below; missing ones are skipped */
	const char *const *load;    /* the same, for shared objects that the C library loads */
	bool receive;               /* may take descriptors from the sockets it holds */
	long file_max;              /* MB one written file may have; more is SIGXFSZ */
};

/* How far the kernel could take us. */
enum sandbox_level {
	SANDBOX_FAILED = -1,
	SANDBOX_FULL,
	SANDBOX_NO_LANDLOCK  /* system calls are filtered, paths not: kernel before 5.13, or off */
};

/* Before the sandbox, and first of all: no core dump, no ptrace by the same user, no new rights by
 * exec, and death when the parent dies. */
int sandbox_prepare(struct fail *why);
/* Whether sandbox_enter will keep paths apart: false says, before it is too late to say anything,
 * that it will be SANDBOX_NO_LANDLOCK. */
bool sandbox_has_paths(void);
/* The filter that sandbox_enter needs, made ahead, for this process and all that it will fork. */
int sandbox_filter_make(bool receive, struct fail *why);
/* SANDBOX_FAILED with why when the system call filter cannot be had: do not read mail then. */
enum sandbox_level sandbox_enter(const struct sandbox *s, struct fail *why);
/* Address space: what is in use now and mb more.  May be called again later, also to give more, as
 * far as ceiling_mb above the use at the first call.  Does nothing under a sanitizer. */
int sandbox_memory(long mb, long ceiling_mb, struct fail *why);

#endif
