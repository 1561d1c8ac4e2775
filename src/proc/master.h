/*
 * master.h - bivalved's first process: opens sockets, starts the others and keeps them going.
 *
 * It has root's rights and reads no byte that came from outside: a connection is a descriptor to
 * it.  What it hears from the engine are numbers.
 */
#ifndef PROC_MASTER_H
#define PROC_MASTER_H

#include "core/conf.h"

struct master_start {
	const char *conf_path;    /* read again on SIGHUP */
	bool conf_must_exist;
	const char *pid_file;     /* instead of the configuration's; NULL: that one */
	char *const *argv;        /* for the program that takes our place then */
};

/* Serves until SIGTERM or SIGINT; the exit status. */
int master_run(const struct conf *conf, const struct master_start *start);

#endif
