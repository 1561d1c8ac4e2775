/*
 * ctlnumber.h - the numbers that mail programs write into logs, in words.
 */
#ifndef TOOLS_CTLNUMBER_H
#define TOOLS_CTLNUMBER_H

#include "base/buf.h"

/* A line for each thing the number can mean: an exit status of sysexits(3) and what sendmail does
 * with it, an errno of this system, one of sendmail's own (sm/errstring.h: above 256 for files,
 * name servers, maps, LDAP).  Nothing is appended for a number without a meaning. */
void ctlnumber_explain(long number, struct buf *out);

#endif
