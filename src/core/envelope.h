/*
 * envelope.h - who sent it, for whom, from where.  Hostile text, all of it: never a path, never a
 * word of a shell command, never a format.  Filled by entry/ from arguments or LMTP, never from
 * the message's content.
 */
#ifndef CORE_ENVELOPE_H
#define CORE_ENVELOPE_H

#include <sys/types.h>

struct envelope {
	const char *id;      /* the MTA's queue id or one of ours; for the log */
	const char *sender;  /* "" for the null sender */
	const char *rcpt;    /* as given to us */
	const char *detail;  /* what stood behind the plus, "" if nothing */
	long read_us;        /* microseconds that the message took to come; -1 unknown */
	const char *client;  /* address of the client that handed the mail to our MTA, "" unknown */
};

/* The recipient's account: his rights and his home. Strings borrowed. */
struct account {
	const char *name, *home, *shell;
	uid_t uid;
	gid_t gid;
};

#endif
