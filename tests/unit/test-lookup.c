/* layer: core */
/*
 * test-lookup.c - questions and answers of look-ups, from peers that die, say nothing or too much.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "core/lookup.h"

static const struct lookup question = { LOOKUP_RHS, "zone.test", "a@example.org", NULL, -1 };

static int pair[2];

static int
setup(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int
teardown(void **state)
{
	(void)state;
	close(pair[0]);
	return close(pair[1]);
}

static void
test_there_and_back(void **state)
{
	struct buf out = BUF_INIT;
	struct fail why = { 0 };
	char room[LOOKUP_QUESTION_MAX];
	struct lookup q;

	(void)state;
	assert_int_equal(fd_send(pair[1], "K127.0.0.2\n", 11, -1), 0);
	assert_int_equal(lookup_ask(pair[0], &question, 1, &out, &why), 0);
	assert_string_equal(out.p, "127.0.0.2\n");
	assert_int_equal(lookup_receive(pair[1], room, &q), 1);
	assert_int_equal(q.kind, LOOKUP_RHS);
	assert_string_equal(q.subject, "zone.test");
	assert_string_equal(q.key, "a@example.org");
	assert_string_equal(q.name, "");
	assert_int_equal(q.fd, -1);
	shutdown(pair[0], SHUT_WR);
	assert_int_equal(lookup_receive(pair[1], room, &q), 0);
	buf_clear(&out);
}

/* No answer is never an empty answer: a name that is listed must not pass for one that is not. */
static void
test_no_answer(void **state)
{
	static const struct { const char *packet; size_t len; const char *text; } rows[] = {
		{ "Ethe name server is away", 25, "the name server is away" },
		{ "X127.0.0.2\n", 11, "127.0.0.2\n" },
		{ "E", 1, "" },
		{ NULL, 0, "the look-up process (bivalve-lookup) has died" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fail why = { .kind = FAIL_NONE };

		if (rows[i].packet)
			assert_int_equal(fd_send(pair[1], rows[i].packet, rows[i].len, -1), 0);
		else
			shutdown(pair[1], SHUT_WR);
		assert_int_equal(lookup_ask(pair[0], &question, 1, &out, &why),
		    rows[i].packet && rows[i].len > 0 ? -1 : LOOKUP_LOST);
		assert_int_equal(why.kind, FAIL_TEMP);
		assert_int_equal(strncmp(why.text, rows[i].text, strlen(rows[i].text)), 0);
		assert_int_equal(out.len, 0);
	}
	buf_clear(&out);
}

static void
test_silence(void **state)
{
	struct buf out = BUF_INIT;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(lookup_ask(pair[0], &question, 1, &out, &why), LOOKUP_LOST);
	assert_int_equal(why.kind, FAIL_TEMP);
	assert_non_null(strstr(why.text, "within 1 second"));
	close(pair[1]);
	fail_clear(&why);
	assert_int_equal(lookup_ask(pair[0], &question, 1, &out, &why), LOOKUP_LOST);
	assert_non_null(strstr(why.text, "cannot be asked"));
	pair[1] = dup(pair[0]);
	buf_clear(&out);
}

static void
test_too_long(void **state)
{
	char *key = mem_zero(LOOKUP_QUESTION_MAX + 1);
	struct lookup q = { LOOKUP_MX, NULL, key, NULL, -1 };
	struct buf lines = BUF_INIT, out = BUF_INIT;
	struct fail why = { 0 };

	(void)state;
	memset(key, 'x', LOOKUP_QUESTION_MAX);
	assert_int_equal(lookup_ask(pair[0], &q, 1, &out, &why), -1);
	assert_non_null(strstr(why.text, "more than"));
	fail_clear(&why);
	/* An answer is cut behind a line, never in one. */
	while (lines.len < 2 * LOOKUP_ANSWER_MAX)
		buf_str(&lines, "192.0.2.17\n");
	assert_int_equal(lookup_answer(pair[1], buf_view(&lines), &why), 0);
	assert_int_equal(lookup_ask(pair[0], &question, 1, &out, &why), 0);
	assert_true(out.len > LOOKUP_ANSWER_MAX / 2 && out.len < LOOKUP_ANSWER_MAX);
	assert_int_equal(out.len % strlen("192.0.2.17\n"), 0);
	buf_clear(&lines);
	buf_clear(&out);
	free(key);
}

static void
test_no_question(void **state)
{
	static const struct { const char *packet; size_t len; } rows[] = {
		{ "?zone\0key\0\0", 11 }, { "Dzone\0key\0", 10 }, { "Dzone\0key\0\0\0", 12 },
		{ "Dzone\0key\0name", 14 }, { "D", 1 },
	};
	char room[LOOKUP_QUESTION_MAX];
	struct lookup q;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(fd_send(pair[0], rows[i].packet, rows[i].len, -1), 0);
		assert_int_equal(lookup_receive(pair[1], room, &q), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_there_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_long, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_question, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
