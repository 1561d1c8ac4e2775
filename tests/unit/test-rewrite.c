/* layer: flow */
/*
 * test-rewrite.c - patches on the wire, and the notes that @strip leaves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "core/patch.h"
#include "flow/note.h"

static void
test_patch_applies(void **state)
{
	struct patch p;
	struct buf out = BUF_INIT;

	(void)state;
	patch_init(&p);
	patch_copy(&p, 0, 3);
	patch_copy(&p, 3, 1);
	patch_add(&p, bytes_of("--"));
	patch_add(&p, bytes_of(""));
	patch_add(&p, bytes_of("++"));
	patch_copy(&p, 8, 2);
	assert_int_equal(p.n, 3);
	patch_apply(&p, bytes_of("0123456789"), &out);
	assert_string_equal(out.p, "0123--++89");
	buf_clear(&out);
	patch_clear(&p);
}

/* What receiving gives for that patch, or the failure. */
static int
travel(const struct patch *p, size_t max, struct buf *out, struct fail *why)
{
	const struct bytes halves[2] = { bytes_of("0123"), bytes_of("456789") };
	int pair[2], fd = memfd_create("patch", MFD_CLOEXEC), rc;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(patch_send(pair[0], p), 0);
	rc = patch_receive(pair[1], halves, max, fd, why);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(fd_read_all(fd, 1 << 20, out), 0);
	close(fd);
	close(pair[0]);
	close(pair[1]);
	return rc;
}

static void
test_patch_travels(void **state)
{
	struct fail why = { 0 };
	struct buf out = BUF_INIT;
	struct patch p;

	(void)state;
	patch_init(&p);
	patch_copy(&p, 2, 5);
	patch_add(&p, bytes_of("new"));
	patch_copy(&p, 5, 5);
	patch_copy(&p, 0, 4);
	assert_int_equal(travel(&p, 17, &out, &why), 0);
	assert_string_equal(out.p, "23456new567890123");
	buf_cut(&out, 0);
	assert_int_equal(travel(&p, 16, &out, &why), -1);
	assert_int_equal(why.kind, FAIL_SCAN);
	buf_clear(&out);
	patch_clear(&p);
}

static void
test_patch_distrusts(void **state)
{
	static const struct patch_piece bad[] = {
		{ 0, 11, false }, { 11, 1, false }, { SIZE_MAX, 2, false }, { 5, SIZE_MAX, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct patch p;
		struct fail why = { 0 };
		struct buf out = BUF_INIT;

		patch_init(&p);
		patch_copy(&p, bad[i].from, bad[i].len);
		assert_int_equal(travel(&p, SIZE_MAX, &out, &why), -1);
		assert_int_equal(why.kind, FAIL_SCAN);
		assert_int_equal(out.len, 0);
		buf_clear(&out);
		patch_clear(&p);
	}
}

static void
test_patch_needs_an_end(void **state)
{
	static const char *const wire[] = {
		"", "D\0\0\0\5abcde", "D\0\0\0\5abc", "C\0\0\0\1x", "X\0\0\0\0", "D\0\0\0\0",
		"D\377\377\377\377abc",
	};
	static const size_t len[] = { 0, 10, 8, 6, 5, 5, 8 };

	(void)state;
	for (size_t i = 0; i < sizeof wire / sizeof *wire; i++) {
		const struct bytes none[2] = { { "", 0 }, { "", 0 } };
		struct fail why = { 0 };
		int pair[2], fd = memfd_create("patch", MFD_CLOEXEC);

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		assert_int_equal(fd_write_all(pair[0], wire[i], len[i]), 0);
		close(pair[0]);
		assert_int_equal(patch_receive(pair[1], none, 100, fd, &why), -1);
		assert_int_equal(why.kind, FAIL_SCAN);
		close(pair[1]);
		close(fd);
	}
}

static void
test_note_list(void **state)
{
	static const struct {
		const char *lines, *wanted;
	} cases[] = {
		{ "", "" }, { "a\n", "a" }, { "a\nb\n", "a, b" },
		{ "a\xe2\x80\xae" "exe\n", "a<U+202E>exe" }, { "a\rb\t\x7f\n", "a<U+000D>b<U+0009><U+007F>" },
		{ "\xc3\xbc\n\xfc\n", "\xc3\xbc, \xc3\xbc" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ..." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;

		note_list(bytes_of(cases[i].lines), &out);
		assert_string_equal(out.p, cases[i].wanted);
		buf_clear(&out);
	}
}

static void
test_note_write(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "%n\n", "N\n" }, { "%n%n%%%x%", "NN%%x%\n" }, { "%?nyes\n%?vno\n", "yes\n" },
		{ "%!nyes\n%!vno\n", "no\n" }, { "%?n%?vboth\n%?n%!vone %n\n", "one N\n" },
		{ "%?xno letter\n", "" }, { "a\r\n\r\n", "a\n\n" }, { "\xfc", "\xc3\xbc\n" },
		{ "%?", "%?\n" },
	};
	const char *values[NOTE_VALUES] = { [NOTE_NAMES] = "N" };
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_cut(&out, 0);
		note_write(bytes_of(cases[i].text), values, &out);
		assert_string_equal(out.p, cases[i].wanted);
	}
	buf_cut(&out, 0);
	note_write(bytes_of(""), values, &out);
	assert_non_null(strstr(out.p, "\nName:     N\n"));
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patch_applies), cmocka_unit_test(test_patch_travels),
		cmocka_unit_test(test_patch_distrusts), cmocka_unit_test(test_patch_needs_an_end),
		cmocka_unit_test(test_note_list), cmocka_unit_test(test_note_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
