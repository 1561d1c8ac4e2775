/*
 * message.h - the message as recipes see it: a head and a body that are changed apart.
 *
 * head: the From_ line if there is one, the fields, and the empty line that ends them.  body: the
 * rest, byte for byte.  A NUL in the head hides its end (as procmail has it): all is head then.
 */
#ifndef CORE_MESSAGE_H
#define CORE_MESSAGE_H

#include "core/store.h"

struct message {
	struct bytes head, body;
	struct store *head_store, *body_store; /* what keeps the bytes alive; owned references */
	unsigned head_serial, body_serial;     /* grow with every change: caches look at them */
};

/* How many bytes at the start of text are the head, the empty line included. */
size_t message_head_length(struct bytes text);
/* Takes a reference of its own on store, whose bytes become head and body. */
void message_set(struct message *m, struct store *store);
/* Replaces one half; store's reference is taken over.  A new head is taken as it is; what a header
 * filter left behind the empty line is the caller's to join (see flow). */
void message_set_head(struct message *m, struct store *store);
void message_set_body(struct message *m, struct store *store);
void message_clear(struct message *m);

static inline size_t
message_size(const struct message *m)
{
	return m->head.len + m->body.len;
}

#endif
