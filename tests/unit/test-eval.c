/* layer: recipe */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "recipe/recipe.h"
#include "recipe/select.h"
#include "recipe/verb.h"

/*
 * A host that writes down what it is asked for, one word each:
 * box:NAME folder, fwd:A,B addresses, run:LINE program, flt:LINE filter, cap: bq: test:, LOG's text
 * as it is, verb:NAME=text, clone, dir:, inc:.  A program line "false..." fails, a folder "bad" too.
 */
struct world {
	struct buf said;
	int complaints, decided, depth;
	bool scan_fails, strict;
};

static void
say_command(struct world *w, const char *what, const struct host_command *c)
{
	buf_printf(&w->said, "%s:", what);
	for (size_t i = 0; c->argv && c->argv[i]; i++)
		buf_printf(&w->said, "%s<%s>", i ? "" : "", c->argv[i]);
	buf_printf(&w->said, "%s ", c->shell ? c->shell : "");
}

static int
status_of(const struct host_command *c)
{
	const char *line = c->shell ? c->shell : c->argv[0] ? c->argv[0] : "";

	return strstr(line, "false") ? 3 : 0;
}

static int
world_deliver(void *ctx, const struct host_action *a, struct buf *folder, int *status,
    struct fail *why)
{
	struct world *w = ctx;

	*status = 0;
	if (a->kind == HOST_PROGRAM) {
		say_command(w, "run", &a->command);
		*status = status_of(&a->command);
	} else {
		buf_str(&w->said, a->kind == HOST_FOLDER ? "box:" : "fwd:");
		for (size_t i = 0; a->words[i]; i++)
			buf_printf(&w->said, "%s%s", i ? "," : "", a->words[i]);
		buf_printf(&w->said, "%s%s ", a->lock ? "+" : "", a->lock ? a->lock : "");
		buf_str(folder, a->words[0]);
		*status = strstr(a->words[0], "bad") != NULL;
	}
	return *status && (a->wait || a->kind != HOST_PROGRAM) ? fail_temp(why, "failed") : 0;
}

static int
world_filter(void *ctx, const struct host_action *a, struct message *m, int *status,
    struct fail *why)
{
	(void)m;
	say_command(ctx, "flt", &a->command);
	*status = status_of(&a->command);
	return *status && a->wait ? fail_temp(why, "failed") : 0;
}

static int
world_capture(void *ctx, const struct host_action *a, struct buf *out, int *status,
    struct fail *why)
{
	say_command(ctx, "cap", &a->command);
	buf_str(out, "got  it\n\n");
	*status = status_of(&a->command);
	return *status && a->wait ? fail_temp(why, "failed") : 0;
}

static int
world_backquote(void *ctx, const struct host_command *c, struct buf *out, int *status,
    struct fail *why)
{
	(void)why;
	say_command(ctx, "bq", c);
	buf_str(out, "p  q\n\n");
	*status = status_of(c);
	return 0;
}

static int
world_test(void *ctx, const struct host_command *c, const struct bytes in[2], int *status,
    struct fail *why)
{
	(void)in;
	(void)why;
	say_command(ctx, "test", c);
	*status = status_of(c);
	return 0;
}

static int
world_lines(void *ctx, int selector, const char *arg, struct buf *out, struct fail *why)
{
	struct world *w = ctx;

	if (w->scan_fails && select_info((enum selector)selector)->needs_scan)
		return fail_set(why, FAIL_SCAN, "no scanner");
	buf_printf(out, "%s\n", selector == SELECT_SCAN_STATUS ? "error" : arg);
	return 0;
}

static bool
world_scan_decided(void *ctx, bool decided)
{
	struct world *w = ctx;
	bool before = w->decided;

	w->decided = decided;
	return before;
}

static int
world_verb(void *ctx, int verb, const char *text, struct message *m, struct outcome *out,
    struct fail *why)
{
	struct world *w = ctx;

	(void)m;
	buf_printf(&w->said, "verb:%s=%s ", verb_info((enum verb)verb)->name, text);
	if (strstr(text, "bad"))
		return fail_temp(why, "failed");
	if (verb_info((enum verb)verb)->ends)
		out->code = OUTCOME_DROPPED;
	return 0;
}

static int
world_clone(void *ctx, const char *lock, struct fail *why)
{
	struct world *w = ctx;

	(void)why;
	buf_printf(&w->said, "clone%s%s ", lock ? "+" : "", lock ? lock : "");
	return 1;
}

static int
world_clone_wait(void *ctx, int pid, int *status)
{
	(void)ctx;
	(void)pid;
	*status = 5;
	return 0;
}

/* "self" is endless; other names are their own text with ; for newlines. */
static int
world_open_rcfile(void *ctx, const char *path, struct buf *text, struct fail *why)
{
	struct world *w = ctx;

	if (strcmp(path, "missing") == 0)
		return fail_temp(why, "missing");
	if (strcmp(path, "self") == 0) {
		w->depth++;
		buf_str(text, "INCLUDERC=self\nINCLUDERC=self\n");
		return 0;
	}
	if (strcmp(path, "loop") == 0) {
		w->depth++;
		buf_str(text, "SWITCHRC=loop\n");
		return 0;
	}
	for (; *path; path++)
		buf_byte(text, *path == ';' ? '\n' : *path == '_' ? ' ' : *path);
	return 0;
}

static int
world_set_maildir(void *ctx, const char *dir, struct fail *why)
{
	(void)ctx;
	return strcmp(dir, "bad") == 0 ? fail_temp(why, "bad") : 0;
}

static void
world_set_umask(void *ctx, unsigned mask)
{
	(void)ctx;
	(void)mask;
}

static void
world_set_path(void *ctx, const char *path)
{
	(void)ctx;
	(void)path;
}

static void
world_delivered_early(void *ctx)
{
	buf_str(&((struct world *)ctx)->said, "early ");
}

static void
world_log_text(void *ctx, const char *text)
{
	buf_str(&((struct world *)ctx)->said, text);
}

static const char *
world_hostname(void *ctx)
{
	(void)ctx;
	return "here";
}

static void
world_complain(void *ctx, bool verbose, const char *file, int line, const char *text)
{
	struct world *w = ctx;

	(void)file;
	(void)line;
	(void)text;
	w->complaints += !verbose;
}

static const char mail[] = "From a@b Sat Jan  1 00:00:00 2022\nFrom: alice@example.org\n"
    "Subject: one\n\ttwo\nX-Num: 12\n\nline one\nline two\n";

static enum interp_end
run(struct world *w, const char *rc, struct outcome *out, char **a_r)
{
	static char file[64];
	static const char *const argv[] = { "first", "se cond", NULL };
	struct message m = { .head_serial = 1 };
	struct interp *in;
	enum interp_end end;
	struct host host = {
		.ctx = w, .deliver = world_deliver, .filter = world_filter,
		.capture = world_capture, .backquote = world_backquote, .test = world_test,
		.lines = world_lines, .scan_decided = world_scan_decided, .verb = world_verb,
		.clone = world_clone, .clone_wait = world_clone_wait,
		.open_rcfile = world_open_rcfile, .set_maildir = world_set_maildir,
		.set_umask = world_set_umask, .set_logfile = world_set_path,
		.set_lockfile = world_set_path, .delivered_early = world_delivered_early,
		.log_text = world_log_text, .hostname = world_hostname,
		.complain = world_complain,
	};

	buf_init(&w->said);
	m.head = bytes_first(bytes_of(mail), message_head_length(bytes_of(mail)));
	m.body = bytes_from(bytes_of(mail), m.head.len);
	in = interp_new(&host, &m);
	interp_arguments(in, argv);
	interp_strict(in, w->strict);
	end = interp_run(in, "rc", bytes_of(rc), out);
	*a_r = interp_get(in, "A") ? mem_string(interp_get(in, "A")) : NULL;
	snprintf(file, sizeof file, "%s", out->file);
	out->file = file;   /* the interpreter's own goes with it */
	interp_free(&in);
	return end;
}

/* The rcfile and all that the host hears; afterwards: how it ended. */
static const struct {
	const char *rc, *said;
	enum interp_end end;
} flows[] = {
	/* folders, programs, addresses */
	{ ":0\nbox", "box:box ", INTERP_DECIDED },
	{ "L=\"x y\"\n:0:\n$L/\n", "box:x,y/+x.lock ", INTERP_DECIDED },
	{ ":0 c: l\n\"a b\"\n", "box:a b+l ", INTERP_FELL_OFF },
	{ ":0\nbad\n:0 e\nbox\n", "box:bad box:box ", INTERP_DECIDED },
	{ ":0\n$NONE\n:0\nbox\n", "box:box ", INTERP_DECIDED },
	{ ":0\n! a $1 \"$2\" \"$@\"\n", "fwd:a,first,se cond,first,se cond ", INTERP_DECIDED },
	{ "O=\"-f a\"\nP=$O\n:0 c\n! $P -oi -$1 -f$1 x\n",
	    "fwd:-f,a,-oi,-first,-ffirst,x ", INTERP_FELL_OFF },
	{ "A=-x\nB=$A$1\n:0 c\n! $B\n:0 c\n! \"$B\"\n:0 c\n! a $B\n:0\nend\n", "box:end ",
	    INTERP_DECIDED },
	/* What does not fit is not assigned: B is still a stranger's word. */
	{ "A=-x\nB=$A$1\nLINEBUF=128\nB=0123456789012345678901234567890123456789012345678901234567"
	    "890123456789012345678901234567890123456789012345678901234567890123456789\n"
	    ":0\n! $B\n:0\nend\n", "box:end ", INTERP_DECIDED },
	{ ":0\nA=| x\nB=\"-t $A\"\n:0 c\n! $B\n:0\nend\n", "cap:<x> box:end ", INTERP_DECIDED },
	{ ":0\n* ^Subject: \\/.*\n{ MATCH=-$MATCH }\n:0\n! $MATCH\n:0\n! a-$MATCH\n",
	    "fwd:a--one,two ", INTERP_DECIDED },
	{ "SENDMAILFLAGS=\"-oi -f$1\"\n:0\n! a\n", "fwd:a ", INTERP_DECIDED },
	{ "SENDMAILFLAGS=\"-oi -f$2\"\n:0\n! a\n:0\nend\n", "box:end ", INTERP_DECIDED },
	{ "A=-x$1\nSENDMAILFLAGS=\"-oi $A\"\n:0\n! a\n:0\nend\n", "box:end ", INTERP_DECIDED },
	{ "SENDMAILFLAGS=\"-f$2\"\nSENDMAILFLAGS=-oi\n:0\n! a\n", "fwd:a ", INTERP_DECIDED },
	{ ":0\nSENDMAILFLAGS=| x\n:0\n! a\n:0\nend\n", "cap:<x> box:end ", INTERP_DECIDED },
	{ ":0 w\n| a 'b  c' $NONE \"\" \"$2\" $2\n",
	    "run:<a><b  c><><se cond><se><cond> ", INTERP_DECIDED },
	{ ":0\n| a; b\n", "run: a; b ", INTERP_DECIDED },
	{ "SHELLMETAS\n:0\n| a; b\n", "run:<a;><b> ", INTERP_DECIDED },
	{ ":0 w\n| false\n:0 e\ny\n", "run:<false> box:y ", INTERP_DECIDED },
	{ ":0 w\n| false\n:0 a\nx\n:0 e\ny\n", "run:<false> ", INTERP_FELL_OFF },
	{ ":0\n| false\n", "run:<false> ", INTERP_DECIDED },
	{ ":0 fw\n| false\nLOG=$?\n:0 fw\n| x\nLOG=$?\n", "flt:<false> 3flt:<x> 0",
	    INTERP_FELL_OFF },
	{ ":0\nB=| x\nLOG=\"[$B]\"\n", "cap:<x> [got  it\n]", INTERP_FELL_OFF },
	{ "B=o\n:0 w\nB=| false\nLOG=\"[$B]\"\n", "cap:<false> [o]", INTERP_FELL_OFF },
	/* expansion */
	{ "B=`x $1`\nLOG=[$B]\n:0 c\n| y $B \"$B\" `z`\n",
	    "bq:<x><first> [p  q]bq:<z> run:<y><p><q><p  q><p><q> ", INTERP_FELL_OFF },
	{ "B=c\nLOG=$B-${B}d-${N:-x}-${B+y}-$#-$?-$=-$_-$\\B",
	    "c-cd-x-y-2-0-0-rc-()c", INTERP_FELL_OFF },
	{ "V=a.b*\n:0\n* $ V ?? ^^$\\V^^\n{ LOG=yes }\n", "yes", INTERP_FELL_OFF },
	{ "SHIFT=1\nLOG=$#$1\nSHIFT=9\nLOG=$#$1\n", "1se cond0", INTERP_FELL_OFF },
	/* conditions */
	{ ":0\n* ^Subject: one \ttwo$\n* B ?? ^line two$\n* ! B ?? ^Subject\nbox\n", "box:box ",
	    INTERP_DECIDED },
	{ ":0\n* ^X-Num: \\/[0-9]+\n{ LOG=$MATCH }\n", "12", INTERP_FELL_OFF },
	{ ":0 D\n* ^subject\na\n:0 B\n* ONE\nb\n", "box:b ", INTERP_DECIDED },
	{ ":0\n* > 10\n* < 10000\n* ! B ?? > 18\n* B ?? < 19\nbox\n", "box:box ", INTERP_DECIDED },
	{ ":0\n* ? x $1\n* ! ? false\nbox\n", "test:<x><first> test:<false> box:box ",
	    INTERP_DECIDED },
	{ "X=' 3^0 '\n:0\n* $ $X ^Subject\n{ }\nLOG=$=\n", "3", INTERP_FELL_OFF },
	{ ":0 B\n* 1^1 ^line\n* 0.5^0 !nothing\n{ LOG=yes }\nLOG=$=\n", "yes2", INTERP_FELL_OFF },
	{ ":0\n* -3^0\n{ }\nLOG=$=\n:0\n* -3^0\n{ :0\nx\n}\nLOG=$=\n", "-30", INTERP_FELL_OFF },
	{ ":0\n* 3^0\n{ }\n:0 E\nx\nLOG=$=\n", "0", INTERP_FELL_OFF },
	{ ":0 f h\nx\n", "box:x ", INTERP_DECIDED },
	{ "W=5\n:0\n* $ $W^0 nope\n* $ $W^0 never\n{ LOG=yes }\nLOG=$=\n", "0", INTERP_FELL_OFF },
	{ ":0\n* ! ^\\/From\n{ LOG=yes }\nLOG=$MATCH\n", "From", INTERP_FELL_OFF },
	{ ":0\n* 1^0 ^\\/From\n{ }\nLOG=$MATCH\n", "From", INTERP_FELL_OFF },
	{ ":0\n* -1^0\n* 1^0 ^From:\n{ LOG=yes }\nLOG=$=\n", "0", INTERP_FELL_OFF },
	/* chains, blocks, clones */
	{ ":0\n* ^No\n{ LOG=1 }\n:0 E\n{ LOG=2 }\n:0 E\n{ LOG=3 }\n:0 A\n{ LOG=4 }\n", "2",
	    INTERP_FELL_OFF },
	{ ":0\n{ :0 A\n{ LOG=1 }\n:0 E\n{ LOG=2 } }\n:0 a\n{ LOG=3 }\n", "13", INTERP_FELL_OFF },
	{ ":0 c\nbad\n:0 A\n{ LOG=1 }\n:0 e\n{ LOG=2 }\n", "box:bad 1", INTERP_FELL_OFF },
	{ ":0 c\n{ LOG=in }\nLOG=out\n", "clone out", INTERP_FELL_OFF },
	{ ":0 cw\n{ LOG=in }\n:0 e\n{ LOG=e$? }\n", "clone e5", INTERP_FELL_OFF },
	{ ":0 c:lk\n{ LOG=in }\n:0 e\n{ LOG=e$? }\n", "clone+lk e5", INTERP_FELL_OFF },
	{ "LOCKEXT=.l\n:0 c:\n{ LOG=in }\n:0 e\n{ LOG=e$? }\n", "clone+.l e5", INTERP_FELL_OFF },
	{ ":0 c\n* 3^0\n{ :0\n* 2^0\nx\n}\nLOG=$=\n:0 c\n* 3^0\n{ LOG=in }\nLOG=$=\n", "clone 0clone 3",
	  INTERP_FELL_OFF },
	{ ":0\n* ^No\n{ LOG=1\n:0\nbox\n", "", INTERP_FELL_OFF },
	/* rcfiles */
	{ "INCLUDERC=\"LOG=1;\"\nLOG=2\n", "12", INTERP_FELL_OFF },
	{ "INCLUDERC=missing\nSWITCHRC=missing\nLOG=2\n", "2", INTERP_FELL_OFF },
	{ "SWITCHRC=\"LOG=1;\"\nLOG=2\n", "1", INTERP_FELL_OFF },
	{ ":0\n{ SWITCHRC }\nLOG=2\n", "", INTERP_FELL_OFF },
	{ "INCLUDERC=\":0;{;:0;*_^No;{_}\"\n:0 A\n{ LOG=A }\nLOG=x\n", "x", INTERP_FELL_OFF },
	{ "HOST=here\nLOG=1\nHOST=there\nLOG=2\n", "1", INTERP_HOST },
	{ "DELIVERED=yes\n", "early ", INTERP_FELL_OFF },
	/* selectors and verbs */
	{ "K=X\n:0\n* header:Y ?? ^Y$\n* ! scan:virus ?? zzz\n@tag A:  $K\n:0 a\n@drop it's  so\n",
	    "verb:tag=A:  X verb:drop=it's  so ", INTERP_DECIDED },
	{ ":0\n@tag bad: x\n:0 e\n{ LOG=e }\n:0\n@tag\n:0\nbox\n",
	    "verb:tag=bad: x ebox:box ", INTERP_DECIDED },
	{ ":0 c\n@drop x\n:0 a\nbox\n", "box:box ", INTERP_DECIDED },
	{ ":0\n@tag A: x\n:0\n@quarantin\n:0\nbox\n", "verb:tag=A: x ", INTERP_DECIDED },
	/* What a stranger wrote over two lines is no reason to leave it undone. */
	{ "A='x\ny'\n:0\n@tag A: $A\n", "verb:tag=A: x y ", INTERP_FELL_OFF },
	{ ":0\n* scan:virus ?? .\n@tag X: y\n@drop\n:0\nbox\n", "", INTERP_DECIDED },
	{ ":0\n* ^Nope\n{ @drop }\n:0\nbox2\n", "box:box2 ", INTERP_DECIDED },
	{ ":0\n* scan:viruss ?? .\nbox\n:0\nbox2\n", "", INTERP_DECIDED },
	/* LINEBUF */
	{ "LINEBUF=128\nA=`x`\nB=0123456789012345678901234567890123456789012345678901234567890123\n"
	    "C=$B$B\n:0\n$B$B\n:0\n* $ ! $B$B\nno\n:0\n* ! C ?? .\n* PROCMAIL_OVERFLOW ?? yes\nbox\n",
	    "bq:<x> box:box ", INTERP_DECIDED },
};

static void
test_flows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++) {
		struct world w = { .said = BUF_INIT };
		struct outcome out = { 0 };
		enum interp_end end;
		char *a;

		end = run(&w, flows[i].rc, &out, &a);
		if (strcmp(w.said.p, flows[i].said) != 0 || end != flows[i].end)
			print_message("rcfile %zu:\n%s\n", i, flows[i].rc);
		assert_string_equal(w.said.p, flows[i].said);
		assert_int_equal(end, flows[i].end);
		free(a);
		buf_clear(&w.said);
	}
}

/* A scan that cannot be done ends everything, in whatever block, unless nobody asks. */
static void
test_scan_fails(void **state)
{
	struct world w = { .said = BUF_INIT, .scan_fails = true };
	struct outcome out = { 0 };
	char *a;

	(void)state;
	assert_int_equal(run(&w, ":0 c\nx\n:0\n{\n:0\n* scan:virus ?? .\nno\n}\n:0\nno\n", &out, &a),
	    INTERP_DECIDED);
	assert_int_equal(out.code, OUTCOME_FAILED);
	assert_int_equal(out.why.kind, FAIL_SCAN);
	assert_string_equal(w.said.p, "box:x ");
	assert_string_equal(out.file, "rc");
	assert_int_equal(out.line, 6);
	buf_clear(&w.said);
	free(a);
}

static void
test_scan_decided(void **state)
{
	static const struct { const char *cond; int decided; } rows[] = {
		{ "* scan:status ?? error", 1 }, { "* scan:status ?? .", 0 },
		{ "* ! scan:status ?? error", 0 }, { "* scan:status ?? (error|unscannable)", 1 },
		{ "* scan:status ?? infected", 0 }, { "* scan:virus ?? error", 0 },
		{ "* $ scan:status ?? ${X:-err}or", 1 },
		{ "* scan:status ?? error\n* ^Nope", 0 }, { "* ^Nope\n* scan:status ?? error", 0 },
		{ "* 1^0 scan:status ?? error\n* -1^0 scan:virus ?? ^", 0 },
		{ "* scan:status ?? error\n{ }\n:0\n* scan:status ?? error\n* ^Nope", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct world w = { .said = BUF_INIT };
		struct outcome out = { 0 };
		struct buf rc = BUF_INIT;
		char *a;

		buf_printf(&rc, ":0\n%s\n{ }\n", rows[i].cond);
		run(&w, rc.p, &out, &a);
		assert_int_equal(w.decided, rows[i].decided);
		buf_clear(&rc);
		buf_clear(&w.said);
		free(a);
	}
}

/* Files that include or switch to themselves end, and what stands behind them is still done. */
static void
test_endless(void **state)
{
	static const char *const rcs[] = { "INCLUDERC=self\nA=done\n",
		"INCLUDERC=\"SWITCHRC=loop;\"\nA=done\n" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct world w = { .said = BUF_INIT };
		struct outcome out = { 0 };
		char *a;

		assert_int_equal(run(&w, rcs[i], &out, &a), INTERP_FELL_OFF);
		assert_string_equal(a, "done");
		assert_in_range(w.depth, 900, 30000);
		buf_clear(&w.said);
		free(a);
	}
}

/* A site's recipe that does not fit into LINEBUF lets no mail pass; a user's just fails. */
static void
test_strict(void **state)
{
	static const char *const rcs[] = {
		"* $ ^$L$L$L$L$L$L$L",
		("* ^Subject:.*012345678901234567890123456789012345678901234567890123456789012345678"
		"90123456789012345678901234567890123456789012345678901234567"),
		"* $ ! ^$L$L$L$L$L$L$L", "* X ?? $ $L$L$L$L$L$L$L", "* ? $L$L$L$L$L$L$L$L",
	};
	struct outcome out;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof rcs / sizeof rcs[0]; i++) {
		struct world w = { .said = BUF_INIT, .strict = i % 2 };
		struct buf rc = BUF_INIT;
		char *a;

		out = (struct outcome){ 0 };
		buf_printf(&rc, "LINEBUF=128\nL=01234567890123456789\n:0\n%s\nx\n:0\nend\n",
		    rcs[i / 2]);
		assert_int_equal(run(&w, rc.p, &out, &a), INTERP_DECIDED);
		assert_int_equal(out.code, w.strict ? OUTCOME_FAILED : OUTCOME_DELIVERED);
		assert_int_equal(strstr(w.said.p, "box:") == NULL, w.strict);
		if (w.strict) {
			assert_int_equal(out.why.kind, FAIL_TEMP);
			assert_non_null(strstr(out.why.text, "LINEBUF"));
		}
		buf_clear(&w.said);
		buf_clear(&rc);
		free(a);
	}
}

/* Blocks as deep as anybody likes. */
static void
test_deep_blocks(void **state)
{
	struct world w = { .said = BUF_INIT };
	struct outcome out = { 0 };
	struct buf rc = BUF_INIT;
	char *a;

	(void)state;
	for (int i = 0; i < 50000; i++)
		buf_str(&rc, ":0\n{\n");
	buf_str(&rc, "A=deep\n");
	for (int i = 0; i < 50000; i++)
		buf_str(&rc, "}\n");
	run(&w, rc.p, &out, &a);
	assert_string_equal(a, "deep");
	buf_clear(&rc);
	buf_clear(&w.said);
	free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flows),
		cmocka_unit_test(test_scan_fails),
		cmocka_unit_test(test_scan_decided),
		cmocka_unit_test(test_strict),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_deep_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
