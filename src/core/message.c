#include "core/message.h"

#include <string.h>

size_t
message_head_length(struct bytes text)
{
	const char *p = text.p, *end = text.p + text.len, *nl, *first;

	while (p < end && *p == '\n')
		p++; /* empty lines before the fields do not end the head, as in procmail */
	first = p; /* which procmail takes as it is */
	/* Line by line, so that a body of any size stays untouched. */
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl || memchr(p + (p == first), '\0', (size_t)(nl - p) - (p == first)))
			return text.len;
		if (nl == p)
			return (size_t)(nl - text.p) + 1;
	}
	return text.len;
}

void
message_set(struct message *m, struct store *store)
{
	size_t n = message_head_length(store->bytes);
	struct store *head = store_ref(store), *body = store_ref(store);

	message_set_head(m, head);
	message_set_body(m, body);
	m->head = bytes_first(store->bytes, n);
	m->body = bytes_from(store->bytes, n);
}

void
message_set_head(struct message *m, struct store *store)
{
	store_unref(&m->head_store);
	m->head_store = store;
	m->head = store->bytes;
	m->head_serial++;
}

void
message_set_body(struct message *m, struct store *store)
{
	store_unref(&m->body_store);
	m->body_store = store;
	m->body = store->bytes;
	m->body_serial++;
}

void
message_clear(struct message *m)
{
	store_unref(&m->head_store);
	store_unref(&m->body_store);
	*m = (struct message){ 0 };
}
