#include "proc/permit.h"

#include <stddef.h>

/* Clones and retries multiply the honest number; a thousand is an attack or a fault. */
static const struct {
	unsigned char request;
	int most;
	bool shared;
} permits[PERMIT_KINDS] = {
	{ PERMIT_SCANNER, 64, false },
	{ PERMIT_QUARANTINE, 64, false },
	{ PERMIT_LOOKUP, 64, false },
	{ PERMIT_MAILBOX, 8, false },
	{ PERMIT_PARTS, 64, true },
	{ PERMIT_VERDICT, 64, true },
};

bool
permit_ask(struct permit *p, unsigned char request)
{
	for (size_t i = 0; i < PERMIT_KINDS; i++)
		if (permits[i].request == request && (p->shared || !permits[i].shared))
			return p->asked[i] < permits[i].most && ++p->asked[i] > 0;
	return false;
}
