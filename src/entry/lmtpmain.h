/*
 * lmtpmain.h - bivalve --lmtp: LMTP with the peer on standard input and output.
 */
#ifndef ENTRY_LMTPMAIN_H
#define ENTRY_LMTPMAIN_H

#include "core/conf.h"
#include "entry/options.h"

/* Returns the exit status: 0 when the connection has come to its end, whatever was said in it. */
int lmtpmain_run(const struct options *o, const struct conf *conf);

#endif
