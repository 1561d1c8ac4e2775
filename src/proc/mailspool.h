/*
 * mailspool.h - the system mailbox, where only root may make one.
 */
#ifndef PROC_MAILSPOOL_H
#define PROC_MAILSPOOL_H

#include "core/envelope.h"
#include "core/fail.h"

/* As root: DIR/NAME, empty, owned by the account, mode 0660 with the directory's group where that
 * is not the root group (Debian Policy 11.6), else 0600. An existing file is left as it is. */
int mailspool_make(const char *dir, const struct account *a, struct fail *why);

#endif
