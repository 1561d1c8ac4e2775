/*
 * contentlength.h - keeps a Content-Length field true, as procmail does unless -Y is given.
 *
 * mbox readers of the System V kind jump by it, so a wrong one swallows the next message.
 */
#ifndef MAIL_CONTENTLENGTH_H
#define MAIL_CONTENTLENGTH_H

#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Appends to out the head with its Content-Length fields rewritten to body_length, right aligned in
 * the room that the old value had behind the colon; with too little room, as many nines as fit. All
 * of them, for readers differ in which they believe. Same length as head. Returns how many bytes of
 * the body each of them claims at least: a line of the body that starts at that offset or before is
 * not quoted (act.h, content_length). -1, out untouched, without such a field that has any room. */
long contentlength_fit(struct bytes head, size_t body_length, struct buf *out);

#endif
