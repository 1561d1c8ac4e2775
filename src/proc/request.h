/*
 * request.h - the recipient's side of proc/keeper.h: services that ask a process with root's
 * rights.
 */
#ifndef PROC_REQUEST_H
#define PROC_REQUEST_H

#include "core/conf.h"
#include "flow/services.h"

/* sock: the delivery's end of keeper_pair; conf and sock are borrowed, one a process.  still_there
 * is parent_still_there (proc/parent.h). */
void request_services(struct services *s, const struct conf *conf, int sock);

#endif
