/*
 * forward.h - the words that are started for "! address", for whoever starts them himself.
 */
#ifndef ACT_FORWARD_H
#define ACT_FORWARD_H

#include "base/bytes.h"
#include "core/fail.h"
#include "core/settings.h"

struct forward_words {
	const char **argv;   /* NULL-terminated: SENDMAIL, the words of SENDMAILFLAGS, addresses */
	char *flags;
};

/* Without an address there is one empty argument. body: what will be on standard input, for "-i" is
 * added to "-oi" where it has a lone dot. -1 with why: an address holds control characters. Borrows
 * set and addresses; clear w in either case. */
int forward_words(const struct settings *set, const char *const *addresses, struct bytes body,
    struct forward_words *w, struct fail *why);
void forward_words_clear(struct forward_words *w);

#endif
