#include "core/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/utf8.h"

/* Never 1, 70, 78, 126, 127: sendmail bounces on those, and they are what accidents look like. */
static const struct fail_class fail_classes[FAIL_KINDS] = {
	[FAIL_NONE] = { "delivered", EX_OK, "2.0.0", 250 },
	[FAIL_TEMP] = { "deferred", EX_TEMPFAIL, "4.3.0", 451 },
	[FAIL_USERDB] = { "user database down", EX_TEMPFAIL, "4.3.0", 451 },
	[FAIL_SCAN] = { "not scanned", EX_TEMPFAIL, "4.7.1", 451 },
	[FAIL_POLICY] = { "deferred by recipe", EX_TEMPFAIL, "4.7.1", 451 },
	[FAIL_REJECT] = { "rejected by recipe", EX_NOPERM, "5.7.1", 550 },
	[FAIL_NOUSER] = { "no such user", EX_NOUSER, "5.1.1", 550 },
	[FAIL_CANTCREATE] = { "no mailbox", EX_CANTCREAT, "5.2.0", 550 },
	[FAIL_NOINPUT] = { "no rcfile named", EX_NOINPUT, "5.3.5", 550 },
	[FAIL_USAGE] = { "usage", EX_USAGE, "5.3.5", 550 },
};

__attribute__((format(printf, 4, 0)))
static int
fail_fill(struct fail *f, enum fail_kind kind, int err, const char *fmt, va_list ap)
{
	int n;

	if (f->kind != FAIL_NONE)
		return -1;
	f->kind = kind;
	f->err = err;
	n = vsnprintf(f->text, sizeof f->text, fmt, ap);
	if (n >= (int)sizeof f->text)
		f->text[utf8_whole(bytes_of(f->text))] = '\0';
	else if (err && n >= 0)
		snprintf(f->text + n, sizeof f->text - (size_t)n, ": %s", strerror(err));
	return -1;
}

int
fail_set(struct fail *f, enum fail_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_fill(f, kind, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int
fail_temp(struct fail *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_fill(f, FAIL_TEMP, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int
fail_errno(struct fail *f, const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	fail_fill(f, FAIL_TEMP, err, fmt, ap);
	va_end(ap);
	return -1;
}

void
fail_clear(struct fail *f)
{
	f->kind = FAIL_NONE;
	f->err = 0;
	f->text[0] = '\0';
}

const struct fail_class *
fail_class(enum fail_kind kind)
{
	if ((unsigned)kind >= FAIL_KINDS)
		kind = FAIL_TEMP;
	return &fail_classes[kind];
}

bool
fail_is_permanent(const struct fail *f)
{
	return fail_class(f->kind)->lmtp >= 500;
}
