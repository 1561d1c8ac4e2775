/*
 * order.h - what a session may ask of its monitor: one fixed record and at most one descriptor.
 *
 * The table in order.c says how often, and behind what.  The monitor reads nothing else that comes
 * from a session, and no byte of what the descriptors hold.
 */
#ifndef PROC_ORDER_H
#define PROC_ORDER_H

#include <stdbool.h>
#include <stdint.h>

enum order_kind {
	ORDER_LOOKUP = 'L',   /* a user lookup process on this socket (proc/usersearch.h) */
	ORDER_FILE = 'F',     /* a nameless file for a large message; answered: order_file */
	ORDER_MESSAGE = 'M',  /* the message is whole: so many bytes of the memory given, or with 0
	                       * the file given, which the session has closed */
	ORDER_DELIVER = 'D',  /* deliver it to uid; this socket has the rest (proc/recipient.h) */
	ORDER_NEXT = 'N',     /* the connection is over; answered, when there is one: order_next */
};

struct order {
	uint8_t kind;
	uint32_t number;      /* ORDER_DELIVER: uid, ORDER_MESSAGE: bytes; else 0 */
};

/* What a session has asked on one connection so far; zero for a new one. */
struct order_state {
	long lookups;
	bool has_file;        /* given for the message that comes next */
	bool has_message;
	long deliveries;      /* of this message */
};

/* Counts the order, as fair if it may come now. False: end the asker. */
bool order_allowed(struct order_state *s, const struct order *o, bool has_fd, long max_recipients);

/* The session's side; fd is borrowed, -1 for none. -1 with errno. */
int order_send(int sock, enum order_kind kind, uint32_t number, int fd);
/* The file that ORDER_FILE asked for, or -1. */
int order_file(int sock);
/* The memory for the next message, or -1. It comes unasked, at first and behind each message that
 * was in memory, and is to be taken before anything is asked for. */
int order_memory(int sock);
/* The next connection, or -1: there is to be none. Waits for it. */
int order_next(int sock);

/* The monitor's side. */
/* Is the next order one for a delivery? It stays where it is. */
bool order_asks_delivery(int sock);
/* 1; 0 at the end of the session; -1 for what is no order, *fd_r is -1 then. */
int order_receive(int sock, struct order *o, int *fd_r);
/* A file or memory; fd: -1 for no. It waits for nobody: EAGAIN. */
int order_give(int sock, int fd);

#endif
