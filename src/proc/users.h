/*
 * users.h - the user database, and the difference between "no such user" and "no answer".
 */
#ifndef PROC_USERS_H
#define PROC_USERS_H

#include "core/envelope.h"
#include "core/fail.h"

/* Looks name up. 0: *a is filled (users_clear frees it). -1: FAIL_NOUSER only when the database
 * answered; FAIL_USERDB, naming the sources and the error, when it did not. */
int users_find(const char *name, struct account *a, struct fail *why);
/* The same for a user id: who started us. */
int users_find_uid(uid_t uid, struct account *a, struct fail *why);
void users_clear(struct account *a);

#endif
