/*
 * domainlist.h - a file of domains, one a line, as sendmail's F line reads them into a class.
 */
#ifndef MAIL_DOMAINLIST_H
#define MAIL_DOMAINLIST_H

#include <stdbool.h>

#include "base/bytes.h"

/* Is key, a domain or a mail address, in the list? Of a line the first word counts: "example.org"
 * is that domain, ".example.org" all below it, "user@example.org" that address. Letter case and a
 * last dot do not matter; lines with # in front are comments. *line_r borrows that word from
 * list. */
bool domainlist_find(struct bytes list, struct bytes key, struct bytes *line_r);

#endif
