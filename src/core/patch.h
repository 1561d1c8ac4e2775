/*
 * patch.h - a new message told by the one it was made from: runs of its bytes, and fresh ones.
 *
 * The scanner process takes a message apart and says what the new one is; the delivery, which has
 * the bytes, puts it together.  So what is meant to stay comes from the original, byte for byte,
 * and the scanner needs no file to write to.
 */
#ifndef CORE_PATCH_H
#define CORE_PATCH_H

#include <stddef.h>

#include "base/buf.h"
#include "core/fail.h"

struct patch_piece {
	size_t from, len;   /* of the original, or of the fresh bytes */
	bool fresh;
};

struct patch {
	struct patch_piece *pieces;
	size_t n, room;
	struct buf fresh;
};

void patch_init(struct patch *p);
void patch_clear(struct patch *p);
/* What comes next in the new message; neighbours are joined. */
void patch_copy(struct patch *p, size_t from, size_t len);
void patch_add(struct patch *p, struct bytes text);
/* Appends the new message to out. */
void patch_apply(const struct patch *p, struct bytes original, struct buf *out);

/* Wire form: 'C' from len (8 bytes each), 'D' bytes, 'E'; each record a 5-byte head as in report.h.
 * Sending fails with -1 and errno. */
int patch_send(int fd, const struct patch *p);
/* Writes the new message to the descriptor out.  original: the bytes it was made from, in two
 * halves.  The sender is trusted in nothing: -1 with why (FAIL_SCAN) when a run lies outside the
 * original, or the new message is larger than max bytes, or out cannot be written. */
int patch_receive(int fd, const struct bytes original[2], size_t max, int out, struct fail *why);

#endif
