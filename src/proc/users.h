/*
 * users.h - the user database, and the difference between "no such user" and "no answer".
 */
#ifndef PROC_USERS_H
#define PROC_USERS_H

#include "core/conf.h"
#include "core/envelope.h"
#include "core/fail.h"

/* Looks name up. 0: *a is filled (users_clear frees it). -1: FAIL_NOUSER only when the database
 * answered; FAIL_USERDB, naming the sources and the error, when it did not. */
int users_find(const char *name, struct account *a, struct fail *why);
/* The same for a user id: who started us. */
int users_find_uid(uid_t uid, struct account *a, struct fail *why);
/* The account of scanners and sessions: neither root's rights nor a recipient's. "nobody" stands in
 * for "bivalve" where that is not there. */
int users_find_weak(const struct conf *conf, struct account *a, struct fail *why);
/* Mail for uid 0 is somebody's who is not root, for nothing is delivered with root's rights: *a,
 * cleared first, becomes root_alias's account. */
int users_root_alias(const struct conf *conf, struct account *a, struct fail *why);
/* Loads what the name service needs to name a user's groups: children have it then. */
void users_warm(const struct account *a);
void users_clear(struct account *a);

#endif
