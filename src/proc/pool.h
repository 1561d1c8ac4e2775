/*
 * pool.h - processes forked and sandboxed ahead of need; each serves one connection after another.
 *
 * The pool owns the listening socket and reads no byte of a connection: it hands the connection to
 * an idle member, kills the member that takes too long, removes its temporary directory, and forks
 * the next one before it is needed.  A message that has ended its member twice is remembered by its
 * digest and its asker, and refused for a while.
 *
 * To the asker the pool or the member says one byte first (enum pool_greeting); after POOL_READY
 * the connection is the member's.
 */
#ifndef PROC_POOL_H
#define PROC_POOL_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/fail.h"
#include "proc/poolstat.h"
#include "proc/seat.h"

#define POOL_MEMBERS_MAX 256
#define POOL_QUEUE_MAX 1024

enum pool_greeting { POOL_READY = 'R', POOL_BUSY = 'B' };

struct pool_settings {
	int listener;             /* listening Unix stream socket, not blocking */
	int control;              /* SOCK_SEQPACKET to the master; -1: serve until SIGTERM */
	const char *temp_parent;
	long members;             /* at once, idle and busy, 1..POOL_MEMBERS_MAX */
	long spare;               /* idle ones kept ready */
	long queue;               /* connections that may wait for a member, 0..POOL_QUEUE_MAX */
	long per_user;            /* connections of one user, waiting and served */
	long wait;                /* seconds a connection may wait */
	long turn;                /* seconds one question may take; all of a connection: 8 times */
	long messages;            /* a member serves before it is replaced */
};

/* What master and pool say to each other: one byte; POOL_STATUS with seven unused ones and a struct
 * poolstat behind it. */
enum pool_order { POOL_GO = 'G', POOL_FINISH = 'F', POOL_ASK = 'Q' };
enum pool_news { POOL_LOADED = 'L', POOL_STALE = 'C', POOL_STATUS = 'S' };

/* Runs in the forked member and never returns: first the sandbox, then seat_next. */
typedef void pool_member_fn(void *ctx, const struct seat *seat);
/* Asked about once a minute in the pool: are the signatures on disk others now? */
typedef bool pool_stale_fn(void *ctx);

/* Serves until told to finish (POOL_FINISH, SIGTERM, the master's end) and the last member has
 * ended.  0, or -1 with why when it could not begin.  stat: what the caller knows of it already. */
int pool_run(const struct pool_settings *s, pool_member_fn *member, pool_stale_fn *stale, void *ctx,
    const struct poolstat *stat, struct fail *why);

#endif
