/*
 * lookuphelper.h - becomes bivalve-lookup, the process that asks the DNS, maps and the block list.
 */
#ifndef PROC_LOOKUPHELPER_H
#define PROC_LOOKUPHELPER_H

#include <stdbool.h>

#include "core/conf.h"
#include "core/fail.h"

/* In a child that has the rights it shall have: bivalve-lookup, which speaks core/lookup.h on sock.
 * own: these are the asker's own rights, which maps are read with. Only returns when it cannot
 * (exit). */
_Noreturn void lookuphelper_become(const struct conf *conf, bool own, int sock);
/* Starts one with our rights: the socket to it, yours to close, which ends it. -1 with why. */
int lookuphelper_start(const struct conf *conf, struct fail *why);
/* For a command line: the same program with words behind its options; standard input and output
 * stay. Only returns when it cannot (exit). */
_Noreturn void lookuphelper_command(const struct conf *conf, char *const *words);

#endif
