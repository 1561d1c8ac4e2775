/*
 * seat.h - a pool's member and what it says to the pool (proc/pool.h).
 *
 * It runs in the sandbox and may have been taken over by a message: the pool believes nothing here
 * but about the member itself.
 */
#ifndef PROC_SEAT_H
#define PROC_SEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "proc/poolstat.h"
#include "proc/suspect.h"

struct seat {
	int channel;              /* to the pool, SOCK_SEQPACKET */
	const char *temp_dir;     /* its own; the pool removes it */
};

/* Both directions; the connection's descriptor goes along with SEAT_CONNECTION. */
enum seat_word {
	SEAT_CONNECTION = 'C', SEAT_GO = 'G', SEAT_REFUSED = 'U',                   /* pool */
	SEAT_DIGEST = 'D', SEAT_BEGIN = 'B', SEAT_END = 'E', SEAT_SERVED = 'X'      /* member */
};

struct seat_note {
	uint8_t word;
	uint8_t flag;             /* CONNECTION: suspects; END: it was a scan */
	uint8_t verdict;          /* END: enum poolstat_verdict */
	unsigned char digest[SUSPECT_DIGEST];
};

/* The next connection, yours to close; -1 when there is none any more.  *suspects_r: some message
 * is refused at present, so ask. */
int seat_next(const struct seat *s, bool *suspects_r);
/* Tells which message it is, before it is parsed.  1: read it; 0: it is refused; -1: the pool could
 * not be told, or gave no answer.  Without suspects it does not wait for one. */
int seat_ask_welcome(const struct seat *s, const unsigned char digest[SUSPECT_DIGEST],
    bool suspects);
/* Around the work on one question. */
void seat_turn_begins(const struct seat *s);
void seat_turn_ends(const struct seat *s, bool scan, enum poolstat_verdict verdict);
/* The connection is done with. False: the pool is gone. */
bool seat_served(const struct seat *s);

#endif
