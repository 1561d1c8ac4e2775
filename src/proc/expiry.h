/*
 * expiry.h - bivalved takes relays off the block list whose time is over.
 *
 * The list is written by processes that read what strangers sent, and the master is root: so a
 * look-up process with scan_user's rights does it, as bivalvectl(8) blocklist expire would.
 */
#ifndef PROC_EXPIRY_H
#define PROC_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/conf.h"

struct expiry {
	const struct conf *conf;
	pid_t pid;         /* 0: none at work */
	int64_t next;      /* ms */
	bool complained;   /* and it has not worked since */
};

void expiry_begin(struct expiry *x, const struct conf *conf);
/* Starts one when it is time: at first, and then after a twentieth of blocklist_expire, at most a
 * minute.  Where there is no list, none. */
void expiry_tend(struct expiry *x);
/* A child has ended: true when it was ours. */
bool expiry_ended(struct expiry *x, pid_t pid, int status);

#endif
