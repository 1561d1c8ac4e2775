/*
 * scratch.h - a file system in memory for what scanners unpack, which nobody else sees.
 *
 * libclamav makes a directory and some files for each object: on a disk that is a third of what a
 * small message costs.  In memory the pieces of mail are also in nobody's way, and gone when the
 * engine is, however it ended.
 */
#ifndef PROC_SCRATCH_H
#define PROC_SCRATCH_H

#include "core/conf.h"

/*
 * For a process that still has root's rights and is about to become the engine: puts a tmpfs of
 * temp_memory MB over temp_dir, in a mount namespace of its own (mount_namespaces(7), tmpfs(5)).
 * Nothing is done when temp_memory is 0, without root's rights, or when the signatures or the
 * scanner's program lie below temp_dir; what the kernel refuses is logged.  Files are then where
 * temp_dir is: slower, not less safe.  scanner: the program's path.
 */
void scratch_make(const struct conf *conf, const char *scanner);

#endif
