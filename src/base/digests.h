/*
 * digests.h - a set of SHA-256 digests: which bytes have been seen?
 *
 * Unlike a short hash, a digest stands for the bytes: nobody can make two objects that share one.
 */
#ifndef BASE_DIGESTS_H
#define BASE_DIGESTS_H

#include <stdbool.h>

#define DIGESTS_SIZE 32   /* bytes; of SHA-256 */

struct digests;

struct digests *digests_new(void);
void digests_free(struct digests **d);
/* False: it is there already. */
bool digests_add(struct digests *d, const unsigned char digest[DIGESTS_SIZE]);
bool digests_has(const struct digests *d, const unsigned char digest[DIGESTS_SIZE]);

#endif
