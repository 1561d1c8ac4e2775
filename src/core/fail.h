/*
 * fail.h - the one failure object, filled where a thing went wrong.
 *
 * fail.c holds the one table from kind of failure to exit status (sysexits(3)), enhanced status
 * code (RFC 3463) and LMTP reply (RFC 2033).  Not sure which kind? FAIL_TEMP: the mail stays with
 * the MTA.  Every other kind needs its reason in a comment where it is used.
 */
#ifndef CORE_FAIL_H
#define CORE_FAIL_H

#include <stdbool.h>

enum fail_kind {
	FAIL_NONE,
	FAIL_TEMP,       /* local trouble or anything unknown: deferred */
	FAIL_USERDB,     /* the user database does not answer: deferred */
	FAIL_SCAN,       /* a scan was asked for and cannot be done: deferred */
	FAIL_POLICY,     /* a recipe said @defer */
	FAIL_REJECT,     /* a recipe said @reject */
	FAIL_NOUSER,     /* the user database answered: no such user */
	FAIL_CANTCREATE, /* no mailbox can be there, and a person called us (see flow/finish.c) */
	FAIL_NOINPUT,    /* command line: -m without an rcfile */
	FAIL_USAGE,      /* command line */
	FAIL_KINDS
};

struct fail {
	enum fail_kind kind;
	int err;         /* errno of the cause, 0 if none */
	char text[512];  /* one line: what, which file or service, why, what to check; what does
	                  * not fit is cut off between two characters */
};

struct fail_class {
	const char *name;
	int exit;           /* sysexits(3) */
	const char *dsn;    /* enhanced status code */
	int lmtp;           /* reply code */
};

/* Each returns -1, so that "return fail_temp(...)" reads well. The first failure wins: a fail
 * object that is filled already stays as it is. */
int fail_set(struct fail *f, enum fail_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int fail_temp(struct fail *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* FAIL_TEMP with ": " and the words for errno behind the text. */
int fail_errno(struct fail *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void fail_clear(struct fail *f);
bool fail_is_permanent(const struct fail *f);
/* The row for kind; an unknown kind gets FAIL_TEMP's. */
const struct fail_class *fail_class(enum fail_kind kind);

#endif
