/*
 * watch.h - file operations that failed while libclamav worked.
 *
 * With a full disk libclamav answers "clean" for about half of what it should find, for some of it
 * without even an error message, since it does not check what it writes.  So its writing calls go
 * through functions of ours (the dynamic linker prefers a program's symbols to the C library's),
 * which note a failure and pass it on.  One process, one thread.
 */
#ifndef SCAN_WATCH_H
#define SCAN_WATCH_H

void watch_reset(void);
/* errno of the first operation that failed since watch_reset; 0 when all went well. */
int watch_error(void);

#endif
