#include "proc/permit.h"

#include <stddef.h>

/* Clones and retries multiply the honest number; a thousand is an attack or a fault. */
static struct permit {
	unsigned char request;
	int most, left;
} permits[] = {
	{ PERMIT_STILL_THERE, 1000, 1000 },
	{ PERMIT_SCANNER, 64, 64 },
	{ PERMIT_QUARANTINE, 64, 64 },
	{ PERMIT_MAILBOX, 8, 8 },
};

void
permit_begin(void)
{
	for (size_t i = 0; i < sizeof permits / sizeof permits[0]; i++)
		permits[i].left = permits[i].most;
}

bool
permit_ask(unsigned char request)
{
	for (size_t i = 0; i < sizeof permits / sizeof permits[0]; i++)
		if (permits[i].request == request)
			return permits[i].left-- > 0;
	return false;
}
