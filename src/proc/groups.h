/*
 * groups.h - the name service's sources that can tell a user's groups, and no others.
 *
 * Debian's nsswitch.conf has "group: files systemd". The module for systemd costs a third of a
 * millisecond to load, in each process that takes on a recipient's rights, and knows a membership
 * only from a service's socket below /run/systemd/userdb or from a file in a userdb directory
 * (nss-systemd(8), systemd-userdbd.service(8)). On a host with neither it cannot answer.
 */
#ifndef PROC_GROUPS_H
#define PROC_GROUPS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Looks whether systemd's module can be left out, and remembers it for two seconds, also for
 * processes that are forked then. */
void groups_look(void);
/* True: naming a user's groups loads a module of the name service. */
bool groups_need_module(void);
/* Lets this process's next initgroups(3) leave systemd's module out, where that knows nothing: once
 * in a process, before it drops its rights. On any doubt all sources are asked, as ever. */
void groups_narrow(void);

/* The sources for groups in an nsswitch.conf, but for a last "systemd", to out: false, and nothing,
 * where there is no such thing or a line of initgroups says more. */
bool groups_sources(struct bytes nsswitch, struct buf *out);
/* May systemd know of any membership? root goes before its directories: "" in life. */
bool groups_systemd_knows(const char *root);

#endif
