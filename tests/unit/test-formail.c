/* layer: formail */
/*
 * test-formail.c - what formail(1) 3.22 makes of small messages, call by call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "formail/formail.h"

enum { ARGS_MAX = 16 };

/* argv out of one line: words apart by '|', so that a word may be empty or hold blanks. */
struct call {
	char text[256];
	const char *argv[ARGS_MAX];
};

static const char *const *
call_of(struct call *c, const char *line)
{
	size_t n = 0;
	char *p = c->text;

	snprintf(c->text, sizeof c->text, "formail%s%s", *line ? "|" : "", line);
	for (;;) {
		assert_true(n + 1 < ARGS_MAX);
		c->argv[n++] = p;
		p = strchr(p, '|');
		if (!p)
			break;
		*p++ = '\0';
	}
	c->argv[n] = NULL;
	return c->argv;
}

/* Runs the call with the input cut at cut; the result is the caller's to free. */
static char *
run_cut(const char *line, struct bytes input, size_t cut, int *status)
{
	struct bytes in[2] = { bytes_first(input, cut), bytes_from(input, cut) };
	struct fail why = { 0 };
	struct buf out = BUF_INIT;
	struct call c;

	assert_true(formail_understands(call_of(&c, line)));
	assert_int_equal(formail_run(c.argv, in, &out, status, &why), 0);
	return buf_take(&out);
}

struct row {
	const char *call, *input, *output;
	int status;
};

/* Wherever the halves of the input meet, the output is the same. */
static void
check(const struct row *row)
{
	struct bytes input = bytes_of(row->input);
	int status;

	for (size_t cut = 0; cut <= input.len; cut++) {
		char *got = run_cut(row->call, input, cut, &status);

		if (strcmp(got, row->output) != 0)
			print_message("formail %s, cut at %zu\n", row->call, cut);
		assert_string_equal(got, row->output);
		assert_int_equal(status, row->status);
		free(got);
	}
}

#define CHECK(rows) \
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) \
		check(&rows[i])

#define F "From a@b.c  Mon Jan  1 00:00:00 2001\n"

static void
test_pass(void **state)
{
	static const struct row rows[] = {
		{ "", F "A: b\n\nx\n", F "A: b\n\nx\n\n", 0 },
		{ "", F "A: b\n\nx\n\n", F "A: b\n\nx\n\n", 0 },
		{ "", F "A: b\n\nx", F "A: b\n\nx\n\n", 0 },
		{ "", F "A: b", F "A: b\n\n", 0 },
		{ "", F "A : b\n c\nD\t:e\n", F "A: b\n c\nD:e\n\n", 0 },
		{ "", "\n\n" F "A: b\n\n", F "A: b\n\n", 0 },
		{ "", F ">From q\n>x\nA: b\n\n", F ">From q\n>x\nA: b\n\n", 0 },
		{ "", F "A: b\nnot a field\nC: d\n", F "A: b\n\nnot a field\nC: d\n\n", 0 },
		{ "", F "A: b\r\n\r\nx\r\n", F "A: b\r\n\n\r\nx\r\n\n", 0 },
		{ "", F "A: b\n\nFrom x\n>From y\nfrom z\n\nFrom \n",
		    F "A: b\n\n>From x\n>From y\nfrom z\n\n>From \n\n", 0 },
		{ "-b", F "\nFrom x\n", F "\nFrom x\n\n", 0 },
		{ "-f", "", "\n", 0 },
		{ "-f", "\n\n", "\n", 0 },
		{ "-f", "x\nFrom y\n", "\nx\n>From y\n\n", 0 },
		{ "-f", " x: y\n", "\n x: y\n\n", 0 },
		{ "-f", ":x\n", "\n:x\n\n", 0 },
		{ "-f", "From : x\n\n", "From: x\n\n", 0 },
		{ "-c", F "A: b\n c\n\td\n\nx\n", F "A: b  c \td\n\nx\n\n", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
test_content_length(void **state)
{
	static const struct row rows[] = {
		{ "", F "Content-Length: 3\n\nx\nFrom y\nFrom z\n",
		    F "Content-Length: 3\n\nx\nFrom y\n>From z\n\n", 0 },
		{ "", F "Content-Length: 2\n\nx\nFrom y\n", F "Content-Length: 2\n\nx\n>From y\n\n", 0 },
		{ "", F "Content-Length: 99\n\nFrom y", F "Content-Length: 99\n\nFrom y\n", 0 },
		{ "", F "Content-Length: -1\n\nFrom y", F "Content-Length: -1\n\n>From y\n\n", 0 },
		{ "", F "Content-Length: 3\nContent-Length: 0\n\nx\nFrom y\n",
		    F "Content-Length: 3\nContent-Length: 0\n\nx\nFrom y\n\n", 0 },
		{ "", F "Content-Length: 4\nx\nFrom y\nFrom z\n",
		    F "Content-Length: 4\n\nx\nFrom y\n>From z\n\n", 0 },
		{ "-Y", F "Content-Length: 3\n\nx\nFrom y\n", F "Content-Length: 3\n\nx\n>From y\n\n", 0 },
		{ "-I|Content-", F "Content-Length: 3\n\nx\nFrom y\n", F "\nx\n>From y\n\n", 0 },
		{ "-A|Content-Length: 9", F "\nFrom y\n", F "Content-Length: 9\n\n>From y\n\n", 0 },
		{ "-kX|A:", "Content-Length: 3\nA: b\n\nx\nFrom y\n", "A: b\n\nx\n>From y\n\n", 0 },
		{ "-kx|A:", "Content-Length: 3\nA: b\n\nx\nFrom y\n", " b\n\nx\nFrom y\n\n", 0 },
	};

	(void)state;
	CHECK(rows);
}

#define M F "A: 1\nB: 2\nA: 3\nAb:4\nE:\nG:  \n\n"

static void
test_edit(void **state)
{
	static const struct row rows[] = {
		{ "-a|A:5", M, M, 0 },
		{ "-a|C:5", F "A: 1\n\n", F "A: 1\nC:5\n\n", 0 },
		{ "-a|C:", F "A: 1\n\n", F "A: 1\nC:\n\n", 0 },
		{ "-a|C:5|-a|C:6", F "A: 1\n\n", F "A: 1\nC:5\nC:6\n\n", 0 },
		{ "-A|C: 5|-A|C:", F "C: 1\n\n", F "C: 1\nC: 5\n\n", 0 },
		{ "-A|C: x\n y", F "C: 1\n\n", F "C: 1\nC: x\n y\n\n", 0 },
		{ "-iA:5", F "A: 1\nab:2\n\n", F "Old-A: 1\nab:2\nA:5\n\n", 0 },
		{ "-i|A", F "A: 1\nab:2\n\n", F "Old-A: 1\nOld-ab:2\n\n", 0 },
		{ "-i|", F "A: 1\n\n", "Old-" F "Old-A: 1\n\n", 0 },
		{ "-I|a:", F "A: 1\nab:2\n\n", F "ab:2\n\n", 0 },
		{ "-I|A: 6", F "A: 1\nab:2\n\n", F "ab:2\nA: 6\n\n", 0 },
		{ "-I|", F "A: 1\n\nx\n", "\nx\n\n", 0 },
		{ "-I|From ", F "A: 1\n\n", "A: 1\n\n", 0 },
		{ "-I|A:|-i|A:7", F "A: 1\n\n", F "Old-A: 1\nA:7\n\n", 0 },
		{ "-I|A: 1|-i|B: 2|-A|C: 3|-a|D: 4", F "\n", F "D: 4\nC: 3\nB: 2\nA: 1\n\n", 0 },
		{ "-R|A:|C:", M, F "C: 1\nB: 2\nC: 3\nAb:4\nE:\nG:  \n\n", 0 },
		{ "-R|A|C", F "A: 1\nAb:4\n\n", F "C: 1\nCb:4\n\n", 0 },
		{ "-R|A|C:", F "A: 1\nAb:4\n\n", F "C: 1\nC:4\n\n", 0 },
		{ "-R|A:|B:|-i|A:", F "A: 1\n\n", F "Old-A: 1\n\n", 0 },
		{ "-R|A:|B:|-R|B:|C:", F "A: 1\nB: 2\n\n", F "B: 1\nC: 2\n\n", 0 },
		{ "-R|From |X-From_:", F ">From q\nA: 1\n\n",
		    "X-From_:a@b.c  Mon Jan  1 00:00:00 2001\n From q\nA: 1\n\n", 0 },
		{ "-u|A:", M, F "A: 1\nB: 2\nAb:4\nE:\nG:  \n\n", 0 },
		{ "-U|A", M, F "B: 2\nA: 3\nAb:4\nE:\nG:  \n\n", 0 },
		{ "-u|A:|-U|A:", F "A: 1\na: 2\nA: 3\n\n", F "A: 1\nA: 3\n\n", 0 },
		{ "-u|", F "A: 1\nB: 2\na: 3\nB: 4\n\n", F "A: 1\nB: 2\n\n", 0 },
		{ "-u|B:|-R|A:|B:", F "A: 1\nB: 2\n\n", F "B: 1\n\n", 0 },
		{ "-z", M, F "A: 1\nB: 2\nA: 3\nAb: 4\nG:  \n\n", 0 },
		{ "-z|-a|E:x", M, F "A: 1\nB: 2\nA: 3\nAb: 4\nG:  \nE:x\n\n", 0 },
		{ "-zu|E:", F "E:\nE:x\n\n", F "\n", 0 },
		{ "-cz", F "E:\n x\n\n", F "E:   x\n\n", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
test_extract(void **state)
{
	static const struct row rows[] = {
		{ "-x|Subj", F "Subject:  a\n b\nSubj:c\n\nx\n", "  a\n b\nc\n", 0 },
		{ "-xsubject:", F "Subject:  a\n b\nSubj:c\n\nx\n", "  a\n b\n", 0 },
		{ "-X|Subj", F "Subject:  a\n b\nSubj:c\n\nx\n", "Subject:  a\n b\nSubj:c\n", 0 },
		{ "-cx|Subject:", F "Subject:  a\n b\n\n", "  a  b\n", 0 },
		{ "-zx|Subject:", F "Subject: \t a\n b \t\n\n", "a\n b\n", 0 },
		{ "-zx|Subject:", F "Subject:   \n\n", "\n", 0 },
		{ "-zX|Subject:", F "Subject:a \n\n", "Subject: a \n", 0 },
		{ "-x|From ", F "A: b\n\n", "a@b.c  Mon Jan  1 00:00:00 2001\n", 0 },
		{ "-X|", F "A: b\n\nx\n", F "A: b\n", 0 },
		{ "-x|A:|-X|B:", F "B: 1\nA: 2\n\nx\n", "B: 1\n 2\n", 0 },
		{ "-x|A:|-X|A:", F "A: 2\n\nx\n", " 2\n", 0 },
		{ "-k|-x|A:", F "A: 2\n\nFrom x\n", " 2\n\n>From x\n\n", 0 },
		{ "-X|A:|-A|A: 9", F "A: 2\n\n", "A: 2\nA: 9\n", 0 },
		{ "-X|A:|-I|A:", F "A: 2\n\n", "", 0 },
		{ "-x|Old-|-i|A:", F "A: 2\n\n", " 2\n", 0 },
		{ "-x|Z:", F "A: 2\n\n", "", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
test_reply(void **state)
{
	static const struct row rows[] = {
		{ "-r", F "Subject:  hi\n there\nMessage-ID:<1@x>\nX-Loop: me\nReferences: <0@x>\n\nb\n",
		    "X-Loop: me\nTo: a@b.c\nSubject: Re:  hi\n there\nReferences: <0@x> <1@x>\n"
		    "In-Reply-To: <1@x>\n\n", 0 },
		{ "-r", "Subject: Re: x\n\n", "To: foo@bar\nSubject: Re: Re: x\n\n", 67 },
		{ "-r", "Subject:\nMessage-ID:\n\n", "To: foo@bar\n\n", 67 },
		{ "-rk", F "\nb\n\nFrom c\n", "To: a@b.c\n\n>b\n\n>>From c\n\n", 0 },
		{ "-rkb", F "\nb\n\nFrom c\n", "To: a@b.c\n\nb\n\nFrom c\n\n", 0 },
		{ "-r|-i|A:", F "A: 1\nB: 2\n\n", "A: 1\nTo: a@b.c\n\n", 0 },
		{ "-r|-i|A: 3", F "A: 1\nB: 2\n\n", "To: a@b.c\nA: 3\n\n", 0 },
		{ "-r|-i|Subject: new", F "Subject: old\n\n",
		    "To: a@b.c\nOld-Subject: Re: old\nSubject: new\n\n", 0 },
		{ "-r|-I|To: bob", F "\n", "To: bob\n\n", 0 },
		{ "-r|-R|To:|X-To:", F "\n", "X-To: a@b.c\n\n", 0 },
		{ "-r|-I|From ", F "\n", "To: foo@bar\n\n", 67 },
		{ "-rx|To:", F "\n", " a@b.c\n", 0 },
		{ "-r|-A|Precedence: junk", F "\n", "To: a@b.c\nPrecedence: junk\n\n", 0 },
	};

	(void)state;
	CHECK(rows);
}

/* Who is worth how much, and to whom. */
static void
test_weights(void **state)
{
	static const char *const order[][12] = {
		{ "-r", "Return-Path", "Errors-To", "Return-Receipt-To", "Path", "Resent-Sender",
		    "Resent-From", "Resent-Reply-To", "Sender", "From", "Reply-To" },
		{ "-rt", "Reply-To", "From", "Sender", "Return-Path", "Errors-To",
		    "Return-Receipt-To", "Path", "Resent-Sender" },
		{ "-rt|-a|Resent-", "Resent-Reply-To", "Resent-From", "Resent-Sender", "Reply-To",
		    "From", "Sender", "Return-Path", "Errors-To", "Return-Receipt-To", "Path" },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		for (size_t k = 1; k + 1 < 12 && order[i][k + 1]; k++) {
			struct row row = { order[i][0], text, "To: a@b.c\n\n", 0 };

			snprintf(text, sizeof text, "%s: d@e.f\n%s: a@b.c\n\n", order[i][k + 1],
			    order[i][k]);
			check(&row);
		}
	}
}

static void
test_doubt(void **state)
{
	static const struct row rows[] = {
		{ "-r", "From x!y\nReply-To: a@b.c\n\n", "To: a@b.c\n\n", 0 },
		{ "-r", "From x@y\nReply-To: a!b\n\n", "To: a!b\n\n", 0 },
		{ "-r", "From x@y.UUCP\nReply-To: a@b\n\n", "To: a@b\n\n", 0 },
		{ "-r", "From x\nReply-To: a@b.UUCP\n\n", "To: a@b.UUCP\n\n", 0 },
		{ "-r", "From x\nReply-To: /a\n\n", "To: /a\n\n", 0 },
		{ "-r", F "Return-Path: <>\n\n", "To: <>\n\n", 0 },
		{ "-rt", "Reply-To: a@b.c\nReturn-Path: <>\n\n", "To: <>\n\n", 0 },
		{ "-r", F "Return-Path: \n\n", "To: a@b.c\n\n", 0 },
		{ "-r", F ">From q@r.s  M\nReturn-Path: x@y.z\n\n", "To: x@y.z\n\n", 0 },
		{ "-r", F ">From q@r.s  M\nErrors-To: x@y.z\n\n", "To: q@r.s\n\n", 0 },
		{ "-r", "From a  M\n>From b Tue remote from x\n>From c Wed remote from y\n\n",
		    "To: x!y!c\n\n", 0 },
		{ "-r", "From a  M remote from x\n\n", "To: x!a\n\n", 0 },
		{ "-r", "From a@b  M remote from x\n\n", "To: a@b\n\n", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
test_address(void **state)
{
	static const char *const rows[][2] = {
		{ "Joe <joe@x.y>", "joe@x.y" }, { "joe@x.y (Joe (J))", "joe@x.y" },
		{ "\"Joe <a@b>\" <c@d>", "c@d" }, { "\"a b\" @ c . d", "\"a b\"@c.d" },
		{ "a@b, c@d", "a@b" }, { "Joe a@b", "Joe" }, { "a@b Joe <c@d>", "c@d" },
		{ "grp: a@b, c@d;", "grp:a@b,c@d;" }, { "a.b:c,d;", "a.b:c" },
		{ "<@x,@y:a@b>", "<@x,@y:a@b>" }, { "@x,@y:a@b", "@x" }, { "<a:b,c;>", "a:b,c;" },
		{ "<a;b>", "<a;b>" }, { "a@[1.2 .3]", "a@[1.2 .3]" }, { "a \"b\" c", "a\"b\"" },
		{ "a\\ b@c", "a\\ b@c" }, { "\"unclosed", "\"unclosed" }, { "<a", "a" },
		{ "<<a>>", "a" }, { "a \\b", "a" }, { "a b:, <d>", "d" }, { "a:b c,<d>", "a:b" },
		{ "\xe9@b", "\xe9@b" },
	};
	char text[128], want[128];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct row row = { "-rt", text, want, 0 };

		snprintf(text, sizeof text, "From: %s\n\n", rows[i][0]);
		snprintf(want, sizeof want, "To: %s\n\n", rows[i][1]);
		check(&row);
	}
}

/* A line that begins with "From who" and has a date of this decade in it. */
static bool
is_postmark(const char *line, const char *who)
{
	size_t n = strlen(who);

	return strncmp(line, "From ", 5) == 0 && strncmp(line + 5, who, n) == 0
	    && strncmp(line + 5 + n, "  ", 2) == 0 && strcspn(line, "\n") == 5 + n + 2 + 24;
}

static void
test_postmark(void **state)
{
	static const struct { const char *call, *input, *who, *rest; } rows[] = {
		{ "", "", "foo@bar", "\n" },
		{ "", "hello", "foo@bar", "\nhello\n\n" },
		{ "", "From: Joe <j@x.y>\n\n", "j@x.y", "From: Joe <j@x.y>\n\n" },
		{ "", "Reply-To: q@r.s\nFrom: j@x.y\n\n", "j@x.y", "Reply-To: q@r.s\nFrom: j@x.y\n\n" },
		{ "-t", "Reply-To: q@r.s\nFrom: j@x.y\n\n", "j@x.y",
		    "Reply-To: q@r.s\nFrom: j@x.y\n\n" },
		{ "-I|From:", "From: j@x.y\n\n", "foo@bar", "\n" },
		{ "-I|From |-a|From ", F "A: b\n\n", "foo@bar", "A: b\n\n" },
	};
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *got = run_cut(rows[i].call, bytes_of(rows[i].input), 0, &status);

		assert_true(is_postmark(got, rows[i].who));
		assert_string_equal(strchr(got, '\n') + 1, rows[i].rest);
		free(got);
	}
}

static void
test_no_postmark(void **state)
{
	static const struct row rows[] = {
		{ "-a|Date:", "From: j@x.y\nDate: Tue\n\n", "From j@x.y  Tue\nFrom: j@x.y\nDate: Tue\n\n", 0 },
		{ "-i|From x", "A: b\n\n", "A: b\nFrom x\n\n", 0 },
		{ "-I|From", "From: b\n\n", "\n", 0 },
		{ "-f", "From: b\n\n", "From: b\n\n", 0 },
		{ "-a|From y|-I|From", "From: b\n\n", "From y\n\n", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
test_message_id(void **state)
{
	static const struct { const char *call, *input, *hash; } rows[] = {
		{ "-f|-a|Message-ID:", "A: b\n\n", "Message-ID: <s1y99yD." },
		{ "-f|-a|resent-message-id:", "A:\x01\n\n", "resent-message-id: <fr1O." },
		{ "-f|-a|Message-ID:", "d:\n xyz\n\n", "Message-ID: <De5mrdZK-." },
		{ "-f|-a|Message-ID:", "", "Message-ID: <A." },
	};
	char *got, *id, *last = NULL;
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		got = run_cut(rows[i].call, bytes_of(rows[i].input), 0, &status);
		id = strstr(got, rows[i].hash);
		assert_non_null(id);
		assert_non_null(strstr(id, ">\n\n"));
		/* Two in one second differ, too. */
		if (last)
			assert_string_not_equal(last, strchr(id, '<'));
		free(last);
		last = strdup(strchr(id, '<'));
		free(got);
	}
	free(last);
}

static void
test_nul_and_size(void **state)
{
	static const char nul[] = "A:\0b\n\n\0From x\n\0";
	struct bytes in[2] = { { nul, sizeof nul - 1 }, { NULL, 0 } };
	struct buf out = BUF_INIT, big = BUF_INIT;
	struct fail why = { 0 };
	struct call c;
	int status;

	(void)state;
	assert_int_equal(formail_run(call_of(&c, "-f"), in, &out, &status, &why), 0);
	assert_int_equal(out.len, sizeof nul - 1 + 2);
	assert_memory_equal(out.p, nul, sizeof nul - 1);
	buf_cut(&out, 0);

	/* A quadratic step would take minutes here. */
	for (int i = 0; i < 100000; i++)
		buf_printf(&big, "X-%d: %d\n", i, i);
	buf_str(&big, "Sender: ");
	for (int i = 0; i < 200000; i++)
		buf_str(&big, "<(\n ");
	in[0] = buf_view(&big);
	assert_int_equal(formail_run(call_of(&c, "-fczu||-U|X-|-x|X-99999:"), in, &out, &status,
	    &why), 0);
	assert_string_equal(out.p, "99999\n");
	buf_clear(&big);
	buf_clear(&out);
}

static void
test_understands(void **state)
{
	static const struct { const char *call; bool yes; } rows[] = {
		{ "", true }, { "-bcfz", true }, { "-rtkb", true }, { "-D|100|cache", true },
		{ "-D100|cache|-r", true }, { "-fxSubject:", true }, { "-rt|-a|resent-", true },
		{ "-A|From x", true }, { "-I|", true },
		{ "-s", false }, { "-n", false }, { "-ds|cat", false }, { "-q", false },
		{ "-q-", false }, { "-e", false }, { "-p|>", false }, { "-l|folder", false },
		{ "-m|2", false }, { "-B", false }, { "-v", false }, { "-h", false },
		{ "+1", false }, { "-1", false }, { "-", false }, { "--", false }, { "x", false },
		{ "-k", false }, { "-fk", false },
		{ "-x", false }, { "-a|A", false }, { "-A|A", false }, { "-x|A b", false },
		{ "-x|:", false }, { "-I| A:", false }, { "-A|A :b", false }, { "-a|", false },
		{ "-R|A:", false }, { "-R|A:|B", false }, { "-R|A:x|B:", false }, { "-R||B", false },
		{ "-R|A:|From ", false },
		{ "-D|100", false }, { "-D|x|c", false }, { "-D|-1|c", false }, { "-D|1|", false },
		{ "-D|1|/dev/null", false }, { "-D|1|c|-D|1|c", false },
		{ "-a|Resent-", false }, { "-r|-a|Resent-", false },
		{ "-r|-u|A:", false }, { "-r|-U|A:", false },
	};
	static const char *const other[] = { "procmail", "-r", NULL };
	static const char *const path[] = { "/usr/bin/formail", "-r", NULL };
	struct bytes in[2] = { { 0 } };
	struct buf out = BUF_INIT;
	struct fail why = { 0 };
	struct call c;
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (formail_understands(call_of(&c, rows[i].call)) != rows[i].yes)
			fail_msg("formail %s", rows[i].call);
	}
	assert_false(formail_understands(other));
	assert_true(formail_understands(path));
	assert_int_equal(formail_run(other, in, &out, &status, &why), -1);
	assert_int_equal(why.kind, FAIL_TEMP);
	buf_clear(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_content_length),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_extract),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_postmark),
		cmocka_unit_test(test_no_postmark),
		cmocka_unit_test(test_message_id),
		cmocka_unit_test(test_nul_and_size),
		cmocka_unit_test(test_understands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
