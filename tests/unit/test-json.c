/* layer: base */
/*
 * test-json.c - JSON whatever the bytes are, and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/utf8.h"

static void
utf8_knows_its_bytes(void **state)
{
	static const struct { const char *text; size_t len; uint32_t point; } rows[] = {
		{ "a", 1, 'a' }, { "\xc3\xa4", 2, 0xe4 }, { "\xe2\x82\xac", 3, 0x20ac },
		{ "\xf0\x9f\x90\x9a", 4, 0x1f41a }, { "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\xc0\x80", 0, 0 }, { "\xc1\xbf", 0, 0 }, { "\xe0\x80\x80", 0, 0 },
		{ "\xed\xa0\x80", 0, 0 }, { "\xf4\x90\x80\x80", 0, 0 }, { "\xf5\x80\x80\x80", 0, 0 },
		{ "\xe2\x82", 0, 0 }, { "\x80", 0, 0 }, { "\xff", 0, 0 }, { "\xc3(", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf again = BUF_INIT;
		uint32_t point = 0;

		assert_int_equal(utf8_length(bytes_of(rows[i].text), &point), rows[i].len);
		assert_int_equal(point, rows[i].point);
		utf8_add(&again, point);
		if (rows[i].len)
			assert_string_equal(again.p, rows[i].text);
		buf_clear(&again);
	}
	assert_int_equal(utf8_length((struct bytes){ "", 0 }, NULL), 0);
	assert_true(utf8_is_hidden(0x1b) && utf8_is_hidden(0x9b) && utf8_is_hidden(0x202e));
	assert_false(utf8_is_hidden('a') || utf8_is_hidden(0xe4) || utf8_is_hidden(0x1f41a));
}

static void
utf8_knows_what_is_torn(void **state)
{
	static const struct { const char *text; size_t len; } rows[] = {
		{ "", 0 }, { "a", 1 }, { "\xc3\xa4", 2 }, { "a\xc3", 1 }, { "\xe2\x82", 0 },
		{ "a\xe2", 1 }, { "\xe2\x82\xac", 3 }, { "a\xf0\x9f\x90", 1 },
		{ "\xf0\x9f\x90\x9a", 4 }, { "\xf0\x9f\x90\x9a\xf0", 4 }, { "\x80\x80\x80\x80", 4 },
		{ "\xff", 1 }, { "\xc3\xa4\xa4", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(utf8_whole(bytes_of(rows[i].text)), rows[i].len);
}

static void
json_writes_and_reads(void **state)
{
	static const char hostile[] = "\"\\\n\x1b[2J\xc2\x9b\xff\xe2\x80\xae\xf3\xa0\x80\x81 \xc3\xa4";
	struct buf out = BUF_INIT, back = BUF_INIT;
	struct json j;

	(void)state;
	json_init(&j, &out);
	json_object(&j, NULL);
	json_str(&j, "a", hostile);
	json_number(&j, "n", -5);
	json_bool(&j, "b", true);
	json_str(&j, "none", NULL);
	json_decimal(&j, "d", 0.25);
	json_end(&j);
	assert_string_equal(out.p, "{\n  \"a\": \"\\\"\\\\\\u000a\\u001b[2J\\u009b\xef\xbf\xbd\\u202e"
	    "\\udb40\\udc01 \xc3\xa4\",\n  \"n\": -5,\n  \"b\": true,\n  \"none\": null,\n"
	    "  \"d\": 0.25\n}\n");
	assert_true(json_find(buf_view(&out), "a", &back));
	assert_string_equal(back.p, "\"\\\n\x1b[2J\xc2\x9b\xef\xbf\xbd\xe2\x80\xae\xf3\xa0\x80\x81 \xc3\xa4");
	buf_cut(&back, 0);
	assert_true(json_find(buf_view(&out), "d", &back));
	assert_string_equal(back.p, "0.25");
	assert_false(json_find(buf_view(&out), "e", &back));
	buf_clear(&out);
	buf_clear(&back);
}

static void
json_nests(void **state)
{
	struct buf out = BUF_INIT;
	struct json j;

	(void)state;
	json_init(&j, &out);
	json_array(&j, NULL);
	json_object(&j, NULL);
	json_end(&j);
	json_array(&j, NULL);
	json_number(&j, NULL, 1);
	json_number(&j, NULL, 2);
	json_end(&j);
	json_end(&j);
	assert_string_equal(out.p, "[\n  {},\n  [\n    1,\n    2\n  ]\n]\n");
	buf_clear(&out);
}

static void
json_refuses(void **state)
{
	static const char *const rows[] = { "", "[]", "{", "{\"a\"", "{\"a\":", "{\"a\":\"x", "{\"a\":\"\\",
		"{\"a\":\"\\u12", "{\"a\":\"\\ud800\\u\"}", "{\"b\":{\"a\":1}}", "{\"a\":\"\\q\"}" };
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_false(json_find(bytes_of(rows[i]), "a", &out));
		assert_int_equal(out.len, 0);
	}
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_knows_its_bytes),
		cmocka_unit_test(utf8_knows_what_is_torn),
		cmocka_unit_test(json_writes_and_reads),
		cmocka_unit_test(json_nests),
		cmocka_unit_test(json_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
