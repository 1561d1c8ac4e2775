/*
 * listen.h - the sockets of bivalved: taken over from systemd or from the program before us, or
 * made.
 */
#ifndef PROC_LISTEN_H
#define PROC_LISTEN_H

#include "core/conf.h"
#include "core/fail.h"

/* Their names in LISTEN_FDNAMES (sd_listen_fds(3)): lmtp, lmtp-tcp, scan, status, metrics,
 * counts, which takes datagrams. */
enum listen_kind {
	LISTEN_LMTP, LISTEN_LMTP_TCP, LISTEN_SCAN, LISTEN_STATUS, LISTEN_METRICS, LISTEN_COUNTS,
	LISTEN_KINDS
};

struct listen {
	int fd[LISTEN_KINDS];        /* -1: not configured */
	bool made[LISTEN_KINDS];     /* by us: the path is ours to remove */
};

/* Descriptors that were handed over are used as they are; the rest is made as conf says. */
int listen_open(struct listen *l, const struct conf *conf, struct fail *why);
/* Makes what conf wants and is not there yet; all of that, or nothing. */
int listen_add(struct listen *l, const struct conf *conf, struct fail *why);
/* Keeps them open over an exec, and tells the new program by the environment. */
void listen_hand_over(const struct listen *l);
/* Closes all; removes the paths that we made. */
void listen_close(struct listen *l, const struct conf *conf);

#endif
