/*
 * ctlrules.h - the rules about rcfiles, beyond what the parser complains of.
 */
#ifndef TOOLS_CTLRULES_H
#define TOOLS_CTLRULES_H

#include "tools/ctltrap.h"

/* Adds what it finds to f; strings that point into tree are copied. */
void ctlrules_look(struct ctltrap_file *f, const struct tree *tree);

#endif
