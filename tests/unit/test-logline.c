/* layer: core */
/*
 * test-logline.c - the line of a delivery, in words and as JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "core/logline.h"

#define LINE_MAX_BYTES 4000  /* log.c takes a little more */

static const char *const nasty[] = {
	"", "a@example.org", "a> outcome=dropped exit=9 <b", "\x01\x1b[31m\n", "\\", "\"},{\"",
	"x outcome=dropped why=no", "\xff\xfe", "{}",
};

static void
fill(struct logline *l, bool json, const char *text)
{
	logline_begin(l, json, text);
	for (int key = 0; key < LOGLINE_KEYS; key++)
		switch (key) {
		case LOGLINE_SIZE: case LOGLINE_PARTS: case LOGLINE_EXIT: case LOGLINE_MS:
			logline_number(l, key, 2000000000 + key);
			break;
		case LOGLINE_READ: case LOGLINE_WAIT: case LOGLINE_PARSE: case LOGLINE_SCANNING:
		case LOGLINE_RECIPES: case LOGLINE_DELIVER:
			logline_time(l, key, 1234567);
			break;
		default:
			logline_text(l, key, text);
		}
	logline_end(l);
}

static int
count(const char *line, const char *word)
{
	int n = 0;

	for (const char *p = line; (p = strstr(p, word)) != NULL; p++)
		n++;
	return n;
}

static void
keys_cannot_be_forged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++) {
		struct logline l;

		fill(&l, false, nasty[i]);
		assert_int_equal(count(l.out.p, " outcome="), 1);
		assert_int_equal(count(l.out.p, " exit="), 1);
		assert_int_equal(count(l.out.p, "\n"), 0);
		assert_non_null(strstr(l.out.p, " read_ms=1234.5 "));
		logline_clear(&l);
	}
}

static void
json_is_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++) {
		struct buf value = BUF_INIT;
		struct logline l;

		fill(&l, true, nasty[i]);
		for (int key = 0; key < LOGLINE_KEYS; key++)
			assert_true(json_find(buf_view(&l.out), logline_name(key), &value));
		buf_cut(&value, 0);
		assert_true(json_find(buf_view(&l.out), "exit", &value));
		assert_int_equal(strncmp(value.p, "20000000", 8), 0);
		assert_int_equal(count(l.out.p, "\n"), 0);
		buf_clear(&value);
		logline_clear(&l);
	}
}

static void
long_values_fit(void **state)
{
	char text[5000];

	(void)state;
	for (int c = 0; c < 3; c++)
		for (int json = 0; json < 2; json++) {
			struct logline l;

			memset(text, c == 0 ? 'x' : c == 1 ? '\x01' : '"', sizeof text);
			text[sizeof text - 1] = '\0';
			fill(&l, json, text);
			assert_true(l.out.len < LINE_MAX_BYTES);
			assert_int_equal(count(l.out.p, "deliver_ms"), 1);
			logline_clear(&l);
		}
}

/* Cut off between two characters, and not in the middle of one. */
static void
long_values_are_text(void **state)
{
	char text[1001];

	(void)state;
	for (size_t i = 0; i < sizeof text - 1; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text[sizeof text - 1] = '\0';
	for (int odd = 0; odd < 2; odd++)
		for (int json = 0; json < 2; json++) {
			struct buf value = BUF_INIT;
			struct logline l;

			if (odd)
				text[0] = text[1] = 'x';
			logline_begin(&l, json, "id");
			logline_text(&l, LOGLINE_WHY, text + odd);
			logline_end(&l);
			json_quote(&value, buf_view(&l.out));
			assert_null(strstr(value.p, "\xef\xbf\xbd"));
			buf_clear(&value);
			logline_clear(&l);
		}
}

/* What is read from JSON is what would have been written in words. */
static void
json_becomes_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++) {
		struct buf line = BUF_INIT, out = BUF_INIT;
		struct logline json, words;
		const char *got;

		if (i == 3 || i == 7) /* what is no text comes back as other text */
			continue;
		fill(&json, true, nasty[i]);
		fill(&words, false, nasty[i]);
		buf_printf(&line, "Nov 1 00:00:00 mx bivalve[1]: %s", json.out.p);
		got = strstr(logline_words(line.p, &out), "from=");
		assert_non_null(got);
		assert_string_equal(got, words.out.p);
		assert_ptr_equal(logline_words(words.out.p, &out), words.out.p);
		logline_clear(&json);
		logline_clear(&words);
		buf_clear(&line);
		buf_clear(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_cannot_be_forged), cmocka_unit_test(json_is_json),
		cmocka_unit_test(long_values_fit), cmocka_unit_test(long_values_are_text),
		cmocka_unit_test(json_becomes_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
