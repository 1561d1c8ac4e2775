/* layer: mime */
/*
 * test-mime.c - what the mime: selectors and the scanner get to see of a message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/mem.h"
#include "mime/base64.h"
#include "mime/html.h"
#include "mime/mime.h"

#define MULTI "Content-Type: multipart/mixed; boundary=b\n\n"
#define TEXT "--b\nContent-Type: text/plain\n\nhello\n"
#define END "--b--\n"

static const struct {
	const char *message;
	enum report_key key;
	const char *want;   /* lines, '|' for LF */
} reports[] = {
	{ "Subject: x\n\nbody\n", REPORT_MIME_TYPE, "text/plain|" },
	{ "Subject: x\n\nbody\n", REPORT_MIME_TEXT, "body|" },
	{ "From a@b Mon Jan  1 00:00:00 2001\nSubject: x\n\nbody\n", REPORT_MIME_TEXT, "body|" },
	{ "From a@b Mon\n Jan  1 00:00:00 2001\nSubject: x\n\nbody\n", REPORT_MIME_TEXT, "body|" },
	{ "From a@b Mon\n Jan  1 00:00:00 2001\nSubject: x\n\nbody\n", REPORT_MIME_DEFECT,
	    "invalid-header-line|" },
	{ "From a@b Mon Jan  1 00:00:00 2001\nSubject: x\n\nbody\n", REPORT_MIME_DEFECT, "" },
	{ "Subject: x\n\nbody\n", REPORT_MIME_DEFECT, "" },
	{ "", REPORT_MIME_DEFECT, "no-message|" },
	{ MULTI TEXT END, REPORT_MIME_TYPE, "multipart/mixed|text/plain|" },
	{ MULTI TEXT END, REPORT_MIME_DEFECT, "" },
	{ MULTI TEXT, REPORT_MIME_DEFECT, "no-closing-boundary|" },
	{ "Content-Type: multipart/mixed\n\n" TEXT END, REPORT_MIME_DEFECT,
	    "missing-boundary|" },
	{ MULTI "--b\nContent-Type: message/rfc822\n\nContent-Type: TEXT/Html\n\nx\n" END,
	    REPORT_MIME_TYPE, "multipart/mixed|message/rfc822|text/html|" },
	{ "Content-Type: x/y; name=a.txt\nContent-Disposition: attachment; filename=b.exe\n\nx\n",
	    REPORT_MIME_NAME, "b.exe|a.txt|" },
	{ "Content-Type: x/y; name=\"=?utf-8?Q?=C3=A4.txt?=\"\n\nx\n", REPORT_MIME_NAME,
	    "\xc3\xa4.txt|" },
	{ "Content-Disposition: attachment; filename*0*=utf-8''a%2E; filename*1=exe\n\nx\n",
	    REPORT_MIME_NAME, "a.exe|" },
	{ "Content-Type: text/plain; charset=iso-8859-1\n\n\xe4\n", REPORT_MIME_TEXT, "\xc3\xa4|" },
	{ "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\naGVsbG8K\n",
	    REPORT_MIME_TEXT, "hello|" },
	{ "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nWA==NQ==Tw==\n",
	    REPORT_MIME_TEXT, "X5O|" },
	{ "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nWA==NQ==Tw==\n",
	    REPORT_MIME_DEFECT, "base64-after-padding|" },
	{ "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\naG!VsbG8K\n",
	    REPORT_MIME_DEFECT, "base64-junk|" },
	{ "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n=68i=\n!\n",
	    REPORT_MIME_TEXT, "hi!|" },
	{ "Content-Type: text/html; charset=utf-8\n\n<p>a<b>b</b><p>c &auml;<script>no</script>",
	    REPORT_MIME_TEXT, "ab|c \xc3\xa4|" },
	{ "Content-Type: image/png\n\nbinary\n", REPORT_MIME_TEXT, "" },
	{ "Content-Type: text/plain\nContent-Type: text/html\n\nx\n", REPORT_MIME_DEFECT,
	    "duplicate-content-type|" },
	{ "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nx\n",
	    REPORT_MIME_DEFECT, "duplicate-transfer-encoding|" },
	{ "Content-Transfer-Encoding: zzz\n\nx\n", REPORT_MIME_DEFECT,
	    "unknown-transfer-encoding|" },
	{ "Content-Transfer-Encoding: base64 (x)\n\naGVsbG8K\n", REPORT_MIME_DEFECT,
	    "unknown-transfer-encoding|comment-in-mime-field|" },
	{ "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n"
	    TEXT END, REPORT_MIME_DEFECT, "encoded-composite|" },
	{ "Content-Type: multipart/mixed; boundary=b; boundary=c\n\n" TEXT END,
	    REPORT_MIME_DEFECT, "ambiguous-boundary|" },
	{ "Content-Type: multipart/mixed; boundary*0=b\n\n" TEXT END,
	    REPORT_MIME_DEFECT, "malformed-boundary|" },
	{ "Content-Type: multipart/mixed; boundary=\"b \"\n\n" TEXT END,
	    REPORT_MIME_DEFECT, "malformed-boundary|" },
	{ "Content-Type: text/plain; boundary=b\n\n" TEXT END, REPORT_MIME_DEFECT, "" },
	{ "X: y; boundary=bbb\n\n--bbb\n\nx\n", REPORT_MIME_DEFECT, "stray-boundary|" },
	{ MULTI "--b\nContent-Type: multipart/x; boundary=bc\n\n--bc\n\nx\n--bc--\n" END,
	    REPORT_MIME_DEFECT, "nested-boundaries|" },
	{ MULTI TEXT "--bx\n\ny\n" END, REPORT_MIME_DEFECT, "ambiguous-delimiter|" },
	{ MULTI TEXT "--b\nX: y\n" END, REPORT_MIME_DEFECT, "delimiter-in-header|" },
	{ MULTI "--b\n\nContent-Type: x/y\n\nz\n" END, REPORT_MIME_DEFECT, "header-in-body|" },
	{ "A: b\nContent (x)-Type: text/plain\n\nx\n", REPORT_MIME_DEFECT, "malformed-mime-field|" },
	{ "Content-Type: text/plain\n \n\nx\n", REPORT_MIME_DEFECT, "malformed-header-end|" },
	{ "Content-Transfer-Encoding: base64\n\naGVsbG8\n", REPORT_MIME_DEFECT,
	    "base64-padding|" },
	{ "Content-Transfer-Encoding: quoted-printable\n\na=4Gb\n", REPORT_MIME_DEFECT,
	    "malformed-quoted-printable|" },
	{ "Content-Transfer-Encoding: quoted-printable\n\n=E4=F6 =4a=\nb= \nc\n",
	    REPORT_MIME_DEFECT, "" },
	{ "Subject: x\n\nUEsDBAoAAAAAAKGCdl2GphA2EQAAAAUA\n", REPORT_MIME_DEFECT,
	    "undeclared-encoding|" },
	{ "Subject: x\n\nda39a3ee5e6b4b0d3255bfef95601890afd80709\n", REPORT_MIME_DEFECT, "" },
	{ "Subject: x\n\nbegin 644 a\n#0V%T\n`\nend\n", REPORT_MIME_DEFECT, "inline-encoding|" },
	{ "Content-Type: x/y; name=a.txt\nContent-Disposition: attachment; filename=b.exe\n\nx\n",
	    REPORT_MIME_DEFECT, "conflicting-file-names|" },
	{ "Content-Type: x/y; name=a.exe\nContent-Disposition: attachment; filename=b.exe\n\nx\n",
	    REPORT_MIME_DEFECT, "" },
	{ "Content-Disposition: attachment; filename=a.pdf.exe\n\nx\n", REPORT_MIME_DEFECT,
	    "deceptive-file-name|" },
	{ "Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEtxt.exe\n\nx\n",
	    REPORT_MIME_DEFECT, "deceptive-file-name|" },
	{ "Subject: a\rX: b\n\nx\n", REPORT_MIME_DEFECT, "bare-cr|" },
	{ "Subject: a\r\nX: b\r\n\r\nx\r\n", REPORT_MIME_DEFECT, "" },
	{ MULTI TEXT END "--b\nContent-Type: x/y\n\nhidden\n" END, REPORT_MIME_DEFECT,
	    "part-in-epilogue|ambiguous-delimiter|" },
	{ MULTI "This is a message in MIME format.\n" TEXT END, REPORT_MIME_DEFECT, "" },
	{ "Content-Type: message/partial; id=x; number=1; total=2\n\nx\n", REPORT_MIME_DEFECT,
	    "message-partial|" },
};

static void
bars(struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (b->p[i] == '\n')
			b->p[i] = '|';
}

static void
report_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
		struct mime *m = mime_open(bytes_of(reports[i].message));
		struct report r;

		report_init(&r);
		mime_report(m, &r);
		bars(&r.lines[reports[i].key]);
		if (strcmp(r.lines[reports[i].key].p, reports[i].want) != 0)
			print_message("# case %zu: %s\n", i, reports[i].message);
		assert_string_equal(r.lines[reports[i].key].p, reports[i].want);
		report_clear(&r);
		mime_close(&m);
	}
}

static void
nul_in_header(void **state)
{
	static const char text[] = "Subject: a\0b\n\nx\n";
	struct mime *m = mime_open((struct bytes){ text, sizeof text - 1 });
	struct report r;

	(void)state;
	report_init(&r);
	mime_report(m, &r);
	assert_non_null(strstr(r.lines[REPORT_MIME_DEFECT].p, "nul-in-header\n"));
	report_clear(&r);
	mime_close(&m);
}

/* Each reading, in brackets, its name in front, NUL as a full stop. */
static bool
note_reading(void *context, struct bytes object, const char *name)
{
	struct buf *out = context;

	buf_printf(out, "%s[", name);
	for (size_t i = 0; i < object.len; i++)
		buf_byte(out, object.p[i] ? object.p[i] : '.');
	buf_byte(out, ']');
	return true;
}

static const struct {
	const char *message, *want;
} readings[] = {
	{ "Subject: x\n\nbody\n", "[body\n]" },
	{ MULTI TEXT END, "[hello]" },
	{ "Content-Disposition: attachment; filename=a\nContent-Transfer-Encoding: base64\n\n"
	    "aGVsbG8=\n", "a[hello]" },
	{ "Content-Transfer-Encoding: base64\n\nWA==NQ==Tw==\n", "[X][X5O]" },
	{ "Content-Transfer-Encoding: \"base64\"\n\naGVsbG8=\n", "[aGVsbG8=\n][hello]" },
	{ "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\naGVsbG8=\n",
	    "[hello]" },
	{ "Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\n"
	    "aABpAA==\n", "[h.i.][hi]" },
	{ MULTI "Content-Transfer-Encoding: base64\n\naGVsbG8=\n" TEXT END,
	    "[Content-Transfer-Encoding: base64\n\naGVsbG8=][hello]" },
	{ MULTI TEXT END "--b\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n--b--\n",
	    "[--b\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n--b--\n][hello]" },
	{ "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
	    "U3ViamVjdDogeAoKaW5uZXIK\n", "inner\n]" },
};

static void
readings_of_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
		struct mime *m = mime_open(bytes_of(readings[i].message));
		struct buf got = BUF_INIT;

		mime_readings(m, note_reading, &got);
		if (!strstr(got.p, readings[i].want))
			print_message("# case %zu: got %s\n", i, got.p);
		assert_non_null(strstr(got.p, readings[i].want));
		buf_clear(&got);
		mime_close(&m);
	}
}

static bool
only_one(void *context, struct bytes object, const char *name)
{
	(void)object;
	(void)name;
	++*(int *)context;
	return false;
}

static void
readings_stop(void **state)
{
	struct mime *m = mime_open(bytes_of(MULTI TEXT TEXT TEXT END));
	int n = 0;

	(void)state;
	mime_readings(m, only_one, &n);
	assert_int_equal(n, 1);
	mime_close(&m);
}

static bool
every_one(void *context, struct bytes object, const char *name)
{
	(void)object;
	(void)name;
	++*(int *)context;
	return true;
}

/* Whoever asks whether a message is clean must know that not all of it was given. */
static void
readings_tell_of_what_is_left_out(void **state)
{
	struct buf text = BUF_INIT;
	struct mime *m;
	int n = 0;

	(void)state;
	buf_str(&text, MULTI TEXT);
	m = mime_open(buf_view(&text));
	assert_true(mime_readings(m, every_one, &n));
	mime_close(&m);
	for (int i = 0; i < MIME_PARTS_MAX; i++)
		buf_str(&text, "--b\n\nx\n");
	m = mime_open(buf_view(&text));
	assert_false(mime_readings(m, every_one, &n));
	mime_close(&m);
	buf_clear(&text);
}

/* Small messages that would cost GMime its stack, or much time or memory. */
static void
heavy_messages_are_left_alone(void **state)
{
	static const struct {
		const char *start, *again;
		int times;
		bool heavy;
	} rows[] = {
		{ "To: ", "a:", 300000, true },
		{ MULTI "--b\nContent-Type: message/rfc822\n\nResent-To : x\n\t", "a:", 300000, true },
		{ "Content-Type: text/plain", ";a=b", 500000, true },
		{ "Content-Disposition: attachment", ";\n a=b", 100000, true },
		{ "Subject: x\n", "a:\n", 2000000, true },
		{ MULTI, "--b\n\n", 1000000, true },
		{ "Cc: ", "a,", 100000, true },
		{ "To: a@b", ",\n a@b", 10000, false },
		{ "Subject: x\n\n", "To: be\n", 100000, false },
		{ "Subject: x\n\n", "{\"to\":1},", 100000, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf text = BUF_INIT;
		struct mime *m;
		struct report r;
		int n = 0;

		buf_str(&text, rows[i].start);
		for (int k = 0; k < rows[i].times; k++)
			buf_str(&text, rows[i].again);
		buf_str(&text, "\n\nx\n");
		m = mime_open(buf_view(&text));
		report_init(&r);
		mime_report(m, &r);
		assert_int_equal(strstr(r.lines[REPORT_MIME_DEFECT].p, "too-many-parts") != NULL,
		    rows[i].heavy);
		assert_int_equal(!mime_readings(m, every_one, &n), rows[i].heavy);
		report_clear(&r);
		mime_close(&m);
		buf_clear(&text);
	}
}

/* A long text does not keep the name of an attachment behind it from being told. */
static void
text_leaves_room_for_names(void **state)
{
	struct buf text = BUF_INIT;
	struct report r;
	struct mime *m;

	(void)state;
	buf_str(&text, MULTI "--b\n\n");
	for (int i = 0; i < 3 << 20; i++)
		buf_str(&text, "hello ten\n");
	buf_str(&text, "--b\nContent-Disposition: attachment; filename=evil.exe\n\nx\n" END);
	m = mime_open(buf_view(&text));
	report_init(&r);
	mime_report(m, &r);
	assert_string_equal(r.lines[REPORT_MIME_NAME].p, "evil.exe\n");
	assert_non_null(strstr(r.lines[REPORT_MIME_DEFECT].p, "too-much-text\n"));
	assert_true(r.lines[REPORT_MIME_TEXT].len > 20 << 20);
	report_clear(&r);
	mime_close(&m);
	buf_clear(&text);
}

static void
defects_of(struct buf *message, struct report *r)
{
	struct mime *m = mime_open(buf_view(message));

	report_init(r);
	mime_report(m, r);
	mime_readings(m, only_one, &(int){ 0 });
	mime_close(&m);
	buf_clear(message);
}

/* Depth and number are the sender's choice; what we spend on them is not. */
static void
bounds(void **state)
{
	struct buf deep = BUF_INIT, wide = BUF_INIT;
	struct report r;

	(void)state;
	for (int i = 0; i < 3000; i++)
		buf_printf(&deep, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	defects_of(&deep, &r);
	assert_non_null(strstr(r.lines[REPORT_MIME_DEFECT].p, "too-deep\n"));
	report_clear(&r);
	for (int i = 0; i < 3000; i++)
		buf_str(&deep, "Content-Type: message/rfc822\n\n");
	defects_of(&deep, &r);
	assert_non_null(strstr(r.lines[REPORT_MIME_DEFECT].p, "too-deep\n"));
	report_clear(&r);
	buf_str(&wide, MULTI);
	for (int i = 0; i < MIME_PARTS_MAX + 10; i++)
		buf_str(&wide, "--b\n\nx\n");
	buf_str(&wide, END);
	defects_of(&wide, &r);
	assert_non_null(strstr(r.lines[REPORT_MIME_DEFECT].p, "too-many-parts\n"));
	report_clear(&r);
}

static void
base64(void **state)
{
	static const struct {
		const char *text, *want;
		bool junk, after;
	} cases[] = {
		{ "", "", false, false }, { "QQ==", "A", false, false }, { "QUI=", "AB", false, false },
		{ "QUJD", "ABC", false, false }, { "QU\r\nJD", "ABC", false, false },
		{ "QUJDQ", "ABC", false, false }, { "QUJDRA", "ABCD", false, false },
		{ "QQ==Qg==Qw==", "ABC", false, true }, { "=QUJD", "ABC", false, true },
		{ "Q!U.J#D", "ABC", true, false }, { "====", "", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct base64_oddities odd;
		struct buf out = BUF_INIT;

		base64_decode(bytes_of(cases[i].text), &out, &odd);
		assert_string_equal(out.p, cases[i].want);
		assert_int_equal(odd.junk, cases[i].junk);
		assert_int_equal(odd.after_padding, cases[i].after);
		buf_clear(&out);
	}
}

static void
html(void **state)
{
	static const struct {
		const char *html, *want;
	} cases[] = {
		{ "", "" }, { "plain", "plain|" }, { "a  b\n c", "a b c|" }, { "a<br>b", "a|b|" },
		{ "<div>a</div>b", "a|b|" }, { "a<b>b</b>c <i>d</i>", "abc d|" },
		{ "&lt;b&gt; &amp; &#65;", "<b> & A|" }, { "a<!-- no -->b", "ab|" },
		{ "<style>no</style>a", "a|" }, { "<script>if (a<b) no</script>a", "a|" },
		{ "<title>T</title><body>a", "T|a|" },
		{ "<style>head,title{display:block}</style><title>seen</title>", "seen|" },
		{ "<title>x<!-- </title> -->seen", "xseen|" }, /* to a browser it ends sooner */
		{ "<table><tr><td>a<td>b<tr><td>c</table>", "a b|c|" },
		{ "a<span style=\"Display : none\">no<p>no</p></span>b", "ab|" },
		{ "a<p style='x:y; Display : NONE'>no</p>b", "a|b|" },
		{ "a<p style='visibility:hidden;'>no</p>b", "a|b|" },
		/* Looks hidden, and is not. */
		{ "a<p style='display:none;display:block'>b</p>", "a|b|" },
		{ "a<p style='background:url(;display:none)'>b</p>", "a|b|" },
		{ "a<p style='x-display:none'>b</p>", "a|b|" },
		{ "a<div hidden>no</div>b", "a|b|" }, { "<input hidden>a", "a|" },
		{ "<p>unclosed <b>x", "unclosed x|" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;

		html_text(bytes_of(cases[i].html), &out);
		bars(&out);
		if (strcmp(out.p, cases[i].want) != 0)
			print_message("# %s\n", cases[i].html);
		assert_string_equal(out.p, cases[i].want);
		buf_clear(&out);
	}
}

/* As deep as it likes: no recursion, no tree. */
static void
html_deep(void **state)
{
	struct buf in = BUF_INIT, out = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_str(&in, "<div>");
	buf_str(&in, "x");
	html_text(buf_view(&in), &out);
	buf_clear(&in);
	buf_clear(&out);
}

static void
html_names_charset(void **state)
{
	struct bytes got;

	(void)state;
	got = html_charset(bytes_of("<meta charset=\"koi8-r\">"));
	assert_true(bytes_is(got, "koi8-r"));
	got = html_charset(bytes_of("<meta content='text/html; CHARSET=big5'>"));
	assert_true(bytes_is(got, "big5"));
	got = html_charset(bytes_of("no charset"));
	assert_int_equal(got.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(report_lists),
		cmocka_unit_test(nul_in_header),
		cmocka_unit_test(readings_of_parts),
		cmocka_unit_test(readings_stop),
		cmocka_unit_test(readings_tell_of_what_is_left_out),
		cmocka_unit_test(heavy_messages_are_left_alone),
		cmocka_unit_test(text_leaves_room_for_names),
		cmocka_unit_test(bounds),
		cmocka_unit_test(base64),
		cmocka_unit_test(html),
		cmocka_unit_test(html_deep),
		cmocka_unit_test(html_names_charset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
