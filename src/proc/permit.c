#include "proc/permit.h"

#include <stddef.h>

/* Clones and retries multiply the honest number; a thousand is an attack or a fault. */
static const struct {
	unsigned char request;
	int most;
} permits[PERMIT_KINDS] = {
	{ PERMIT_SCANNER, 64 },
	{ PERMIT_QUARANTINE, 64 },
	{ PERMIT_LOOKUP, 64 },
	{ PERMIT_MAILBOX, 8 },
};

bool
permit_ask(struct permit *p, unsigned char request)
{
	for (size_t i = 0; i < PERMIT_KINDS; i++)
		if (permits[i].request == request)
			return p->asked[i] < permits[i].most && ++p->asked[i] > 0;
	return false;
}
