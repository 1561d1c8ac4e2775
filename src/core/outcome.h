/*
 * outcome.h - how one delivery ended.
 */
#ifndef CORE_OUTCOME_H
#define CORE_OUTCOME_H

#include "core/fail.h"

enum outcome_code {
	OUTCOME_OPEN,         /* nothing has ended processing yet */
	OUTCOME_DELIVERED,
	OUTCOME_DROPPED,      /* @drop, or a HOST mismatch without a further rcfile */
	OUTCOME_QUARANTINED,
	OUTCOME_FAILED        /* why.kind says: deferred, rejected, no mailbox */
};

struct outcome {
	enum outcome_code code;
	struct fail why;
	const char *file;     /* rcfile whose recipe decided, "" for none; borrowed */
	int line;             /* its line, 0 for none */
};

#endif
