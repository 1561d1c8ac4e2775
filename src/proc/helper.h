/*
 * helper.h - the processes that do one thing with rights of their own: scanner and quarantine.
 *
 * The same code serves a supervisor that was root and a user who delivers his own mail.
 */
#ifndef PROC_HELPER_H
#define PROC_HELPER_H

#include <sys/types.h>

#include "act/quarantine.h"
#include "core/conf.h"
#include "core/fail.h"

/* In a child: takes the message's descriptor from sock and becomes bivalve-scan, which answers on
 * sock. Only returns when it cannot (exit). */
_Noreturn void helper_scanner(const struct conf *conf, int sock);
/* Which program that is: a string of conf's or of ours, or in room. */
const char *helper_scanner_path(const struct conf *conf, char *room, size_t size);
/* In a child with the rights it shall keep: becomes the engine of the resident scanner, with
 * listener and control (proc/pool.h) as its descriptors. Only returns when it cannot (exit). */
_Noreturn void helper_engine(const struct conf *conf, int listener, int control);
/* In a child: takes descriptor and metadata from sock, stores them, answers on sock, exits. */
_Noreturn void helper_quarantine(const char *dir, int sock);

/* Becomes bivalve-scan --version, which prints the libraries' versions to standard output. Only
 * returns when it cannot. */
void helper_versions(const struct conf *conf);

/* The other side. helper_hand_message: after a scanner was promised on sock. */
int helper_hand_message(int sock, int message_fd, struct fail *why);
int helper_ask_quarantine(int sock, const struct quarantine_entry *e, int message_fd,
    char id_r[QUARANTINE_ID_SIZE], struct fail *why);

#endif
