/*
 * receivedclient.h - the address of the client that handed the mail to our own MTA.
 *
 * Where neither -c nor LMTP told it, the topmost Received field does, and only if our own host
 * wrote it: any deeper field is a stranger's word.
 */
#ifndef MAIL_RECEIVEDCLIENT_H
#define MAIL_RECEIVEDCLIENT_H

#include <stdbool.h>

#include "base/bytes.h"

#define RECEIVEDCLIENT_MAX 46   /* INET6_ADDRSTRLEN: longest address and NUL */
#define RECEIVEDCLIENT_ID_MAX 64   /* bytes of a queue id and NUL; a longer one is none */

struct receivedclient {
	char address[RECEIVEDCLIENT_MAX];
	char id[RECEIVEDCLIENT_ID_MAX];  /* our MTA's queue id; "" where it named none */
};

/* hosts: the names our MTA calls itself, NULL-terminated, letter case aside. False with "" in
 * both when the topmost Received field is not sendmail's "from HELO (rdns [IP]) by HOST", which
 * Postfix and OpenSMTPD write, too, or Exim's "from [IP] (helo=HELO) by HOST with ... (Exim". IPv6
 * without its "IPv6:", in the form of RFC 5952; mapped IPv4 as IPv4. */
bool receivedclient_find(struct bytes head, const char *const *hosts, struct receivedclient *r);
/* The same with this machine's name and names, words with blanks or commas between them. */
bool receivedclient_ours(struct bytes head, const char *names, struct receivedclient *r);
/* An address as an MTA passes it, sendmail with "IPv6:" and all groups, in that form, in room. What
 * is no address is returned as it is. */
const char *receivedclient_form(const char *text, char room[RECEIVEDCLIENT_MAX]);

#endif
