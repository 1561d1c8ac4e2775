/*
 * log.h - where diagnostics go, and the two ways to give up.
 *
 * Three sinks: syslog (facility mail), standard error, and the user's LOGFILE.  The caller's entry
 * chooses; nothing is ever written to standard output.  Lines are cleaned: control bytes become
 * '?', so that nothing a stranger sent can forge a log line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_DEBUG };

/* program: the name in each line.  to_stderr false: syslog only (an MTA would mail our standard
 * error to the sender of the message). */
void log_open(const char *program, bool to_stderr);
/* Notices (what became of each message) go to standard error, too: for a person who watches. A
 * program's standard error may end in a bounce, where they have no business. */
void log_notices(bool on);
/* Nothing goes to syslog: a tool that only looks has nothing to say there. */
void log_offline(void);
/* The queue or message id that every further line begins with; NULL for none. Borrowed. */
void log_context(const char *id);
/* Diagnostics of the user's recipes go to fd (the LOGFILE) from now on; -1: as log_open said. Call
 * it before standard error is made the LOGFILE, so that our own lines keep going there. */
void log_user_fd(int fd);

/* Lets go of the descriptors that lines go through, before this process closes all it holds: the
 * next line opens what it needs. */
void log_close(void);
/* No line goes anywhere any more: for a process that may not open what it would need. */
void log_silence(void);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* For the user whose recipes run: LOGFILE if set, else standard error (dropped under an MTA). */
void log_user(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Adds a stranger's text to a line of key=value words, so that it cannot look like another word:
 * control bytes, backslashes and those in special become \xNN. At most max bytes of output, cut off
 * between two characters. */
void log_value(struct buf *out, const char *text, const char *special, size_t max);

/* This short-lived process cannot go on (no memory): logs, undoes what is registered in undo.h
 * and exits with 75, so that the mail stays with the MTA.  Never called on a stranger's input. */
_Noreturn void fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A promise inside our own code is broken: logs and aborts. A signal death stays queued, too. */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
