/*
 * smrsh.h - command lines for sendmail's restricted shell (smrsh(8)).
 */
#ifndef ACT_SMRSH_H
#define ACT_SMRSH_H

#include "base/buf.h"
#include "core/fail.h"

#define SMRSH_REFUSED 69   /* its exit status for what it does not run */

/* The line for "smrsh -c": text as it is, or argv (text NULL) with each word quoted.  -1 and why
 * for what smrsh would refuse: it says so by an exit status that a recipe may ignore. */
int smrsh_line(const char *text, const char *const *argv, struct buf *line, struct fail *why);

#endif
