/*
 * engines.h - the engine process, and the one that takes its place.
 *
 * New signatures are loaded by a new process beside the old one; when it is ready it takes over the
 * listening socket, which stays the master's, and the old one finishes.  Signatures that cannot be
 * loaded change nothing.  One that dies is started again at once; one that dies again soon, later.
 */
#ifndef PROC_ENGINES_H
#define PROC_ENGINES_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/conf.h"
#include "proc/poolstat.h"

#define ENGINES_MAX 8   /* one serves, one loads; the rest finish */

enum engines_state { ENGINES_FREE, ENGINES_LOADING, ENGINES_SERVING, ENGINES_FINISHING };

struct engines_one {
	enum engines_state state;
	pid_t pid;
	int control;
	int64_t started, asked;   /* ms */
	int64_t waits;            /* since when we wait for an answer; 0: we have it */
};

struct engines {
	const struct conf *conf;
	int listener;
	struct engines_one one[ENGINES_MAX];
	struct poolstat stat;      /* the last that the serving one said */
	bool has_stat;
	bool adopted;              /* we began with one that another program had started */
	bool wanted;               /* a new one is to be loaded */
	bool ending;
	bool refused;              /* the signatures on disk could not be loaded */
	int64_t pause, next_start; /* ms */
	uint64_t started, died;
};

/* listener borrowed. Adopts what engines_hand_over left in the environment. */
void engines_begin(struct engines *e, const struct conf *conf, int listener);
/* As soon as may be, a new one with the signatures as they are now. */
void engines_renew(struct engines *e);
/* Starts, asks, ends what is due; ms until the next look. */
int64_t engines_tend(struct engines *e);
/* Fills at most ENGINES_MAX; engines_hear for each that has something to say. */
size_t engines_gather(const struct engines *e, struct pollfd *fd);
void engines_hear(struct engines *e, int control);
/* A child has ended: true when it was one of these. */
bool engines_ended(struct engines *e, pid_t pid, int status);
bool engines_is_serving(const struct engines *e);
/* No new ones, the others finish; engines_is_over when they have. */
void engines_finish(struct engines *e);
bool engines_is_over(const struct engines *e);
/* Before an exec: the serving one goes on, and the next program knows it. */
void engines_hand_over(const struct engines *e);

#endif
