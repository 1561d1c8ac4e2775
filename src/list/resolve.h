/*
 * resolve.h - DNS with an end: each question is answered, denied, or given up in time.
 *
 * One question at a time; answers are kept for a minute.  Not for several threads.
 */
#ifndef LIST_RESOLVE_H
#define LIST_RESOLVE_H

#include "base/buf.h"
#include "core/fail.h"

#define RESOLVE_LINES_MAX 32   /* records of one answer that are looked at */
#define RESOLVE_NAME_MAX 253   /* RFC 1035: bytes of a name without its last dot */

enum resolve_type { RESOLVE_A, RESOLVE_AAAA, RESOLVE_TXT, RESOLVE_MX };

struct resolve;

/* servers: "ADDRESS[:PORT],..." or "" for the system's (resolv.conf(5)). seconds: that one question
 * may take in all. NULL with why. */
struct resolve *resolve_new(const char *servers, long seconds, struct fail *why);
void resolve_free(struct resolve **r);
/* 1: out gets a line for each record (an address; the text; "PREFERENCE HOST", which is ". " for a
 * null MX); 0: the name or the type is not there; -1 with why: nobody could tell. */
int resolve_ask(struct resolve *r, const char *name, enum resolve_type type, struct buf *out,
    struct fail *why);
/* The name as the DNS has it (IDNA2008, RFC 5891), lower case, no last dot; false: not a host name
 * of RFC 1123 and 1035. */
bool resolve_name(struct bytes domain, struct buf *out);

#endif
