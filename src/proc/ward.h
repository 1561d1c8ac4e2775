/*
 * ward.h - one recipient's delivery under a monitor: forked with his rights, served, ended.
 *
 * The monitor's side reads one byte of a request and nothing else; what the request needs is done
 * by a child.
 */
#ifndef PROC_WARD_H
#define PROC_WARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "core/conf.h"
#include "core/envelope.h"
#include "core/fail.h"
#include "proc/permit.h"

struct ward_world {
	const struct conf *conf;
	const struct account *weak;  /* scan_user; NULL: we are not root, and serve ourselves */
};

struct ward {
	pid_t pid;             /* -1: free */
	int sock;              /* its requests; -1 once nobody is left to ask */
	uint32_t uid;
	int64_t begun_us;
	int place;             /* for the monitor: of proc/places.h; -1 none */
	time_t limit;          /* when it is ended, next */
	long grace;            /* seconds from TERM to KILL */
	bool told;             /* TERM was sent */
	unsigned long serial;  /* of the message, for the monitor */
	struct permit permit;
};

enum ward_wish { WARD_SERVED, WARD_OVER, WARD_UNFAIR, WARD_READER };

/* Starts the delivery of message to uid; answer is the socket that has the envelope. Both borrowed.
 * -1 with why. */
int ward_begin(struct ward *w, const struct ward_world *world, uint32_t uid, int message,
    int answer, time_t now, struct fail *why);
/* A request is there. WARD_READER: *want_r and *sock_r, yours to close, are for the reader. */
enum ward_wish ward_serve(struct ward *w, const struct ward_world *world, unsigned char *want_r,
    int *sock_r);
/* Tells it to end, and kills it when that was some time ago. */
void ward_end(struct ward *w, time_t now);

#endif
