/*
 * lda.h - exec mode: one message on standard input, one delivery a recipient, one exit status.
 */
#ifndef ENTRY_LDA_H
#define ENTRY_LDA_H

#include "core/conf.h"
#include "entry/options.h"

/* Returns the exit status for the MTA. */
int lda_run(const struct options *o, const struct conf *conf, char *const *environ_kept);

#endif
