/* layer: mail */
/*
 * test-domainlist.c - which domains and addresses a list of them holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/domainlist.h"

static void
test_find(void **state)
{
	static const char list[] = "# c@comment.test\n\n  Example.ORG.\t# the domain\n.below.test\n"
	    "anna@one.test\n<b@two.test>\n.\nlast.test";
	static const struct { const char *key, *line; } rows[] = {
		{ "example.org", "Example.ORG" }, { "x@EXAMPLE.org.", "Example.ORG" },
		{ "<x@example.org>", "Example.ORG" }, { "\"a@b\"@example.org", "Example.ORG" },
		{ "sub.example.org", NULL }, { "x@notexample.org", NULL }, { "example.org@x", NULL },
		{ "a.below.test", ".below.test" }, { "x@a.b.Below.Test", ".below.test" },
		{ "below.test", NULL }, { ".below.test", NULL }, { "xbelow.test", NULL },
		{ "Anna@one.test", "anna@one.test" }, { "b@one.test", NULL }, { "one.test", NULL },
		{ "b@two.test", "b@two.test" }, { "last.test", "last.test" },
		{ "#", NULL }, { "c@comment.test", NULL }, { "", NULL }, { "<>", NULL }, { "@", NULL },
		{ " ", NULL }, { "x@", NULL },
	};
	struct bytes line;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool found = domainlist_find(bytes_of(list), bytes_of(rows[i].key), &line);

		if (found != (rows[i].line != NULL) || (found && !bytes_is(line, rows[i].line)))
			fail_msg("\"%s\": %s", rows[i].key, found ? "found" : "not found");
	}
	assert_false(domainlist_find(bytes_of(""), bytes_of("example.org"), &line));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_find) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
