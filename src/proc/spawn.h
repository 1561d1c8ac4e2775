/*
 * spawn.h - a child that holds nothing of its parent's but what it is given.
 */
#ifndef PROC_SPAWN_H
#define PROC_SPAWN_H

#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

#define SPAWN_FIRST 3   /* the number of the first descriptor kept */
#define SPAWN_KEEP_MAX 4

/* Forks. In the child (0): keep[i] is SPAWN_FIRST + i, close-on-exec; 0 to 2 are what they were;
 * all else is closed. Signals are as at the start of a program, with none blocked. -1 with errno.
 * Each of keep is above 2. */
pid_t spawn_child(const int *keep, size_t n);

#endif
