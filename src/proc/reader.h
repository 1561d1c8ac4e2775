/*
 * reader.h - has one message parsed and scanned once, for all its recipients.
 *
 * A process with scan_user's rights, between the recipients' deliveries and the scanner: what it
 * gives out is sealed, so that no recipient can change what another one reads.
 */
#ifndef PROC_READER_H
#define PROC_READER_H

#include "core/conf.h"
#include "core/envelope.h"
#include "core/fail.h"
#include "core/report.h"

/* Serves SOCK_SEQPACKET sock to its end: each record is enum report_want and the socket of who
 * asks, and gets a sealed memfd with a report, or nothing. message_fd is taken over. */
_Noreturn void reader_run(const struct conf *conf, const struct account *account, int sock,
    int message_fd);

/* The asker's side, on his end of a socket pair: the report, or -1 with why (FAIL_SCAN). */
int reader_take(int sock, const struct conf *conf, struct fail *why);

#endif
