/*
 * drop.h - the only place where this project changes its identity, and the proof that it did.
 */
#ifndef PROC_DROP_H
#define PROC_DROP_H

#include "core/envelope.h"
#include "core/fail.h"

/* From root to the account for good: groups, gid, uid, then the proof that no id is left over and
 * that root cannot be had back. -1 with why (temporary): the process must end. Refuses uid 0. */
int drop_to(const struct account *a, struct fail *why);
/* The same without any supplementary group: for a process that needs nothing of the account but
 * that it is nobody else. */
int drop_bare(const struct account *a, struct fail *why);

#endif
