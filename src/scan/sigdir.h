/*
 * sigdir.h - has the directory of signatures changed?
 */
#ifndef SCAN_SIGDIR_H
#define SCAN_SIGDIR_H

#include <stdint.h>
#include <time.h>

/* A number that changes with any file's name, inode, size or time in dir; 0 when the directory
 * cannot be read.  *newest_r: the time of the newest file, 0 if none. */
uint64_t sigdir_state(const char *dir, time_t *newest_r);

#endif
