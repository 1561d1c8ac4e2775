/* layer: proc */
/*
 * test-recipient.c - what a monitor says to a session: it waits for nobody, whatever socket it got.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "proc/recipient.h"

static void
test_refusal(void **state)
{
	struct fail why = { 0 }, heard;
	int pair[2];

	(void)state;
	fail_temp(&why, "too many");
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	recipient_refuse(pair[1], &why);
	recipient_answer(pair[0], &heard);
	assert_int_equal(heard.kind, FAIL_TEMP);
	assert_string_equal(heard.text, "too many");
	while (send(pair[1], "x", 1, MSG_DONTWAIT) == 1)
		continue;
	alarm(10);
	recipient_refuse(pair[1], &why);
	alarm(0);
	close(pair[0]);
	recipient_refuse(pair[1], &why);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_refusal) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
