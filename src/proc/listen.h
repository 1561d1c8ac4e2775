/*
 * listen.h - the sockets of bivalved: taken over from systemd or from the program before us, or
 * made.
 */
#ifndef PROC_LISTEN_H
#define PROC_LISTEN_H

#include <sys/types.h>

#include "core/conf.h"
#include "core/fail.h"

/* Their names in LISTEN_FDNAMES (sd_listen_fds(3)): lmtp, lmtp-tcp, scan, status, metrics,
 * counts, which takes datagrams. */
enum listen_kind {
	LISTEN_LMTP, LISTEN_LMTP_TCP, LISTEN_SCAN, LISTEN_STATUS, LISTEN_METRICS, LISTEN_COUNTS,
	LISTEN_KINDS
};

/* A path that we have put a socket at: ours to remove, as long as it is that socket. */
struct listen_name {
	char *path;                  /* NULL: none */
	dev_t dev;
	ino_t ino;
};

struct listen {
	int fd[LISTEN_KINDS];        /* -1: not configured */
	struct listen_name made[LISTEN_KINDS];
};

/* Descriptors that were handed over are used as they are; the rest is made as conf says. */
int listen_open(struct listen *l, const struct conf *conf, struct fail *why);
/* Makes what conf wants and is not there yet; all of that, or nothing. */
int listen_add(struct listen *l, const struct conf *conf, struct fail *why);
/* Keeps them open over an exec, and tells the new program by the environment. */
void listen_hand_over(const struct listen *l);
/* Closes all; removes the paths that we made, before a reload, too. */
void listen_close(struct listen *l);

#endif
