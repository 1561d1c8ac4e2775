/*
 * quarantine.h - keeps a message where only the administrator reads it.
 *
 * DIR/<id>.eml and DIR/<id>.json, mode 0600 in a directory of mode 0700; id is random, so no name
 * comes from a stranger; metadata is data (JSON strings).  Durable before success.
 */
#ifndef ACT_QUARANTINE_H
#define ACT_QUARANTINE_H

#include <stddef.h>

#include "base/bytes.h"
#include "core/fail.h"

struct quarantine_entry {
	const char *queue_id, *sender, *recipient, *detail, *client, *status, *virus, *reason,
	    *rule;
};

#define QUARANTINE_ID_SIZE 33  /* 32 hexadecimal digits and a NUL */

/* dir is made if it is missing (its parent must exist) and must belong to this process's user.
 * id_r receives the name. -1 with why (temporary). */
int quarantine_store(const char *dir, const struct quarantine_entry *e, struct bytes head,
    struct bytes body, char id_r[QUARANTINE_ID_SIZE], struct fail *why);

#endif
