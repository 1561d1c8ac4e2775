/*
 * version.h - what bivalve --version says: of itself, its libraries, and its signatures.
 */
#ifndef ENTRY_VERSION_H
#define ENTRY_VERSION_H

#include "core/conf.h"

/* The exit status. */
int version_print(const struct conf *conf);

#endif
