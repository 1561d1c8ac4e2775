/*
 * parent.h - is the program that handed us the message still there?
 *
 * The end of input is all that tells the end of a message, and a killed MTA closes the pipe as one
 * that is done does.  Whoever commits looks as late as he can whether the process that started us
 * is alive.
 */
#ifndef PROC_PARENT_H
#define PROC_PARENT_H

#include <stdbool.h>

#include "core/fail.h"

/* At start: who started us. Without it every look says yes: input that has an end of its own. */
void parent_begin(void);
/* Before a fork whose child delivers, too: struct services' cloning, ctx unused. */
void parent_share(void *ctx);
/* In a child that delivers on its own account: what others of us have seen counts no more. */
void parent_renew(void);
/* struct services' still_there, ctx unused. -1 with why: it is gone, do not commit. In a clone,
 * which may end after it was rightly done with us, also yes when the first of us found it alive. */
int parent_still_there(void *ctx, struct fail *why);
/* Whether the text of a /proc/PID/stat, proc(5), is that of a process on its way out. */
bool parent_stat_is_exiting(const char *stat);
/* The message was read to its end: for clones that go on when we have said so. */
void parent_note(void);

#endif
