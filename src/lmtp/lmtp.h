/*
 * lmtp.h - the server's side of LMTP (RFC 2033): bytes in, events and replies out.
 *
 * It knows no descriptor and no user.  The caller feeds it what the peer sent and acts on each
 * event; replies gather in lmtp_output, in the order in which the peer must get them, and are sent
 * when LMTP_MORE or LMTP_CLOSE comes (so a pipelining peer gets one packet).  A 5xx reply is a
 * verdict on a message, a recipient or a line's syntax, never on the state we are in.
 */
#ifndef LMTP_LMTP_H
#define LMTP_LMTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "core/fail.h"

#define LMTP_LINE_MAX 4096   /* bytes of a command, CR LF included; RFC 5321 asks for 512 */
#define LMTP_ERRORS_MAX 50   /* commands without sense between two messages, then it is over */

struct lmtp_limits {
	const char *host;        /* what we call ourselves; borrowed */
	size_t message;          /* bytes of a message as stored, 0 for no limit */
	size_t recipients;       /* of one message */
	bool once;               /* one message: the next RSET or MAIL is told 421 */
};

enum lmtp_event {
	LMTP_MORE,       /* the input is used up: send, then read on */
	LMTP_MAIL,       /* a transaction begins: lmtp_sender */
	LMTP_RCPT,       /* a recipient: lmtp_mailbox, lmtp_local; wants lmtp_answer */
	LMTP_DATA,       /* the text may begin; wants lmtp_answer */
	LMTP_TEXT,       /* lmtp_text is the next piece of it */
	LMTP_END,        /* that was all: wants lmtp_answer for each recipient, in their order */
	LMTP_CLOSE       /* send, then close the connection */
};

struct lmtp;

/* The greeting is in the output already. */
struct lmtp *lmtp_new(const struct lmtp_limits *limits);
void lmtp_free(struct lmtp **m);

/* Takes bytes off *in up to the next event. Never called between an event that wants an answer and
 * that answer. */
enum lmtp_event lmtp_feed(struct lmtp *m, struct bytes *in);
/* The answer to the last event, NULL or FAIL_NONE for yes. Text may hold anything. After LMTP_RCPT
 * yes adds the recipient; after LMTP_DATA no ends the transaction. */
void lmtp_answer(struct lmtp *m, const struct fail *why);
/* The text cannot be kept: what follows of it is dropped, and every recipient gets a 452. */
void lmtp_spoil(struct lmtp *m, const struct fail *why);
/* We end: a 421, and nothing is taken any more. */
void lmtp_shut(struct lmtp *m, const char *text);

/* Between two messages? Then nothing is lost to the peer by an end. */
bool lmtp_is_idle(const struct lmtp *m);
size_t lmtp_recipients(const struct lmtp *m);  /* so far, of this transaction */
/* Is this message, or recipient, the one that the peer named first of all, taken or not? */
bool lmtp_is_first_mail(const struct lmtp *m);
bool lmtp_is_first_rcpt(const struct lmtp *m);
const char *lmtp_sender(const struct lmtp *m); /* "" for the null sender */
const char *lmtp_mailbox(const struct lmtp *m);
const char *lmtp_local(const struct lmtp *m);  /* its local part, quotes undone */
struct bytes lmtp_text(const struct lmtp *m);
/* Cut what has been sent off its front. */
struct buf *lmtp_output(struct lmtp *m);

#endif
