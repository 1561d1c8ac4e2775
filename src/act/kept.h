/*
 * kept.h - what the quarantine holds: for the tool that lists, shows, releases and deletes.
 *
 * Names and metadata were made by act/quarantine.c, but the texts in them are strangers' words.
 * Only whoever owns the directory looks into it.
 */
#ifndef ACT_KEPT_H
#define ACT_KEPT_H

#include <stdbool.h>
#include <time.h>

#include "act/quarantine.h"
#include "base/buf.h"

/* One message; strings are the entry's own. */
struct kept {
	char id[QUARANTINE_ID_SIZE];
	time_t time;
	long long size;
	struct buf text;            /* what the strings lie in */
	const char *queue_id, *sender, *recipient, *detail, *client, *status, *virus, *reason,
	    *rule;
};

struct kept_list {
	struct kept *item;
	size_t n;
};

/* The directory, if it is ours alone; -1 with why. */
int kept_open(const char *dir, struct fail *why);
/* All messages, oldest first. -1 with why. */
int kept_read(int dir, struct kept_list *list, struct fail *why);
void kept_clear(struct kept_list *list);
/* The one whose id begins with text; NULL with why when there is none, or more than one. */
const struct kept *kept_find(const struct kept_list *list, const char *text, struct fail *why);
/* The message, open for reading; -1 with why. */
int kept_message(int dir, const struct kept *k, struct fail *why);
/* Removes description and message, in this order, durably. */
int kept_delete(int dir, const struct kept *k, struct fail *why);

#endif
