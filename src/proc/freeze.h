/*
 * freeze.h - a file that another process has written becomes one that nobody can change any more.
 *
 * What is scanned and what is delivered have to be the same bytes, also when the process that
 * wrote them was taken over and goes on writing.
 */
#ifndef PROC_FREEZE_H
#define PROC_FREEZE_H

#include "core/conf.h"
#include "core/envelope.h"
#include "core/fail.h"

/* file: read-only, without a name, made by us; its writer says that he has let go of it.  Returns
 * it if that is true, else a copy; -1 with why when it cannot be copied: file is closed then.
 * weak: who copies, NULL for ourselves. */
int freeze_file(int file, const struct conf *conf, const struct account *weak, struct fail *why);

#endif
