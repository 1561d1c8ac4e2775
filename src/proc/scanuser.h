/*
 * scanuser.h - scan_user: neither root's rights nor the recipient's.
 */
#ifndef PROC_SCANUSER_H
#define PROC_SCANUSER_H

#include "core/conf.h"
#include "core/fail.h"

/* Root becomes that account for good; anybody else stays what he is. -1 with why: the process must
 * end. */
int scanuser_become(const struct conf *conf, struct fail *why);
/* The same with the account "nobody", where no configuration can be had. */
int scanuser_nobody(struct fail *why);

#endif
