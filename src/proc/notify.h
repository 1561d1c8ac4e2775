/*
 * notify.h - what systemd, or whoever set NOTIFY_SOCKET, wants to know of a service (sd_notify(3)).
 */
#ifndef PROC_NOTIFY_H
#define PROC_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STATUS=..."; nothing when nobody asked. A lost word is no failure of ours. */
void notify_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* ms between signs of life that are asked of us (half the limit), 0 for none. */
int64_t notify_watchdog(void);

#endif
