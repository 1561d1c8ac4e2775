/*
 * recipient.h - one recipient's delivery of a message that came over LMTP.
 *
 * The session writes the envelope to its end of a socket pair and gives the other end to the
 * monitor, which forks a delivery with that recipient's rights around it; the answer comes back the
 * same way.  So the monitor passes on what it never reads.
 */
#ifndef PROC_RECIPIENT_H
#define PROC_RECIPIENT_H

#include "core/conf.h"
#include "core/envelope.h"
#include "core/fail.h"
#include "flow/services.h"
#include "proc/tally.h"

/* All that one delivery must know; strings never NULL. env is as everywhere. */
struct recipient {
	struct envelope env;
	const char *user;      /* the name that the user database was asked for */
	const char *read_us;   /* env.read_us on its way */
	const char *alone;     /* "1": nobody else gets this message, so what is found is for him */
};

/* The session's side, on a SOCK_SEQPACKET socket: the envelope goes first, and the answer is there
 * when the socket is readable: how the delivery ended, FAIL_NONE for well; its end without an
 * answer is FAIL_TEMP. */
int recipient_send(int sock, const struct recipient *r, struct fail *why);
void recipient_answer(int sock, struct fail *out);

/* The monitor's, where there is to be no delivery: why is what the session hears of it. */
void recipient_refuse(int sock, const struct fail *why);

/* The delivery's side, with the recipient's rights already: takes the envelope from sock, checks
 * that it names account, delivers message_fd (taken over), answers. Returns how it ended, for the
 * monitor. */
enum tally_outcome recipient_deliver(const struct conf *conf, const struct account *account,
    int sock, int message_fd, const struct services *services);

#endif
