/* layer: proc */
/*
 * test-order.c - what a session that has been taken over may have of its monitor, and no more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "proc/order.h"
#include "proc/usersearch.h"

#define RCPTS 3

static bool
ask(struct order_state *s, uint8_t kind, uint32_t number, bool has_fd)
{
	return order_allowed(s, &(struct order){ .kind = kind, .number = number }, has_fd, RCPTS);
}

static void
test_order_of_orders(void **state)
{
	struct order_state s = { 0 };

	(void)state;
	assert_false(ask(&s, ORDER_DELIVER, 1000, true));  /* nothing is there to deliver */
	assert_false(ask(&s, ORDER_MESSAGE, 0, false));    /* no file was given */
	assert_true(ask(&s, ORDER_MESSAGE, 9, false));
	for (int i = 0; i < RCPTS; i++)
		assert_true(ask(&s, ORDER_DELIVER, 1000, true));
	assert_false(ask(&s, ORDER_DELIVER, 1000, true));  /* one too many */
	assert_true(ask(&s, ORDER_MESSAGE, 9, false));
	assert_true(ask(&s, ORDER_DELIVER, 1000, true));   /* another message */
	assert_true(ask(&s, ORDER_FILE, 0, false));
	assert_true(ask(&s, ORDER_FILE, 0, false));        /* the first one's message was spoilt */
	assert_false(ask(&s, ORDER_DELIVER, 1000, true));  /* the old message is over */
	assert_true(ask(&s, ORDER_MESSAGE, 0, false));
	assert_true(ask(&s, ORDER_DELIVER, 1000, true));
}

static void
test_what_is_no_order(void **state)
{
	struct order_state s = { .has_message = true };

	(void)state;
	assert_false(ask(&s, 0, 0, false));
	assert_false(ask(&s, 'X', 0, true));
	assert_false(ask(&s, ORDER_DELIVER, 0, true));     /* never root */
	assert_false(ask(&s, ORDER_DELIVER, 1000, false)); /* nowhere to answer */
	assert_false(ask(&s, ORDER_LOOKUP, 0, false));
	assert_false(ask(&s, ORDER_LOOKUP, 1000, true));   /* a number where there is none */
	assert_false(ask(&s, ORDER_FILE, 0, true));
	assert_false(ask(&s, ORDER_FILE, 9, false));
	assert_false(ask(&s, ORDER_MESSAGE, 9, true));     /* memory of its own making */
	for (int i = 0; i < 100; i++)
		assert_true(ask(&s, ORDER_LOOKUP, 0, true));
	assert_false(ask(&s, ORDER_LOOKUP, 0, true));
}

/* Nothing of a connection counts for the next. */
static void
test_next(void **state)
{
	struct order_state s = { 0 };

	(void)state;
	assert_true(ask(&s, ORDER_FILE, 0, false));
	assert_true(ask(&s, ORDER_MESSAGE, 0, false));
	assert_true(ask(&s, ORDER_DELIVER, 1000, true));
	assert_true(ask(&s, ORDER_FILE, 0, false));
	assert_false(ask(&s, ORDER_NEXT, 0, true));
	assert_false(ask(&s, ORDER_NEXT, 1, false));
	assert_true(ask(&s, ORDER_NEXT, 0, false));
	assert_false(ask(&s, ORDER_DELIVER, 1000, true));
	assert_false(ask(&s, ORDER_MESSAGE, 0, false));
	assert_true(ask(&s, ORDER_NEXT, 0, false));        /* one on which nothing was said */
}

static void
test_wire(void **state)
{
	struct order o = { 0 };
	int pair[2], fd;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_false(order_asks_delivery(pair[1]));
	assert_int_equal(order_send(pair[0], ORDER_FILE, 0, -1), 0);
	assert_false(order_asks_delivery(pair[1]));
	assert_int_equal(order_receive(pair[1], &o, &fd), 1);
	assert_int_equal(order_send(pair[0], ORDER_DELIVER, 77, pair[0]), 0);
	for (int i = 0; i < 3; i++)
		assert_true(order_asks_delivery(pair[1]));
	assert_int_equal(order_receive(pair[1], &o, &fd), 1);
	assert_int_equal(o.kind, ORDER_DELIVER);
	assert_int_equal(o.number, 77);
	assert_true(fd >= 0);
	fd_close(&fd);
	/* Too short, too long: no order, and no descriptor is left behind. */
	assert_int_equal(fd_send(pair[0], "D", 1, pair[0]), 0);
	assert_int_equal(order_receive(pair[1], &o, &fd), -1);
	assert_int_equal(fd, -1);
	assert_int_equal(fd_send(pair[0], "DDDDDDDDDDDDDDDDDDDD", 20, -1), 0);
	assert_int_equal(order_receive(pair[1], &o, &fd), -1);
	close(pair[0]);
	assert_false(order_asks_delivery(pair[1]));
	assert_int_equal(order_receive(pair[1], &o, &fd), 0);
	close(pair[1]);
}

/* Only who waited for the user database says that it is silent. */
static void
test_end_of_a_lookup(void **state)
{
	struct usersearch_answer answer;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	close(pair[1]);
	assert_int_equal(usersearch_ask(pair[0], "some", &answer), -1);
	assert_int_equal(answer.kind, FAIL_USERDB);
	assert_non_null(strstr(answer.text, "ended without an answer"));
	close(pair[0]);
}

/* Memory for a next message that does not come is never read. */
static void
test_end_of_a_session(void **state)
{
	struct order o = { 0 };
	int pair[2], fd;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(order_give(pair[1], pair[1]), 0);
	close(pair[0]);
	assert_int_equal(order_receive(pair[1], &o, &fd), 0);
	assert_int_equal(fd, -1);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_of_orders), cmocka_unit_test(test_what_is_no_order),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_wire), cmocka_unit_test(test_end_of_a_session),
		cmocka_unit_test(test_end_of_a_lookup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
