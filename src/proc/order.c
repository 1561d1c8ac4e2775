#include "proc/order.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"

#define ORDER_LOOKUPS_MAX 100   /* of a connection: each takes over from one that has failed */

static const struct order_row {
	uint8_t kind;
	bool has_fd, may_have_number;
	bool wants_message;     /* only behind ORDER_MESSAGE */
} order_rows[] = {
	{ ORDER_LOOKUP, true, false, false },
	{ ORDER_FILE, false, false, false },
	{ ORDER_MESSAGE, false, true, false },
	{ ORDER_DELIVER, true, true, true },
	{ ORDER_NEXT, false, false, false },
};

static bool
order_count(struct order_state *s, const struct order *o, long max_recipients)
{
	switch (o->kind) {
	case ORDER_LOOKUP:
		return s->lookups++ < ORDER_LOOKUPS_MAX;
	case ORDER_FILE:
		/* Again, too: a message that got too large has used one up. */
		s->has_message = false;
		s->has_file = true;
		return true;
	case ORDER_MESSAGE:
		if (o->number == 0 && !s->has_file)
			return false;
		s->has_file = false;
		s->has_message = true;
		s->deliveries = 0;
		return true;
	case ORDER_DELIVER:
		return o->number != 0 && s->deliveries++ < max_recipients;
	case ORDER_NEXT:
		*s = (struct order_state){ 0 };
		return true;
	default:
		return false;
	}
}

bool
order_allowed(struct order_state *s, const struct order *o, bool has_fd, long max_recipients)
{
	for (size_t i = 0; i < sizeof order_rows / sizeof *order_rows; i++) {
		const struct order_row *r = &order_rows[i];

		if (r->kind != o->kind)
			continue;
		if (r->has_fd != has_fd || (r->wants_message && !s->has_message)
		    || (o->number != 0 && !r->may_have_number))
			return false;
		return order_count(s, o, max_recipients);
	}
	return false;
}

int
order_send(int sock, enum order_kind kind, uint32_t number, int fd)
{
	struct order o;

	memset(&o, 0, sizeof o); /* its padding is sent, too */
	o.kind = (uint8_t)kind;
	o.number = number;
	return fd_send(sock, &o, sizeof o, fd);
}

int
order_memory(int sock)
{
	char answer;
	int fd;

	return fd_recv(sock, &answer, 1, &fd) == 1 ? fd : -1;
}

int
order_file(int sock)
{
	return order_send(sock, ORDER_FILE, 0, -1) < 0 ? -1 : order_memory(sock);
}

int
order_next(int sock)
{
	return order_send(sock, ORDER_NEXT, 0, -1) < 0 ? -1 : order_memory(sock);
}

/* Without room for it, no descriptor is handed over here. */
bool
order_asks_delivery(int sock)
{
	struct order o;

	return recv(sock, &o, sizeof o, MSG_PEEK | MSG_DONTWAIT) == (ssize_t)sizeof o
	    && o.kind == ORDER_DELIVER;
}

int
order_receive(int sock, struct order *o, int *fd_r)
{
	struct {
		struct order order;
		char more;        /* a record that is too long shows here */
	} room;
	ssize_t n = fd_recv(sock, &room, sizeof room, fd_r);

	/* The session's end: an error where it has left something unread, as memory that was given
	 * for a message that did not come. */
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return 0;
	if (n != sizeof *o) {
		fd_close(fd_r);
		return -1;
	}
	*o = room.order;
	return 1;
}

int
order_give(int sock, int fd)
{
	return fd_send_now(sock, fd >= 0 ? "Y" : "N", 1, fd);
}
