/* layer: lmtp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lmtp/datatext.h"
#include "lmtp/lmtp.h"
#include "lmtp/param.h"
#include "lmtp/path.h"

/* ---- paths ---- */

static void
test_path(void **state)
{
	static const struct {
		const char *text, *mailbox, *local;  /* mailbox NULL: no path */
	} cases[] = {
		{ "<>", "", "" },
		{ "<u1>", "u1", "u1" },
		{ "<u1@host.test>", "u1@host.test", "u1" },
		{ "<u1+De.t@[127.0.0.1]>", "u1+De.t@[127.0.0.1]", "u1+De.t" },
		{ "<u1@[IPv6:::1]> SIZE=1", "u1@[IPv6:::1]", "u1" },
		{ "<@a.test,@b.test:u1@c.test>", "u1@c.test", "u1" },
		{ "<\"a b\"@x.test>", "\"a b\"@x.test", "a b" },
		{ "<\"a\\\"b\">", "\"a\\\"b\"", "a\"b" },
		{ "<\"u1+a b\">", "\"u1+a b\"", "u1+a b" },
		{ "<-f@x.test>", "-f@x.test", "-f" },
		{ "<../../x|id>", "../../x|id", "../../x|id" },
		{ "<\xc3\xa4@\xc3\xb6.test>", "\xc3\xa4@\xc3\xb6.test", "\xc3\xa4" },
		{ "u1", NULL, NULL }, { "<u1", NULL, NULL }, { "<u1@>", NULL, NULL },
		{ "<u1@a b>", NULL, NULL }, { "<a b>", NULL, NULL }, { "<@a.test>", NULL, NULL },
		{ "<@a@b", NULL, NULL }, { "<\"a>", NULL, NULL }, { "<\"\"@x>", NULL, NULL },
		{ "<\"a\\", NULL, NULL }, { "<\"a\rb\">", NULL, NULL }, { "<a\x7f>", NULL, NULL },
		{ "<<a>>", NULL, NULL }, { "<a>b>", "a", "a" }, { "", NULL, NULL }, { "<", NULL, NULL },
	};
	struct buf local = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bytes rest = bytes_of(cases[i].text), mailbox;
		bool good = path_take(&rest, &mailbox, &local);

		if (good != (cases[i].mailbox != NULL))
			fail_msg("%s", cases[i].text);
		if (!good)
			continue;
		assert_true(bytes_is(mailbox, cases[i].mailbox));
		assert_string_equal(local.p, cases[i].local);
	}
	buf_clear(&local);
}

/* ---- parameters ---- */

static void
test_param(void **state)
{
	static const struct {
		const char *text;
		enum param_end end;
		uint64_t size;
	} mail[] = {
		{ "", PARAM_GOOD, 0 }, { " size=12 ", PARAM_GOOD, 12 },
		{ "SIZE=999999999999999999 BODY=8bitmime SMTPUTF8", PARAM_GOOD, 999999999999999999 },
		{ "RET=HDRS ENVID=a+2Bb", PARAM_GOOD, 0 },
		{ "SIZE=", PARAM_BAD, 0 }, { "SIZE=1k", PARAM_BAD, 0 }, { "SIZE", PARAM_BAD, 0 },
		{ "SIZE=9999999999999999999", PARAM_BAD, 0 }, { "BODY=BINARYMIME", PARAM_BAD, 0 },
		{ "RET=no", PARAM_BAD, 0 }, { "ENVID=a+2", PARAM_BAD, 0 }, { "ENVID=", PARAM_BAD, 0 },
		{ "SMTPUTF8=1", PARAM_BAD, 0 }, { "AUTH=<>", PARAM_UNKNOWN, 0 },
	}, rcpt[] = {
		{ "NOTIFY=NEVER", PARAM_GOOD, 0 }, { "NOTIFY=success,DELAY", PARAM_GOOD, 0 },
		{ "ORCPT=rfc822;a+40b NOTIFY=FAILURE", PARAM_GOOD, 0 },
		{ "ORCPT=utf-8;\xc3\xa4@b", PARAM_GOOD, 0 }, { "ORCPT=rfc822;\xc3\xa4@b", PARAM_BAD, 0 },
		{ "NOTIFY=", PARAM_BAD, 0 }, { "NOTIFY=NEVER,DELAY", PARAM_BAD, 0 },
		{ "NOTIFY=DELAY,", PARAM_BAD, 0 }, { "ORCPT=a", PARAM_BAD, 0 },
		{ "ORCPT=;a", PARAM_BAD, 0 }, { "SIZE=1", PARAM_UNKNOWN, 0 },
	};
	uint64_t size;

	(void)state;
	for (size_t i = 0; i < sizeof mail / sizeof *mail; i++) {
		if (param_mail(bytes_of(mail[i].text), &size) != mail[i].end)
			fail_msg("MAIL %s", mail[i].text);
		if (mail[i].end == PARAM_GOOD)
			assert_int_equal(size, mail[i].size);
	}
	for (size_t i = 0; i < sizeof rcpt / sizeof *rcpt; i++)
		if (param_rcpt(bytes_of(rcpt[i].text)) != rcpt[i].end)
			fail_msg("RCPT %s", rcpt[i].text);
}

/* ---- text ---- */

static const struct {
	const char *in;
	bool lf_ends;
	const char *out, *rest;  /* rest NULL: the end is not in it */
} texts[] = {
	{ "a\r\nb\r\n.\r\nQUIT", false, "a\nb\n", "QUIT" },
	{ ".\r\n", false, "", "" },
	{ "..\r\n...a\r\n.b\r\n.\r\n", false, ".\n..a\nb\n", "" },
	/* What must not be the end: every other way to write a lone dot. */
	{ "a\n.\nb\r\n.\r\n", false, "a\n.\nb\n", "" },
	{ "a\n.\r\nb\r\n.\r\n", false, "a\n.\nb\n", "" },
	{ "a\r\n.\nb\r\n.\r\n", false, "a\n\nb\n", "" },
	{ "a\r.\rb\r\n.\r\n", false, "a\r.\rb\n", "" },
	{ "a\r.\r\nb\r\n.\r\n", false, "a\r.\nb\n", "" },
	{ "a\r\n.\rb\r\n.\r\n", false, "a\n\rb\n", "" },
	{ "a\r\n.\r\r\n.\r\n", false, "a\n\r\n", "" },
	{ "a\r\r\n.\r\n", false, "a\r\n", "" },
	{ "a\n\r\n.\r\nx", false, "a\n\n", "x" },
	{ "a\r\n.", false, "a\n", NULL }, { "a\r\n.\r", false, "a\n", NULL },
	/* A peer that ends lines with LF puts the dots there, too. */
	{ "a\n..b\n.\nQUIT\n", true, "a\n.b\n", "QUIT\n" },
	{ "a\r\n.\r\nQUIT\n", true, "a\n", "QUIT\n" },
	{ "a\rb\r\n.c\n.\n", true, "a\rb\nc\n", "" },
};

static void
test_datatext(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		/* In pieces of every size: the pieces must not show. */
		for (size_t step = 1; step <= strlen(texts[i].in); step++) {
			struct bytes in = bytes_of(texts[i].in);
			struct buf out = BUF_INIT;
			struct datatext t;
			bool end = false;

			datatext_begin(&t, texts[i].lf_ends);
			while (in.len > 0 && !end) {
				struct bytes piece = bytes_first(in, step);
				size_t before = piece.len;

				end = datatext_take(&t, &piece, &out);
				in = bytes_from(in, before - piece.len);
			}
			assert_int_equal(end, texts[i].rest != NULL);
			if (end)
				assert_true(bytes_is(in, texts[i].rest));
			assert_string_equal(out.p, texts[i].out);
			buf_clear(&out);
		}
	}
}

/* ---- the whole ---- */

/* A peer's words, and a world in which "no" is nobody and "down" cannot be asked. */
struct talk {
	struct lmtp *m;
	struct buf text;      /* each message's sender, recipients and text */
	bool no_room, spoil;
	bool closed;
};

static void
talk_rcpt(struct talk *t)
{
	const char *local = lmtp_local(t->m);
	struct fail why = { 0 };

	if (strcmp(local, "no") == 0)
		fail_set(&why, FAIL_NOUSER, "there is no user %s", local);
	if (strcmp(local, "down") == 0)
		fail_set(&why, FAIL_USERDB, "the directory\r\n250 sleeps \xc3\xa4");
	else if (why.kind == FAIL_NONE)
		buf_printf(&t->text, "to(%s)", local);
	lmtp_answer(t->m, &why);
}

static void
talk_end(struct talk *t)
{
	struct fail why = { 0 };

	buf_str(&t->text, "end;");
	for (size_t i = 0, n = lmtp_recipients(t->m); i < n; i++) {
		fail_clear(&why);
		if (i % 3 == 1)
			fail_set(&why, FAIL_REJECT, "no such mail");
		if (i % 3 == 2)
			fail_temp(&why, "later");
		lmtp_answer(t->m, &why);
	}
}

static void
talk_event(struct talk *t, enum lmtp_event event)
{
	struct fail why = { 0 };

	switch (event) {
	case LMTP_MORE:
		break;
	case LMTP_MAIL:
		buf_printf(&t->text, "from(%s)", lmtp_sender(t->m));
		break;
	case LMTP_RCPT:
		talk_rcpt(t);
		break;
	case LMTP_DATA:
		if (t->no_room)
			fail_temp(&why, "no room");
		lmtp_answer(t->m, &why);
		break;
	case LMTP_TEXT:
		buf_bytes(&t->text, lmtp_text(t->m));
		if (t->spoil) {
			fail_temp(&why, "disk full");
			lmtp_spoil(t->m, &why);
		}
		break;
	case LMTP_END:
		talk_end(t);
		break;
	case LMTP_CLOSE:
		t->closed = true;
	}
}

static void
talk_say(struct talk *t, const char *words, size_t step)
{
	struct bytes in = bytes_of(words);

	while (in.len > 0 && !t->closed) {
		struct bytes piece = bytes_first(in, step);
		size_t n = piece.len;
		enum lmtp_event event;

		do {
			event = lmtp_feed(t->m, &piece);
			talk_event(t, event);
		} while (event != LMTP_MORE && event != LMTP_CLOSE);
		in = bytes_from(in, n);
	}
}

/* The reply codes, in their order. */
static void
talk_codes(struct talk *t, struct buf *codes)
{
	struct bytes rest = buf_view(lmtp_output(t->m));

	while (rest.len > 0) {
		const char *nl = memchr(rest.p, '\n', rest.len);

		assert_true(nl && nl > rest.p && nl[-1] == '\r' && nl - rest.p < 512);
		if (rest.p[3] == ' ') {
			buf_add(codes, rest.p, 3);
			buf_byte(codes, ' ');
		}
		rest = bytes_from(rest, (size_t)(nl - rest.p) + 1);
	}
}

static const struct {
	const char *words, *codes, *text;
	size_t limit;
	bool no_room, spoil, closed, once;
} talks[] = {
	{ .words = "LHLO x\r\nQUIT\r\n", .codes = "220 250 221 ", .text = "", .closed = true },
	{ .words = "LHLO x\r\nMAIL From:<>\r\nRCPT To:<u1> NOTIFY=NEVER\r\nDATA\r\nS: x\r\n\r\n"
	    "a\r\n.\r\nQUIT\r\n", .codes = "220 250 250 250 354 250 221 ",
	  .text = "from()to(u1)S: x\n\na\nend;", .closed = true },
	{ .words = "lhlo x\nmail from:<a@b>\nrcpt to:<u1>\ndata\na\n.\n",
	  .codes = "220 250 250 250 354 250 ", .text = "from(a@b)to(u1)a\nend;" },
	/* One reply for each recipient taken, none for the others. */
	{ .words = "LHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<u1>\r\nRCPT TO:<no>\r\nRCPT TO:<u2>\r\n"
	    "RCPT TO:<down>\r\nRCPT TO:<u3>\r\nDATA\r\n.\r\nNOOP\r\n",
	  .codes = "220 250 250 250 550 250 451 250 354 250 550 451 250 ",
	  .text = "from(a)to(u1)to(u2)to(u3)end;" },
	{ .words = "LHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<1>\r\nRCPT TO:<2>\r\nRCPT TO:<3>\r\n"
	    "RCPT TO:<4>\r\n", .codes = "220 250 250 250 250 250 452 ",
	  .text = "from(a)to(1)to(2)to(3)" },
	/* Order. */
	{ .words = "MAIL FROM:<a>\r\nRCPT TO:<u>\r\nDATA\r\nHELO x\r\nEHLO x\r\nLHLO\r\n",
	  .codes = "220 503 503 503 500 500 501 ", .text = "" },
	{ .words = "LHLO x\r\nRCPT TO:<u>\r\nDATA\r\nMAIL FROM:<a>\r\nMAIL FROM:<b>\r\nDATA\r\n",
	  .codes = "220 250 503 503 250 503 503 ", .text = "from(a)" },
	{ .words = "LHLO x\r\nMAIL FROM:<a>\r\nRSET\r\nRCPT TO:<u>\r\nMAIL FROM:<b>\r\n",
	  .codes = "220 250 250 250 503 250 ", .text = "from(a)from(b)" },
	{ .words = "LHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<u>\r\nLHLO y\r\nDATA\r\n",
	  .codes = "220 250 250 250 250 503 ", .text = "from(a)to(u)" },
	/* Syntax. */
	{ .words = "LHLO x\r\nMAIL a\r\nMAIL FROM:a\r\nMAIL FROM:<a> X=1\r\nMAIL FROM:<a> SIZE=x\r\n"
	    "BDAT 1\r\n\r\nNOOP x\r\nVRFY x\r\nHELP\r\n",
	  .codes = "220 250 501 501 555 501 500 500 250 252 214 ", .text = "" },
	{ .words = "LHLO x\r\nMAIL FROM: <a>\r\nRCPT TO: <u> X\r\nRCPT TO:<>\r\nRCPT TO:<u> X=1\r\n"
	    "RCPT TO:<u> NOTIFY=x\r\n", .codes = "220 250 250 555 501 555 501 ", .text = "from(a)" },
	/* Where CR LF ends lines, LF ends no command. */
	{ .words = "LHLO x\r\nMAIL FROM:<a>\nRSET\r\n", .codes = "220 250 500 250 ", .text = "" },
	{ .words = "LHLO x\r\nNOOP\rx\r\nNOOP\x01\r\n", .codes = "220 250 500 500 ", .text = "" },
	{ .words = "LHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<u>\r\nDATA\r\na\n.\nMAIL FROM:<evil>\r\n.\r\n",
	  .codes = "220 250 250 250 354 250 ", .text = "from(a)to(u)a\n.\nMAIL FROM:<evil>\nend;" },
	/* Size. */
	{ .words = "LHLO x\r\nMAIL FROM:<a> SIZE=11\r\nMAIL FROM:<a> SIZE=10\r\nRCPT TO:<u>\r\n"
	    "RCPT TO:<v>\r\nDATA\r\n12345\r\n12345\r\n.\r\nNOOP\r\n", .limit = 10,
	  .codes = "220 250 552 250 250 250 354 552 552 250 ", .text = NULL },
	{ .words = "LHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<u>\r\nDATA\r\n1234\r\n1234\r\n.\r\n",
	  .limit = 10, .codes = "220 250 250 250 354 250 ",
	  .text = "from(a)to(u)1234\n1234\nend;" },
	/* Who knows of one message alone says so before another begins. */
	{ .words = "LHLO x\r\nRSET\r\nMAIL FROM:<a>\r\nRCPT TO:<u>\r\nDATA\r\na\r\n.\r\nNOOP\r\n"
	    "RSET\r\nMAIL FROM:<b>\r\n", .once = true, .closed = true,
	  .codes = "220 250 250 250 250 354 250 250 421 ", .text = "from(a)to(u)a\nend;" },
	{ .words = "LHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<u>\r\nDATA\r\na\r\n.\r\nMAIL FROM:<b>\r\n",
	  .once = true, .closed = true,
	  .codes = "220 250 250 250 354 250 421 ", .text = "from(a)to(u)a\nend;" },
	/* Local trouble is never final. */
	{ .words = "LHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<u>\r\nDATA\r\nNOOP\r\n", .no_room = true,
	  .codes = "220 250 250 250 451 250 ", .text = "from(a)to(u)" },
	{ .words = "LHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<u>\r\nRCPT TO:<v>\r\nDATA\r\na\r\n.\r\n"
	    "NOOP\r\n", .spoil = true,
	  .codes = "220 250 250 250 250 354 452 452 250 ", .text = NULL },
};

static void
test_talk(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
		for (size_t step = 1; step <= strlen(talks[i].words); step++) {
			struct lmtp_limits limits = { "mx.test", talks[i].limit, 3,
				talks[i].once };
			struct talk t = { lmtp_new(&limits), BUF_INIT, talks[i].no_room,
				talks[i].spoil, false };
			struct buf codes = BUF_INIT;

			talk_say(&t, talks[i].words, step);
			talk_codes(&t, &codes);
			assert_string_equal(codes.p, talks[i].codes);
			if (talks[i].text)
				assert_string_equal(t.text.p, talks[i].text);
			assert_int_equal(t.closed, talks[i].closed);
			buf_clear(&codes);
			buf_clear(&t.text);
			lmtp_free(&t.m);
		}
	}
}

static void
test_bounds(void **state)
{
	struct lmtp_limits limits = { "mx.test", 0, 3, false };
	struct talk t = { lmtp_new(&limits), BUF_INIT, false, false, false };
	struct buf words = BUF_INIT, codes = BUF_INIT;

	(void)state;
	buf_str(&words, "LHLO x\r\nMAIL FROM:<");
	for (int i = 0; i < 100000; i++)
		buf_byte(&words, 'a');
	buf_str(&words, ">\r\n");
	for (int i = 0; i < LMTP_ERRORS_MAX; i++)
		buf_str(&words, "BOGUS\r\n");
	buf_str(&words, "NOOP\r\n");
	talk_say(&t, words.p, 1000);
	assert_true(t.closed);
	talk_codes(&t, &codes);
	assert_true(bytes_starts(buf_view(&codes), "220 250 500 500 500 "));
	assert_true(strstr(codes.p, "421 ") != NULL);
	assert_true(strstr(codes.p, "421 250") == NULL);
	buf_clear(&t.text);
	buf_clear(&words);
	buf_clear(&codes);
	lmtp_free(&t.m);
}

static void
test_shut(void **state)
{
	struct lmtp_limits limits = { "mx.test", 0, 3, false };
	struct talk t = { lmtp_new(&limits), BUF_INIT, false, false, false };

	(void)state;
	assert_true(lmtp_is_idle(t.m));
	talk_say(&t, "LHLO x\r\nMAIL FROM:<a>\r\n", 100);
	assert_false(lmtp_is_idle(t.m));
	talk_say(&t, "RSET\r\n", 100);
	assert_true(lmtp_is_idle(t.m));
	lmtp_shut(t.m, "we end");
	talk_say(&t, "MAIL FROM:<b>\r\n", 100);
	assert_true(t.closed);
	assert_string_equal(t.text.p, "from(a)");
	buf_clear(&t.text);
	lmtp_free(&t.m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path), cmocka_unit_test(test_param),
		cmocka_unit_test(test_datatext), cmocka_unit_test(test_talk),
		cmocka_unit_test(test_bounds), cmocka_unit_test(test_shut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
