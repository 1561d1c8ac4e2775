/*
 * supervisor.h - started as root: one process per recipient with his rights, and this one, which
 * keeps root's rights, reads nothing, and answers what proc/permit.c allows.
 */
#ifndef PROC_SUPERVISOR_H
#define PROC_SUPERVISOR_H

#include "core/conf.h"
#include "core/envelope.h"
#include "flow/services.h"

/* What the recipient's process does: its return value is the exit status. */
typedef int supervisor_work(void *ctx, const struct services *s);

/* Forks; the child becomes account (proven) and runs work, this process serves and waits. Returns
 * the child's exit status; 75 when it died of a signal, or was ended after conf->timeout seconds or
 * for asking what it may not. -1 with why when it could not be started. */
int supervisor_run(const struct conf *conf, const struct account *account, int parent,
    supervisor_work *work, void *ctx, struct fail *why);

#endif
