/*
 * usersearch.h - a process that only asks the user database: names in, user ids out.
 *
 * A name is a stranger's word, and modules of the name service may do anything with it, so neither
 * the monitor nor the session asks.  It has scan_user's rights, and dies when an answer takes too
 * long: the asker sees the end of the socket, and may have a new one.
 */
#ifndef PROC_USERSEARCH_H
#define PROC_USERSEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "core/conf.h"
#include "core/envelope.h"
#include "core/fail.h"

#define USERSEARCH_NAME_MAX 4096   /* bytes of a local part */

struct usersearch_answer {
	uint8_t kind;         /* enum fail_kind: NONE, NOUSER, USERDB or TEMP */
	uint32_t uid;
	uint32_t user_len;    /* bytes of the local part that are the user; a "+" follows, if any */
	char text[256];       /* of a failure */
};

/* Looks for the first len bytes of local, as written and then in lower case: mail's local parts
 * know no case in practice, and accounts have small letters. As users_find. */
int usersearch_user(const char *local, size_t len, struct account *a, struct fail *why);

/* Serves SOCK_SEQPACKET sock to its end, then exits. own: answer for this user id only, (uid_t)-1
 * for everybody. */
_Noreturn void usersearch_run(const struct conf *conf, int sock, uint32_t own);

/* The asker's side. FAIL_NONE in answer->kind, or a failure; the end of the socket or silence is
 * FAIL_USERDB, and -1: sock is of no use any more. */
int usersearch_ask(int sock, const char *local, struct usersearch_answer *answer);

#endif
