/*
 * supervisor.h - started as root: how a process with the recipient's rights comes to be, and one
 * that keeps root's, reads nothing, and serves it (proc/keeper.h).
 */
#ifndef PROC_SUPERVISOR_H
#define PROC_SUPERVISOR_H

#include "core/conf.h"
#include "core/envelope.h"
#include "flow/services.h"

/* This process becomes account, for good and proven, and *s_r asks a keeper that it leaves behind:
 * a child that holds none of our descriptors and ends after us. The alarm that is set goes on. -1
 * with why: it may have root's rights still, and must end. */
int supervisor_become(const struct conf *conf, const struct account *account,
    struct services *s_r, struct fail *why);

/* What the recipient's process does: its return value is the exit status. */
typedef int supervisor_work(void *ctx, const struct services *s);

/* For several recipients in turn: a child becomes account and runs work, this process serves it and
 * waits. Returns the child's exit status; 75 when it died of a signal, or was ended after
 * conf->timeout seconds or for asking what it may not. -1 with why when it could not be started. */
int supervisor_run(const struct conf *conf, const struct account *account,
    supervisor_work *work, void *ctx, struct fail *why);

#endif
