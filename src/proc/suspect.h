/*
 * suspect.h - messages that have ended the process that read them.
 *
 * By digest and by who asked: a user who knows another's message cannot make it suspect to him.
 * A fixed table; when it is full the oldest makes room.
 */
#ifndef PROC_SUSPECT_H
#define PROC_SUSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SUSPECT_DIGEST 32       /* bytes */
#define SUSPECT_MAX 256         /* messages remembered */
#define SUSPECT_DEATHS 2        /* so many, and it is refused */
#define SUSPECT_MS (3600 * INT64_C(1000))  /* how long one is remembered after the last death */

struct suspect {
	unsigned char digest[SUSPECT_DIGEST];
	uid_t uid;
	int deaths;             /* 0: free */
	int64_t last;           /* ms, clock_ms */
};

struct suspects {
	struct suspect row[SUSPECT_MAX];
};

/* It has ended its process once more. */
void suspect_note(struct suspects *s, const unsigned char *digest, uid_t uid, int64_t now);
/* Is it to be refused now? */
bool suspect_is_refused(const struct suspects *s, const unsigned char *digest, uid_t uid,
    int64_t now);
/* How many are to be refused now. */
size_t suspect_count(const struct suspects *s, int64_t now);

#endif
