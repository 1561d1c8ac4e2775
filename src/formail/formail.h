/*
 * formail.h - formail(1)'s header work, in process: what 3.22 would write, byte for byte.
 *
 * Understood: -b -c -f -k -r -t -z -Y, -a -A -i -I -R -u -U -x -X, and -D maxlen idcache.  Not
 * splitting (-s and what belongs to it), logging, prefixes, help, doubtful field names, or a call
 * that the real program refuses or dies of: for those the caller runs the real program.
 */
#ifndef FORMAIL_FORMAIL_H
#define FORMAIL_FORMAIL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "core/fail.h"

/* Is argv (NULL-terminated) a call of formail that formail_run does exactly? argv[0] is "formail"
 * or a path that ends in "/formail"; whether that path names the real thing is the caller's to
 * know. */
bool formail_understands(const char *const *argv);

/* Does a call that formail_understands: in[0] and then in[1] are standard input, *out gets what
 * standard output would, *status the exit status (0; 67 when -r found nobody to reply to; with -D
 * 0 for a duplicate, 1 for a new message, 73 when there is no opening the cache).  The input need
 * not be mail: any bytes do.
 *
 * A relative idcache is below the current directory; it is opened with the rights of the process,
 * which must be the recipient's.  The file is formail's own format and both may use it in turn; it
 * is changed in place, in one write, under an fcntl(2) lock that is not waited for longer than
 * FORMAIL_LOCK_SECONDS (formail itself takes none).
 *
 * Time and memory are linear in the input (n log n for -u and -U).  -1 with why only for an argv
 * that is not understood; out is as it was then. */
int formail_run(const char *const *argv, const struct bytes in[2], struct buf *out, int *status,
    struct fail *why);

enum { FORMAIL_LOCK_SECONDS = 5 };

#endif
