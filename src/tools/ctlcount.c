#include "tools/ctlcount.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* FNV-1a. That somebody finds names which share a bucket costs him many mails, and us little. */
static uint32_t
ctlcount_hash(struct bytes name)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.p[i]) * 16777619u;
	return h;
}

void
ctlcount_add(struct ctlcount *c, struct bytes name)
{
	struct ctlcount_name *n, **at;

	if (c->names >= CTLCOUNT_NAMES)
		name = bytes_of("(others)");
	at = &c->bucket[ctlcount_hash(name) % CTLCOUNT_BUCKETS];
	for (n = *at; n && !bytes_is(name, n->name); n = n->next)
		;
	if (!n) {
		n = mem_zero(sizeof *n);
		n->name = mem_copy(name);
		n->next = *at;
		*at = n;
		c->names++;
	}
	n->n++;
	c->total++;
}

static int
ctlcount_compare(const void *a, const void *b)
{
	const struct ctlcount_name *const *x = a, *const *y = b;

	if ((*x)->n != (*y)->n)
		return (*x)->n > (*y)->n ? -1 : 1;
	return strcmp((*x)->name, (*y)->name);
}

struct ctlcount_name **
ctlcount_top(const struct ctlcount *c, size_t max, size_t *n_r)
{
	struct ctlcount_name **all = mem_array(c->names + 1, sizeof(struct ctlcount_name *));
	size_t n = 0;

	for (size_t i = 0; i < CTLCOUNT_BUCKETS; i++)
		for (struct ctlcount_name *p = c->bucket[i]; p; p = p->next)
			all[n++] = p;
	qsort(all, n, sizeof *all, ctlcount_compare);
	*n_r = n < max ? n : max;
	return all;
}

void
ctlcount_clear(struct ctlcount *c)
{
	for (size_t i = 0; i < CTLCOUNT_BUCKETS; i++)
		while (c->bucket[i]) {
			struct ctlcount_name *n = c->bucket[i];

			c->bucket[i] = n->next;
			free(n->name);
			free(n);
		}
	c->names = 0;
	c->total = 0;
}
