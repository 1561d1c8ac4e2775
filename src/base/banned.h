/*
 * banned.h - functions that have no place here become compile errors.
 *
 * Included by the compiler's -include for every file, after the system headers have had their
 * chance: each entry names what to use instead.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define BANNED(func, instead) sorry_##func##_is_banned_use_##instead

#undef strcpy
#define strcpy(x, y) BANNED(strcpy, snprintf_or_buf)
#undef strcat
#define strcat(x, y) BANNED(strcat, buf_add)
#undef strncpy
#define strncpy(x, y, n) BANNED(strncpy, snprintf)
#undef strncat
#define strncat(x, y, n) BANNED(strncat, buf_add)
#undef sprintf
#define sprintf(...) BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, vsnprintf)
#undef strtok
#define strtok(x, y) BANNED(strtok, strcspn)
#undef gets
#define gets(x) BANNED(gets, fd_read)
#undef gmtime
#define gmtime(t) BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(t) BANNED(localtime, localtime_r)
#undef ctime
#define ctime(t) BANNED(ctime, strftime)
#undef asctime
#define asctime(t) BANNED(asctime, strftime)
#undef system
#define system(x) BANNED(system, command_run)
#undef popen
#define popen(x, y) BANNED(popen, command_run)
#undef tmpnam
#define tmpnam(x) BANNED(tmpnam, O_TMPFILE)
#undef mktemp
#define mktemp(x) BANNED(mktemp, O_EXCL)
#undef atoi
#define atoi(x) BANNED(atoi, str_long)
#undef atol
#define atol(x) BANNED(atol, str_long)

#endif
