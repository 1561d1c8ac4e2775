/* layer: scan */
/*
 * test-numerals.c - our sscanf answers what the C library's does, and is the one that libclamav gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan/numerals.h"

#define ROUNDS 400000
#define UNSET 77777777u

typedef int sscanf_fn(const char *, const char *, ...);

static sscanf_fn *
library_sscanf(void)
{
	void *p = dlsym(RTLD_NEXT, "sscanf");
	sscanf_fn *fn;

	memcpy(&fn, &p, sizeof fn);
	assert_non_null(p);
	return fn;
}

/* In the formats that we read ourselves, and in others, which we must hand on whole. */
static void
same(const char *text)
{
	static const char *const formats[] = { "%u", "%u,%u", "%u-%u", "%u%u", " %u", "%u,", "%x,%u" };
	sscanf_fn *theirs = library_sscanf();

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		unsigned a[2] = { UNSET, UNSET }, b[2] = { UNSET, UNSET };
		int n = theirs(text, formats[i], &a[0], &a[1]);
		int m = numerals_sscanf(text, formats[i], &b[0], &b[1]);

		if (n != m || memcmp(a, b, sizeof a) != 0)
			fail_msg("\"%s\" in \"%s\": %d %u %u, not %d %u %u", text, formats[i], m, b[0],
			    b[1], n, a[0], a[1]);
	}
}

static void
chosen(void **state)
{
	static const char *const texts[] = { "", "0", "7", "12,3", "12,", "12,,3", "12, 3", "12 ,3", ",3",
	    " 12,3", "-1", "+1", "-", "1,-1", "1,+2", "999999999", "1000000000", "4294967295", "4294967296",
	    "99999999999999999999999", "000000000000000000001", "1,4294967295", "1,4294967296",
	    "1,000000000000002", "0=1,2", "0>5&1", "(0|1)", "0x10", "1\n,2", "\t1,2", "1e3", "1'000",
	    "18446744073709551616,1" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		same(texts[i]);
}

static void
random_texts(void **state)
{
	static const char alphabet[] = "0123456789012345678901234567890123456789,,,,  -+=>&|(x\t";
	char text[33];

	(void)state;
	srandom(4711);
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = (size_t)random() % sizeof text;

		for (size_t k = 0; k < len; k++)
			text[k] = alphabet[(size_t)random() % (sizeof alphabet - 1)];
		text[len] = '\0';
		same(text);
	}
}

/* All else passes through unharmed. */
static void
other_formats(void **state)
{
	char text[8] = "", c = 'x', *made = NULL;
	size_t size = 0;
	double d = 0;

	(void)state;
	assert_int_equal(numerals_sscanf("a12b", "%c%zu%7s", &c, &size, text), 3);
	assert_true(c == 'a' && size == 12 && strcmp(text, "b") == 0);
	assert_int_equal(numerals_sscanf("1.5 word", "%lf %ms", &d, &made), 2);
	assert_true(d == 1.5);
	assert_string_equal(made, "word");
	free(made);
	made = NULL;
	/* The old dialect, where "a" makes the string instead of reading a number. */
	assert_int_equal(numerals_sscanf("old", "%as", &made), 1);
	assert_string_equal(made, "old");
	free(made);
}

/* Without this it would be ours in vain. */
static void
linked(void **state)
{
	sscanf_fn *ours = numerals_sscanf;
	void *p = dlsym(RTLD_DEFAULT, "sscanf");

	(void)state;
	assert_memory_equal(&p, &ours, sizeof p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chosen),
		cmocka_unit_test(random_texts),
		cmocka_unit_test(other_formats),
		cmocka_unit_test(linked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
