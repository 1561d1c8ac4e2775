/*
 * lookup_list.h - the block list for a person: what "bivalvectl blocklist" shows and changes.
 */
#ifndef ENTRY_LOOKUP_LIST_H
#define ENTRY_LOOKUP_LIST_H

#include "list/blocklist.h"

/* words: list, add ADDRESS..., remove ADDRESS..., expire, export FORM NAME, import; text goes to
 * standard output, an import comes from standard input. Returns an exit status: 0, 1 when an
 * address was not there or may not be listed, or one of sysexits(3). */
int lookup_list_run(const struct blocklist *l, int argc, char *const *words);

#endif
