#include "lmtp/lmtp.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "lmtp/datatext.h"
#include "lmtp/param.h"
#include "lmtp/path.h"

#define LMTP_REPLY_MAX 512   /* bytes of one reply line (RFC 5321 4.5.3.1.5) */
#define LMTP_STEP 65536      /* bytes of text that one event brings at most */

enum lmtp_state {
	LMTP_NEW,          /* no LHLO yet */
	LMTP_READY, LMTP_HAS_SENDER, LMTP_IN_TEXT,
	LMTP_ENDED         /* deaf */
};

enum lmtp_lines { LMTP_LINES_UNKNOWN, LMTP_LINES_CRLF, LMTP_LINES_LF };

struct lmtp {
	struct lmtp_limits limits;
	enum lmtp_state state;
	enum lmtp_lines lines;     /* as the first command ended, so do all */
	enum lmtp_event wanted;    /* the event that waits for an answer; LMTP_MORE for none */
	struct buf output, line, text;
	bool too_long;             /* the rest of this line is dropped */
	int errors;
	struct buf sender, mailbox, local;
	size_t mails, rcpts;       /* commands so far, also those that were refused */
	size_t recipients, answered;
	struct datatext data;
	size_t size;               /* of the text as stored */
	struct fail spoilt;        /* why it is not; too_big is the message's own fault */
	bool too_big;
	bool begun;                /* a message, this one or one before */
};

/* ---- replies ---- */

__attribute__((format(printf, 4, 5)))
static void
lmtp_reply(struct lmtp *m, int code, const char *dsn, const char *fmt, ...)
{
	char text[LMTP_REPLY_MAX - sizeof "250 2.0.0 \r\n"];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	/* One line, in ASCII: the peer may take any other byte for the end of its world. */
	for (char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	buf_printf(&m->output, "%d %s%s%s\r\n", code, dsn, *dsn ? " " : "", text);
}

/* A command we do not follow: somebody who sends nothing else is no MTA. */
__attribute__((format(printf, 4, 5)))
static enum lmtp_event
lmtp_refuse(struct lmtp *m, int code, const char *dsn, const char *fmt, ...)
{
	char text[LMTP_REPLY_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	lmtp_reply(m, code, dsn, "%s", text);
	if (++m->errors <= LMTP_ERRORS_MAX)
		return LMTP_MORE;
	lmtp_shut(m, "too many commands that make no sense");
	return LMTP_CLOSE;
}

static enum lmtp_event
lmtp_ok(struct lmtp *m, const char *dsn, const char *text)
{
	lmtp_reply(m, 250, dsn, "%s", text);
	return LMTP_MORE;
}

/* ---- transaction ---- */

static void
lmtp_forget(struct lmtp *m)
{
	if (m->state != LMTP_NEW)
		m->state = LMTP_READY;
	buf_cut(&m->sender, 0);
	m->recipients = m->answered = m->size = 0;
	m->too_big = false;
	fail_clear(&m->spoilt);
}

static enum lmtp_event
lmtp_bad_parameter(struct lmtp *m, enum param_end end)
{
	if (end == PARAM_UNKNOWN)
		return lmtp_refuse(m, 555, "5.5.4", "unknown parameter: LHLO names them");
	return lmtp_refuse(m, 501, "5.5.4", "a parameter's value makes no sense");
}

/* ---- commands ---- */

/* An MTA that keeps us for another message asks with RSET whether we are there, and starts another
 * when we are not. */
static bool
lmtp_is_over(struct lmtp *m)
{
	if (!m->limits.once || !m->begun)
		return false;
	lmtp_shut(m, "another process for another message: what -a said is this one's");
	return true;
}

static enum lmtp_event
lmtp_lhlo(struct lmtp *m, struct bytes argument)
{
	if (argument.len == 0)
		return lmtp_refuse(m, 501, "5.5.4", "LHLO needs a name");
	lmtp_forget(m);
	m->state = LMTP_READY;
	buf_printf(&m->output, "250-%s\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
	    "250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n250-DSN\r\n250 SIZE", m->limits.host);
	if (m->limits.message)
		buf_printf(&m->output, " %zu", m->limits.message);
	buf_str(&m->output, "\r\n");
	return LMTP_MORE;
}

static enum lmtp_event
lmtp_helo(struct lmtp *m, struct bytes argument)
{
	(void)argument;
	/* RFC 2033 4.1 wants 500 here. */
	return lmtp_refuse(m, 500, "5.5.1", "this is LMTP: say LHLO");
}

/* Takes "FROM:" or "TO:" off, and blanks behind it, which some write. */
static bool
lmtp_keyword(struct bytes *argument, const char *word)
{
	if (!bytes_starts_nocase(*argument, word))
		return false;
	*argument = bytes_trim(bytes_from(*argument, strlen(word)));
	return true;
}

static enum lmtp_event
lmtp_mail(struct lmtp *m, struct bytes argument)
{
	struct bytes mailbox;
	enum param_end end;
	uint64_t size;

	m->mails++;
	if (m->state != LMTP_READY)
		return lmtp_refuse(m, 503, "5.5.1", m->state == LMTP_NEW ? "LHLO comes first"
		    : "there is a sender already: RSET ends that message");
	if (lmtp_is_over(m))
		return LMTP_CLOSE;
	if (!lmtp_keyword(&argument, "FROM:"))
		return lmtp_refuse(m, 501, "5.5.4", "write MAIL FROM:<address>");
	if (!path_take(&argument, &mailbox, &m->local))
		return lmtp_refuse(m, 501, "5.1.7", "the sender's address makes no sense");
	end = param_mail(argument, &size);
	if (end != PARAM_GOOD)
		return lmtp_bad_parameter(m, end);
	if (m->limits.message && size > m->limits.message) {
		lmtp_reply(m, 552, "5.3.4", "over %zu bytes, the limit here", m->limits.message);
		return LMTP_MORE;
	}
	lmtp_forget(m);
	m->begun = true;
	buf_bytes(&m->sender, mailbox);
	m->state = LMTP_HAS_SENDER;
	lmtp_ok(m, "2.1.0", "sender taken");
	return LMTP_MAIL;
}

static enum lmtp_event
lmtp_rcpt(struct lmtp *m, struct bytes argument)
{
	struct bytes mailbox;
	enum param_end end;

	m->rcpts++;
	if (m->state != LMTP_HAS_SENDER)
		return lmtp_refuse(m, 503, "5.5.1", "MAIL comes first");
	if (!lmtp_keyword(&argument, "TO:"))
		return lmtp_refuse(m, 501, "5.5.4", "write RCPT TO:<address>");
	if (!path_take(&argument, &mailbox, &m->local) || mailbox.len == 0)
		return lmtp_refuse(m, 501, "5.1.3", "the recipient's address makes no sense");
	end = param_rcpt(argument);
	if (end != PARAM_GOOD)
		return lmtp_bad_parameter(m, end);
	if (m->recipients >= m->limits.recipients) {
		lmtp_reply(m, 452, "4.5.3", "over %zu recipients: the rest in another message",
		    m->limits.recipients);
		return LMTP_MORE;
	}
	buf_cut(&m->mailbox, 0);
	buf_bytes(&m->mailbox, mailbox);
	return LMTP_RCPT;
}

static enum lmtp_event
lmtp_data(struct lmtp *m, struct bytes argument)
{
	if (argument.len > 0)
		return lmtp_refuse(m, 501, "5.5.4", "DATA takes no argument");
	/* RFC 2033 4.2. */
	if (m->recipients == 0)
		return lmtp_refuse(m, 503, "5.5.1", "there is no valid recipient");
	return LMTP_DATA;
}

static enum lmtp_event
lmtp_rset(struct lmtp *m, struct bytes argument)
{
	(void)argument;
	if (lmtp_is_over(m))
		return LMTP_CLOSE;
	lmtp_forget(m);
	return lmtp_ok(m, "2.0.0", "forgotten");
}

static enum lmtp_event
lmtp_noop(struct lmtp *m, struct bytes argument)
{
	(void)argument;
	return lmtp_ok(m, "2.0.0", "nothing done");
}

static enum lmtp_event
lmtp_vrfy(struct lmtp *m, struct bytes argument)
{
	(void)argument;
	lmtp_reply(m, 252, "2.5.2", "ask with RCPT");
	return LMTP_MORE;
}

static enum lmtp_event
lmtp_help(struct lmtp *m, struct bytes argument)
{
	(void)argument;
	lmtp_reply(m, 214, "2.0.0", "LHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT");
	return LMTP_MORE;
}

static enum lmtp_event
lmtp_quit(struct lmtp *m, struct bytes argument)
{
	(void)argument;
	lmtp_reply(m, 221, "2.0.0", "%s closes the connection", m->limits.host);
	m->state = LMTP_ENDED;
	return LMTP_CLOSE;
}

static const struct {
	const char *name;
	enum lmtp_event (*run)(struct lmtp *m, struct bytes argument);
} lmtp_commands[] = {
	{ "LHLO", lmtp_lhlo }, { "HELO", lmtp_helo }, { "EHLO", lmtp_helo },
	{ "MAIL", lmtp_mail }, { "RCPT", lmtp_rcpt }, { "DATA", lmtp_data },
	{ "RSET", lmtp_rset }, { "NOOP", lmtp_noop }, { "VRFY", lmtp_vrfy },
	{ "HELP", lmtp_help }, { "QUIT", lmtp_quit },
};

static bool
lmtp_has_control(struct bytes line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.p[i] < ' ' || line.p[i] == 0x7f)
			return true;
	return false;
}

static enum lmtp_event
lmtp_command(struct lmtp *m, struct bytes line)
{
	struct bytes verb = line, argument;
	size_t n = 0;

	if (lmtp_has_control(line))
		return lmtp_refuse(m, 500, "5.5.2", "control characters in a command");
	while (n < line.len && line.p[n] != ' ')
		n++;
	verb.len = n;
	argument = bytes_trim(bytes_from(line, n));
	for (size_t i = 0; i < sizeof lmtp_commands / sizeof *lmtp_commands; i++)
		if (bytes_equal_nocase(verb, bytes_of(lmtp_commands[i].name)))
			return lmtp_commands[i].run(m, argument);
	return lmtp_refuse(m, 500, "5.5.1", "unknown command");
}

/* A line without its LF. Where the first one ended with CR LF, a LF alone ends nothing. */
static enum lmtp_event
lmtp_line(struct lmtp *m, struct bytes line)
{
	bool cr = line.len > 0 && line.p[line.len - 1] == '\r';

	if (m->too_long) {
		m->too_long = false;
		return lmtp_refuse(m, 500, "5.5.2", "a command of over %d bytes", LMTP_LINE_MAX);
	}
	if (m->lines == LMTP_LINES_UNKNOWN)
		m->lines = cr ? LMTP_LINES_CRLF : LMTP_LINES_LF;
	if (!cr && m->lines == LMTP_LINES_CRLF)
		return lmtp_refuse(m, 500, "5.5.2", "a line ends with CR LF");
	return lmtp_command(m, bytes_first(line, line.len - cr));
}

/* Takes one line off the input, or the part of one that is there. */
static enum lmtp_event
lmtp_take_line(struct lmtp *m, struct bytes *in)
{
	const char *nl = memchr(in->p, '\n', in->len);
	size_t n = nl ? (size_t)(nl - in->p) : in->len;
	enum lmtp_event event;

	if (m->line.len + n + 1 > LMTP_LINE_MAX)
		m->too_long = true;
	if (!m->too_long)
		buf_add(&m->line, in->p, n);
	*in = bytes_from(*in, n + (nl ? 1 : 0));
	if (!nl)
		return LMTP_MORE;
	event = lmtp_line(m, buf_view(&m->line));
	buf_cut(&m->line, 0);
	return event;
}

/* ---- text ---- */

static void
lmtp_refuse_all(struct lmtp *m)
{
	for (; m->answered < m->recipients; m->answered++) {
		if (m->too_big)
			lmtp_reply(m, 552, "5.3.4", "over %zu bytes, the limit here",
			    m->limits.message);
		else
			lmtp_reply(m, 452, "4.3.1", "%s", m->spoilt.text);
	}
	lmtp_forget(m);
}

static enum lmtp_event
lmtp_take_text(struct lmtp *m, struct bytes *in)
{
	struct bytes step = bytes_first(*in, LMTP_STEP);
	size_t before = step.len;
	bool end;

	buf_cut(&m->text, 0);
	end = datatext_take(&m->data, &step, &m->text);
	*in = bytes_from(*in, before - step.len);
	m->size += m->text.len;
	if (m->limits.message && m->size > m->limits.message)
		m->too_big = true;
	if (end)
		m->state = LMTP_READY;
	if (m->too_big || m->spoilt.kind) {
		if (end)
			lmtp_refuse_all(m);
		return LMTP_MORE;
	}
	/* What came with the end is handed over first; the end is found again behind it. */
	m->wanted = end ? LMTP_END : LMTP_MORE;
	return m->text.len > 0 ? LMTP_TEXT : end ? LMTP_END : LMTP_MORE;
}

enum lmtp_event
lmtp_feed(struct lmtp *m, struct bytes *in)
{
	enum lmtp_event event = LMTP_MORE;

	if (m->wanted == LMTP_END)
		return LMTP_END;
	while (event == LMTP_MORE && in->len > 0 && m->state != LMTP_ENDED)
		event = m->state == LMTP_IN_TEXT ? lmtp_take_text(m, in) : lmtp_take_line(m, in);
	if (event == LMTP_RCPT || event == LMTP_DATA)
		m->wanted = event;
	return m->state == LMTP_ENDED ? LMTP_CLOSE : event;
}

/* ---- answers ---- */

static void
lmtp_answer_text(struct lmtp *m, const struct fail *why)
{
	const struct fail_class *c = fail_class(why ? why->kind : FAIL_NONE);

	lmtp_reply(m, c->lmtp, c->dsn, "%s", why && why->text[0] ? why->text : c->name);
}

static void
lmtp_answer_data(struct lmtp *m, const struct fail *why, bool yes)
{
	if (!yes) {
		/* Never final, whatever it is: the peer has not said yet what it has. */
		lmtp_reply(m, 451, "4.3.0", "%s", why->text);
		lmtp_forget(m);
		return;
	}
	m->state = LMTP_IN_TEXT;
	datatext_begin(&m->data, m->lines == LMTP_LINES_LF);
	lmtp_reply(m, 354, "", "send the message, and a line with a dot behind it");
}

void
lmtp_answer(struct lmtp *m, const struct fail *why)
{
	bool yes = !why || why->kind == FAIL_NONE;

	switch (m->wanted) {
	case LMTP_RCPT:
		m->recipients += yes;
		if (yes)
			lmtp_ok(m, "2.1.5", "recipient taken");
		else
			lmtp_answer_text(m, why);
		break;
	case LMTP_DATA:
		lmtp_answer_data(m, why, yes);
		break;
	case LMTP_END:
		lmtp_answer_text(m, why);
		if (++m->answered < m->recipients)
			return;
		m->errors = 0;
		lmtp_forget(m);
		break;
	case LMTP_MORE:
	case LMTP_MAIL:
	case LMTP_TEXT:
	case LMTP_CLOSE:
		panic("lmtp: an answer that nobody waits for");
	}
	m->wanted = LMTP_MORE;
}

void
lmtp_spoil(struct lmtp *m, const struct fail *why)
{
	if (m->spoilt.kind == FAIL_NONE)
		m->spoilt = *why;
	if (m->wanted == LMTP_END) {
		m->wanted = LMTP_MORE;
		lmtp_refuse_all(m);
	}
}

void
lmtp_shut(struct lmtp *m, const char *text)
{
	lmtp_reply(m, 421, "4.3.2", "%s", text);
	m->state = LMTP_ENDED;
}

/* ---- the rest ---- */

struct lmtp *
lmtp_new(const struct lmtp_limits *limits)
{
	struct lmtp *m = mem_zero(sizeof *m);
	struct buf *all[] = { &m->output, &m->line, &m->text, &m->sender, &m->mailbox, &m->local };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		buf_init(all[i]);
	m->limits = *limits;
	m->wanted = LMTP_MORE;
	lmtp_reply(m, 220, "", "%s LMTP bivalve", limits->host);
	return m;
}

void
lmtp_free(struct lmtp **machine)
{
	struct lmtp *m = *machine;

	*machine = NULL;
	if (!m)
		return;
	buf_clear(&m->output);
	buf_clear(&m->line);
	buf_clear(&m->text);
	buf_clear(&m->sender);
	buf_clear(&m->mailbox);
	buf_clear(&m->local);
	free(m);
}

bool
lmtp_is_idle(const struct lmtp *m)
{
	return m->state == LMTP_NEW || m->state == LMTP_READY || m->state == LMTP_ENDED;
}

size_t
lmtp_recipients(const struct lmtp *m)
{
	return m->recipients;
}

bool
lmtp_is_first_mail(const struct lmtp *m)
{
	return m->mails == 1;
}

bool
lmtp_is_first_rcpt(const struct lmtp *m)
{
	return m->rcpts == 1;
}

const char *
lmtp_sender(const struct lmtp *m)
{
	return m->sender.p;
}

const char *
lmtp_mailbox(const struct lmtp *m)
{
	return m->mailbox.p;
}

const char *
lmtp_local(const struct lmtp *m)
{
	return m->local.p;
}

struct bytes
lmtp_text(const struct lmtp *m)
{
	return buf_view(&m->text);
}

struct buf *
lmtp_output(struct lmtp *m)
{
	return &m->output;
}
