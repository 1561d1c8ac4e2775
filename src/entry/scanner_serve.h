/*
 * scanner_serve.h - bivalve-scan --serve: the signatures stay, the messages pass.
 */
#ifndef ENTRY_SCANNER_SERVE_H
#define ENTRY_SCANNER_SERVE_H

#include "entry/scanner.h"

/* Descriptors that it is started with. */
#define SCANNER_LISTENER 3
#define SCANNER_CONTROL 4

/* Loads, then serves until told to finish; the exit status. */
int scanner_serve(struct scanner *s);

#endif
