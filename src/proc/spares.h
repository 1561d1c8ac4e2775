/*
 * spares.h - monitors forked before a peer comes; each serves one connection at a time
 * (proc/monitor.h).
 *
 * They accept by themselves (proc/door.h), so that the master is on nobody's way; it only hears
 * that one has got a peer, or rests behind it, and forks the next where none waits.
 */
#ifndef PROC_SPARES_H
#define PROC_SPARES_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/conf.h"
#include "core/fail.h"

#define SPARES_MAX 1024                 /* max_sessions */
#define SPARES_ROOM (SPARES_MAX + 512)  /* with those that end because of a reload */

struct spares_one {
	pid_t pid;      /* 0: free */
	bool busy;
	bool rests;     /* it has had a peer, and waits for the MTA alone */
	bool let_go;    /* and was told not to */
	bool old;       /* from before a reload: it takes no connection any more */
	int64_t begun;
};

struct spares {
	const struct conf *conf;
	int listener[2];          /* -1: none */
	int told[2];              /* a spare's number when it has a peer, negative when it waits */
	int life[2];              /* its end says that the master is gone */
	struct spares_one one[SPARES_ROOM];
	bool ending;
	size_t called;            /* so many have died; peers that they were woken for may wait */
	int64_t next_fork;
	uint64_t connections, refused, died;
};

/* Listeners borrowed; -1 for none. Adopts what spares_hand_over left in the environment. */
int spares_begin(struct spares *s, const struct conf *conf, int unix_listener, int tcp_listener,
    struct fail *why);
/* Forks what is missing. */
void spares_tend(struct spares *s);
/* Up to three; spares_hear with the same. */
size_t spares_gather(const struct spares *s, struct pollfd *fd);
void spares_hear(struct spares *s, const struct pollfd *fd, size_t n);
bool spares_ended(struct spares *s, pid_t pid, int status);
size_t spares_busy(const struct spares *s);
/* The waiting ones end, the others as soon as their message is done. */
void spares_finish(struct spares *s);
bool spares_is_over(const struct spares *s);
/* Before an exec: sessions go on, and count in the next program. */
void spares_hand_over(const struct spares *s);

#endif
