/* layer: mail */
/*
 * test-receivedclient.c - whom the topmost Received field names, and whom it must not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "mail/receivedclient.h"

static const char *const hosts[] = { "mx.our.example", "localhost", NULL };

#define BY " by mx.our.example (8.17.1/8.17.1) with ESMTP id 4BMFs; Sun, 22 Nov 2026 15:54:10 GMT\n"
#define EXIM "\n\tby mx.our.example with esmtp (Exim 4.96)\n\t(envelope-from <a@x>)\n\tid 1xX-0\n"

static void
test_find(void **state)
{
	static const struct { const char *head, *address; } rows[] = {
		{ "Received: from h.example (r.example [192.0.2.1])\n\tby mx.our.example (8.17.1/8.17.1)"
			" with ESMTP id 4BMFs\n\tfor <u@our.example>; Sun, 22 Nov 2026\n\n",
				"192.0.2.1" },
		{ "From a@x Tue\nReceived: from h (r [192.0.2.1])" BY, "192.0.2.1" },
		{ "Received: from h (r [192.0.2.1] (may be forged))" BY, "192.0.2.1" },
		{ "Received: from h ([192.0.2.1])" BY, "192.0.2.1" },
		{ "Received: from [10.0.0.1] (r [192.0.2.1])" BY, "192.0.2.1" },
		{ "Received: from h (r [IPv6:2001:DB8:0:0::1])" BY, "2001:db8::1" },
		{ "Received: from h (r [IPv6:::ffff:192.0.2.1])" BY, "192.0.2.1" },
		{ "Received: from h (IDENT:u@r [192.0.2.1])" BY, "192.0.2.1" },
		{ "Received: from h (IDENT:[10.0.0.1]@r [192.0.2.1])" BY, "192.0.2.1" },
		{ "Received: from h (r [192.0.2.1]) (authenticated bits=0)" BY, "192.0.2.1" },
		{ "Received: (from r [192.0.2.1])" BY, "192.0.2.1" },
		{ "Received: from h (r [192.0.2.1]) by MX.our.EXAMPLE. with SMTP\n", "192.0.2.1" },
		/* Exim's, as host_build_sender_fullhost() in its host.c makes them. */
		{ "Received: from [192.0.2.1] (helo=h)" EXIM, "192.0.2.1" },
		{ "Received: from [192.0.2.1]:40000 (helo=[10.0.0.1])" EXIM, "192.0.2.1" },
		{ "Received: from [192.0.2.1]" EXIM, "192.0.2.1" },
		{ "Received: from [2001:db8::1] (helo=h ident=[10.0.0.1])" EXIM, "2001:db8::1" },
		{ "Received: from r.example ([192.0.2.1] helo=[10.0.0.1])" EXIM, "192.0.2.1" },
		{ "Received: from r.example ([192.0.2.1]:25 ident=x)" EXIM, "192.0.2.1" },
		{ "Received: from r.example (helo=[10.0.0.1])" EXIM, "" },
		{ "Received: from root" EXIM, "" },
		{ "Received: from [192.0.2.1" EXIM, "" },
		{ "Received: from [10.0.0.1] (r [192.0.2.1])\n\tby mx.our.example (8.17.1/8.17.1) with"
			" ESMTP id 4BMFs\n\tfor <\"x (Exim 4\"@our.example>; now\n", "192.0.2.1" },
		{ "Received: (from root@localhost)" BY, "" },
		{ "Received: from h (r [192.0.2.1]) by other.example\n", "" },
		{ "Received: from h (r [192.0.2.1]) by mx.our.example.evil\n", "" },
		{ "Received: by other; x\nReceived: from h (r [192.0.2.1])" BY, "" },
		{ "X: y\n\nReceived: from h (r [192.0.2.1])" BY, "" },
		{ "Received: from h (r 192.0.2.1)" BY, "" },
		{ "Received: from h (r [192.0.2.999])" BY, "" },
		{ "Received: from h (r [192.0.2.1] x)" BY, "" },
		{ "Received: from h (r [])" BY, "" },
		{ "Received: from h (r ])" BY, "" },
		{ "Received: from h ()" BY, "" },
		{ "Received: from h" BY, "" },
		{ "Received: from h (r [192.0.2.1]" BY, "" },
		{ "Received: from h (((r) [192.0.2.1]))" BY, "" },
		{ "Received: from h (x(y) [192.0.2.1])" BY, "" },
		{ "Received: from h (IDENT:a [10.0.0.1]) by mx.our.example (@r [192.0.2.1])" BY,
			"" },
		{ "Received: from\n", "" },
		{ "Received:\n", "" },
		{ "Subject: x\n\n", "" },
		{ "", "" },
	};
	struct receivedclient r;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool found = receivedclient_find(bytes_of(rows[i].head), hosts, &r);

		if (found != (rows[i].address[0] != '\0') || strcmp(r.address, rows[i].address) != 0)
			fail_msg("\"%s\" gives \"%s\"", rows[i].head, r.address);
	}
}

static void
test_id(void **state)
{
	static const struct { const char *head, *id; } rows[] = {
		{ "Received: from h (r [192.0.2.1])" BY, "4BMFs" },
		{ "Received: from h (r [192.0.2.1])\n\tby localhost (x id 1) with id a-1.B\n\tfor x; D\n",
			"" },
		{ "Received: from h (r [192.0.2.1]) by localhost id 4BM;\n", "4BM" },
		{ "Received: from h (r [192.0.2.1]) by localhost id a=b\n", "" },
		{ "Received: from h (r [192.0.2.1]) by localhost id\n", "" },
		{ "Received: from h (r [192.0.2.1]) by localhost with SMTP\n", "" },
		{ "Received: from h (r [192.0.2.1]) by other.example id 4BM\n", "" },
		{ "Received: from h (r [192.0.2.1]) by localhost id 0123456789012345678901234567890123456"
			"789012345678901234567890123456789\n", "" },
	};
	struct receivedclient r;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		receivedclient_find(bytes_of(rows[i].head), hosts, &r);
		if (strcmp(r.id, rows[i].id) != 0)
			fail_msg("\"%s\" gives \"%s\"", rows[i].head, r.id);
	}
}

static void
test_form(void **state)
{
	static const struct { const char *text, *form; } rows[] = {
		{ "IPv6:2001:DB8:0:0:0:0:0:9", "2001:db8::9" }, { "2001:db8::9", "2001:db8::9" },
		{ "::ffff:192.0.2.1", "192.0.2.1" }, { "192.0.2.1", "192.0.2.1" },
		{ "", "" }, { "unknown", "unknown" }, { "[192.0.2.1]", "[192.0.2.1]" },
	};
	char room[RECEIVEDCLIENT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(receivedclient_form(rows[i].text, room), rows[i].form);
}

static void
test_random(void **state)
{
	static const char *const pieces[] = { "from ", "h ", "(", ")", "[192.0.2.1]", "[", "]",
		"IPv6:",
		"::1", " by ", "mx.our.example", " (may be forged)", "\n\t", "x" };
	struct receivedclient r;
	unsigned seed = 5;

	(void)state;
	for (int n = 0; n < 50000; n++) {
		struct buf head = BUF_INIT;

		buf_str(&head, n % 2 ? "Received: from h (" : "Received: ");
		for (int i = 0; i < n % 16; i++)
			buf_str(&head, pieces[(seed = seed * 1103515245 + 12345) / 65536 % 14]);
		if (receivedclient_find(buf_view(&head), hosts, &r))
			assert_non_null(strstr(head.p, "mx.our.example"));
		else
			assert_string_equal(r.address, "");
		buf_clear(&head);
	}
}

/* Besides this machine's own name, those of the configuration. */
static void
test_names_of_the_configuration(void **state)
{
	struct bytes head = bytes_of("Received: from x (bad.test [192.0.2.9])\n\tby mx.tb.test (8.17) id 6AO; now\n\n");
	struct receivedclient r;

	(void)state;
	assert_true(receivedclient_ours(head, "a.test, MX.tb.test", &r));
	assert_string_equal(r.address, "192.0.2.9");
	assert_true(receivedclient_ours(head, "mx.tb.test", &r));
	assert_false(receivedclient_ours(head, "", &r));
	assert_false(receivedclient_ours(head, " , tb.test", &r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find), cmocka_unit_test(test_id),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_names_of_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
