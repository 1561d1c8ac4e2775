/*
 * flatten.h - a message that programs may read in several ways, written anew as one MIME tree that
 * all of them read alike.
 *
 * The tree is that of the main view (split.h).  Each part has one Content-Type, one encoding and
 * one name; boundaries are fresh, base64 and quoted-printable canonical.  What other readings show
 * is added as attachments.  The fields of a message's header that say nothing about its body stay
 * byte for byte, unless they are malformed themselves.  A signature does not survive: what was
 * signed becomes an ordinary multipart.
 */
#ifndef MIME_FLATTEN_H
#define MIME_FLATTEN_H

#include <stdbool.h>

#include "base/bytes.h"
#include "core/patch.h"

#define FLATTEN_EXTRAS_MAX 10      /* readings that are added */
#define FLATTEN_EXTRAS_SEEN 1000   /* that are looked at */

struct flatten;

/* message is borrowed until flatten_free. */
struct flatten *flatten_new(struct bytes message);
void flatten_free(struct flatten **f);
/* A reading of the message, or of some part of it. Is it something that the tree has not? */
bool flatten_lacks(struct flatten *f, struct bytes reading);
/* Adds it as an attachment. */
void flatten_add(struct flatten *f, struct bytes reading, const char *name);
/* More readings than can be added: the message as it came will be, too, as bytes. */
void flatten_add_original(struct flatten *f);
/* How many attachments were added; true in *over_r: there were more. */
int flatten_added(const struct flatten *f, bool *over_r);
/* The new message, of the old one. */
void flatten_patch(struct flatten *f, struct patch *out);
/* Do all views of the splitter see the same tree? */
bool flatten_is_flat(struct bytes message);

#endif
