/*
 * direct.h - services for a user who delivers his own mail: everything with his own rights.
 */
#ifndef PROC_DIRECT_H
#define PROC_DIRECT_H

#include "core/conf.h"
#include "core/envelope.h"
#include "flow/services.h"

/* conf and account borrowed. still_there is parent_still_there (proc/parent.h). */
void direct_services(struct services *s, const struct conf *conf, const struct account *account);

#endif
