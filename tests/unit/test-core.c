/* layer: core */
/*
 * test-core.c - fail table, messages, reports on the wire, stores.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "core/fail.h"
#include "core/message.h"
#include "core/report.h"

/* sendmail bounces on these, or they are what accidents end with. */
static void
test_exits_are_never_accidents(void **state)
{
	static const int accidents[] = { 1, 70, 78, 126, 127 };

	(void)state;
	for (int k = 0; k < FAIL_KINDS; k++)
		for (size_t i = 0; i < sizeof accidents / sizeof accidents[0]; i++)
			assert_int_not_equal(fail_class((enum fail_kind)k)->exit, accidents[i]);
}

static void
test_unknown_failure_is_temporary(void **state)
{
	(void)state;
	assert_int_equal(fail_class((enum fail_kind)999)->exit, 75);
	assert_int_equal(fail_class(FAIL_TEMP)->lmtp, 451);
	assert_int_equal(fail_class(FAIL_NOUSER)->exit, 67);
	assert_int_equal(fail_class(FAIL_USERDB)->exit, 75);
	assert_int_equal(fail_class(FAIL_SCAN)->exit, 75);
	for (int k = 1; k < FAIL_KINDS; k++) {
		const struct fail_class *c = fail_class((enum fail_kind)k);

		/* exit status, DSN and LMTP reply must say the same */
		assert_int_equal(c->dsn[0] - '0', c->lmtp / 100);
		assert_int_equal(c->exit == 75, c->lmtp < 500);
	}
}

static void
test_first_failure_wins(void **state)
{
	struct fail f = { 0 };

	(void)state;
	errno = ENOSPC;
	assert_int_equal(fail_errno(&f, "box %d", 7), -1);
	fail_set(&f, FAIL_REJECT, "later");
	assert_int_equal(f.kind, FAIL_TEMP);
	assert_int_equal(f.err, ENOSPC);
	assert_string_equal(f.text, "box 7: No space left on device");
}

/* What a sender reads of it must not end amid a character. */
static void
test_long_text_is_cut_between_characters(void **state)
{
	char text[600];
	struct fail f = { 0 };

	(void)state;
	for (size_t i = 0; i + 1 < sizeof text; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text[sizeof text - 2] = '\0';
	fail_set(&f, FAIL_REJECT, "%s", text);
	assert_int_equal(strlen(f.text), 510);
	fail_clear(&f);
	fail_set(&f, FAIL_REJECT, "x%s", text);
	assert_int_equal(strlen(f.text), 511);
	fail_clear(&f);
	memset(text, 'a', 509);
	memcpy(text + 509, "\xf0\x9f\x90\x9a", 5);
	fail_errno(&f, "%s", text);
	assert_int_equal(strlen(f.text), 509);
}

static void
test_head_ends(void **state)
{
	static const struct {
		struct bytes text;
		size_t head;
	} cases[] = {
		{ { "\0A: b\n\nbody\n", 12 }, 7 },      /* but for one at the very start */
		{ { "A: b\n\nbody\n", 11 }, 6 }, { { "\nbody", 5 }, 5 }, { { "A: b\n", 5 }, 5 },
		{ { "", 0 }, 0 }, { { "A: b", 4 }, 4 }, { { "A\r\n\r\nb\n", 8 }, 8 },
		{ { "A: \0b\n\nbody\n", 12 }, 12 },        /* NUL in the head hides its end */
		{ { "A: b\n\nbo\0dy\n\n", 13 }, 6 },
		{ { "\n\nA: b\n\nbody\n", 13 }, 8 },        /* empty lines in front do not end it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(message_head_length(cases[i].text), cases[i].head);
}

static void
test_message_halves_change_apart(void **state)
{
	struct buf b = BUF_INIT, h = BUF_INIT;
	struct message m = { 0 };
	struct store *s;
	unsigned body;

	(void)state;
	buf_str(&b, "A: b\n\nbody\n");
	s = store_from_buf(&b);
	message_set(&m, s);
	store_unref(&s);
	body = m.body_serial;
	buf_str(&h, "C: d\n\n");
	message_set_head(&m, store_from_buf(&h));
	assert_true(bytes_is(m.head, "C: d\n\n"));
	assert_true(bytes_is(m.body, "body\n"));
	assert_int_equal(m.body_serial, body);
	message_clear(&m);
}

static void
test_store_maps_files(void **state)
{
	int fd = memfd_create("t", MFD_CLOEXEC);
	struct store *s;

	(void)state;
	assert_int_equal(fd_write_all(fd, "hello", 5), 0);
	s = store_from_fd(fd);
	assert_non_null(s);
	assert_true(bytes_is(s->bytes, "hello"));
	store_unref(&s);
	assert_null(s);
	assert_null(store_from_fd(memfd_create("x", 0) + 1000));
}

static void
test_report_travels(void **state)
{
	struct report a, b;
	struct fail why = { 0 };
	int pair[2];

	(void)state;
	report_init(&a);
	report_init(&b);
	report_add(&a, REPORT_SCAN_VIRUS, bytes_of("Some\nVirus"));
	report_add_once(&a, REPORT_SCAN_VIRUS, bytes_of("Some Virus"));
	report_add_text(&a, REPORT_MIME_TEXT, bytes_of("one\ntwo"));
	report_worse(&a, REPORT_INFECTED, "found");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(report_send(pair[0], &a), 0);
	assert_int_equal(report_receive(pair[1], &b, &why), 0);
	assert_int_equal(b.status, REPORT_INFECTED);
	assert_string_equal(b.lines[REPORT_SCAN_VIRUS].p, "Some Virus\n");
	assert_string_equal(b.lines[REPORT_MIME_TEXT].p, "one\ntwo\n");
	close(pair[0]);
	close(pair[1]);
	report_clear(&a);
	report_clear(&b);
}

/* Whatever comes from a scanner that was taken over: an error, never a verdict or a crash. */
static void
test_report_distrusts(void **state)
{
	static const struct bytes bad[] = {
		{ "", 0 }, { "B", 1 }, { "B\0\0\0\1", 5 }, { "B\0\0\0\1\x09" "E\0\0\0\0", 11 },
		{ "L\0\0\0\1\x20" "E\0\0\0\0", 11 }, { "L\xff\xff\xff\xff", 5 },
		{ "Z\0\0\0\0", 5 }, { "B\0\0\0\0" "E\0\0\0\0", 10 }, { "L\0\0\0\0" "E\0\0\0\0", 10 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct report r;
		struct fail why = { 0 };
		int pair[2];

		report_init(&r);
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		assert_int_equal(fd_write_all(pair[0], bad[i].p, bad[i].len), 0);
		close(pair[0]);
		assert_int_equal(report_receive(pair[1], &r, &why), -1);
		assert_int_equal(why.kind, FAIL_SCAN);
		assert_int_equal(r.status, REPORT_NONE);
		close(pair[1]);
		report_clear(&r);
	}
}

/* A scanner that dies while it answers: "infected" without the lines that say by what would match no
 * recipe that asks for a virus. */
static void
test_a_cut_report_is_no_verdict(void **state)
{
	struct report a, b;
	char wire[256];
	int pair[2];
	ssize_t len;

	(void)state;
	report_init(&a);
	report_add(&a, REPORT_SCAN_VIRUS, bytes_of("Some Virus"));
	report_worse(&a, REPORT_INFECTED, "found");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(report_send(pair[0], &a), 0);
	close(pair[0]);
	len = fd_read_full(pair[1], wire, sizeof wire);
	close(pair[1]);
	assert_in_range(len, 10, sizeof wire - 1);
	for (ssize_t cut = 0; cut < len; cut++) {
		struct fail why = { 0 };

		report_init(&b);
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		assert_int_equal(fd_write_all(pair[0], wire, (size_t)cut), 0);
		close(pair[0]);
		assert_int_equal(report_receive(pair[1], &b, &why), -1);
		close(pair[1]);
		report_worse(&b, REPORT_ERROR, why.text);
		assert_int_equal(b.status, REPORT_ERROR);
		report_clear(&b);
	}
	report_clear(&a);
}

static void
test_a_limit_never_hides_a_virus(void **state)
{
	struct report r;

	(void)state;
	report_init(&r);
	report_worse(&r, REPORT_CLEAN, NULL);
	report_worse(&r, REPORT_UNSCANNABLE, "limit");
	report_worse(&r, REPORT_INFECTED, "virus");
	report_worse(&r, REPORT_ERROR, "error");
	assert_int_equal(r.status, REPORT_INFECTED);
	report_clear(&r);
	report_worse(&r, REPORT_ERROR, "error");
	report_worse(&r, REPORT_UNSCANNABLE, "limit");
	assert_int_equal(r.status, REPORT_ERROR);
	assert_string_equal(r.reason, "error");
}

/* However many names a stranger sends, what was found in them is told. */
static void
test_names_leave_room_for_findings(void **state)
{
	static char line[1 << 20];
	struct report r;

	(void)state;
	memset(line, 'a', sizeof line);
	report_init(&r);
	report_worse(&r, REPORT_CLEAN, NULL);
	for (int i = 0; i < 80; i++) {
		report_add(&r, REPORT_SCAN_NAME, (struct bytes){ line, sizeof line });
		report_add_text(&r, REPORT_MIME_TEXT, (struct bytes){ line, sizeof line });
		report_add(&r, REPORT_MIME_NAME, (struct bytes){ line, sizeof line });
		report_add(&r, REPORT_MIME_TYPE, (struct bytes){ line, sizeof line });
	}
	assert_true(r.cut);
	assert_int_equal(r.status, REPORT_UNSCANNABLE);
	report_add_once(&r, REPORT_SCAN_VIRUS, bytes_of("Eicar"));
	report_add_once(&r, REPORT_SCAN_FINDING, bytes_of("malware Eicar"));
	report_add_once(&r, REPORT_SCAN_CLASS, bytes_of("malware"));
	report_add(&r, REPORT_MIME_DEFECT, bytes_of("too-deep"));
	assert_string_equal(r.lines[REPORT_SCAN_VIRUS].p, "Eicar\n");
	assert_string_equal(r.lines[REPORT_SCAN_FINDING].p, "malware Eicar\n");
	assert_string_equal(r.lines[REPORT_SCAN_CLASS].p, "malware\n");
	assert_string_equal(r.lines[REPORT_MIME_DEFECT].p, "too-deep\n");
	report_clear(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exits_are_never_accidents),
		cmocka_unit_test(test_unknown_failure_is_temporary),
		cmocka_unit_test(test_first_failure_wins),
		cmocka_unit_test(test_long_text_is_cut_between_characters),
		cmocka_unit_test(test_head_ends),
		cmocka_unit_test(test_message_halves_change_apart),
		cmocka_unit_test(test_store_maps_files),
		cmocka_unit_test(test_report_travels),
		cmocka_unit_test(test_report_distrusts),
		cmocka_unit_test(test_a_cut_report_is_no_verdict),
		cmocka_unit_test(test_names_leave_room_for_findings),
		cmocka_unit_test(test_a_limit_never_hides_a_virus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
