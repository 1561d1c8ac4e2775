#include "proc/session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "lmtp/lmtp.h"
#include "mail/topline.h"
#include "proc/usersearch.h"
#include "proc/order.h"
#include "proc/recipient.h"

#define SESSION_STEP 65536       /* bytes of one read */
#define SESSION_WRITE_STEP 4096  /* of one write: what a writable pipe takes without waiting */
#define SESSION_MEMORY ((size_t)16 << 20)
#define SESSION_FILE_MORE ((size_t)1 << 20)
#define SESSION_MEMORY_RCPT ((size_t)12 << 10)  /* two command lines' worth, and room to grow */
#define SESSION_GRACE 60         /* seconds behind a delivery's own limit */

struct session_rcpt {
	struct recipient to;
	char *text;              /* owns the strings of to that are this recipient's own */
	uint32_t uid;
	int sock;                /* to its delivery, -1 before and behind it */
	bool started, ended;
	struct fail why;         /* how it ended */
};

struct session {
	const struct session_settings *set;
	struct lmtp *m;
	int in, out;             /* the connection */
	bool gone;               /* the peer takes no replies any more */
	int lookup;              /* socket to the lookup process, -1 for none yet */
	unsigned messages;       /* begun in this process */
	char id[64];
	struct session_rcpt *rcpt;
	size_t n, room;
	int memory, file;        /* of what is held: the memory given, or a file; -1 none */
	bool owed;               /* the monitor has yet to give memory for the next message */
	size_t size;
	int64_t began, read_us;  /* when the message began to come, and how long it took */
	struct topline top;
};

static volatile sig_atomic_t session_told;

static void
session_told_to_end(int sig)
{
	(void)sig;
	session_told = 1;
}

size_t
session_memory(const struct conf *conf)
{
	return SESSION_MEMORY + (size_t)conf->max_recipients * SESSION_MEMORY_RCPT;
}

size_t
session_file(const struct conf *conf)
{
	return conf->max_message_size == 0 ? 0
	    : ((size_t)conf->max_message_size << 20) + SESSION_FILE_MORE;
}

void
session_prepare(void)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	struct sigaction sa = { .sa_handler = session_told_to_end };
	sigset_t block;

	sigemptyset(&block);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		sigaction(ends[i], &sa, NULL);
		sigaddset(&block, ends[i]);
	}
	sigprocmask(SIG_SETMASK, &block, NULL);
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	/* The time zone's file is looked at for each local time, unless TZ says which it is. */
	setenv("TZ", ":/etc/localtime", 0);
	tzset();
	log_silence();
}

/* ---- the peer ---- */

/* 1 ready, 0 not in time, -1 told to end or broken. SIGTERM interrupts here and nowhere else. */
static int
session_wait(int fd, short events, long seconds, bool interruptible)
{
	const struct timespec limit = { seconds, 0 };
	struct pollfd p = { fd, events, 0 };
	sigset_t none;
	int n;

	sigemptyset(&none);
	do {
		if (interruptible && session_told)
			return -1;
		n = ppoll(&p, 1, &limit, interruptible ? &none : NULL);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* Sends what is to be sent. A peer that does not take it is gone. */
static void
session_flush(struct session *s)
{
	struct buf *out = lmtp_output(s->m);
	const char *p = out->p;
	size_t left = out->len;

	while (left > 0 && !s->gone) {
		size_t step = left < SESSION_WRITE_STEP ? left : SESSION_WRITE_STEP;
		ssize_t n = -1;

		if (session_wait(s->out, POLLOUT, s->set->conf->session_timeout, false) == 1)
			n = write(s->out, p, step);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			s->gone = true;
		else {
			p += n;
			left -= (size_t)n;
		}
	}
	buf_cut(out, 0);
}

/* Reads on. False at the end of the connection. */
static bool
session_read(struct session *s, char *room, struct bytes *in)
{
	bool idle = lmtp_is_idle(s->m);
	ssize_t n;
	int ready = session_wait(s->in, POLLIN, s->set->conf->session_timeout, idle);

	if (ready <= 0) {
		lmtp_shut(s->m, ready < 0 ? "we are told to end: come back"
		    : "nothing was said for too long");
		session_flush(s);
		return false;
	}
	do
		n = read(s->in, room, SESSION_STEP);
	while (n < 0 && errno == EINTR);
	*in = (struct bytes){ room, n > 0 ? (size_t)n : 0 };
	return n > 0;
}

/* ---- recipients ---- */

static void
session_forget(struct session *s)
{
	for (size_t i = 0; i < s->n; i++) {
		fd_close(&s->rcpt[i].sock);
		free(s->rcpt[i].text);
	}
	s->n = 0;
	fd_close(&s->file);
	topline_clear(&s->top);
}

/* Asked for early: it starts while the peer still says who it is. */
static void
session_open_lookup(struct session *s)
{
	int pair[2];

	if (s->lookup >= 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return;
	if (order_send(SESSION_MONITOR, ORDER_LOOKUP, 0, pair[1]) == 0)
		s->lookup = pair[0];
	else
		fd_close(&pair[0]);
	fd_close(&pair[1]);
}

static void
session_lookup(struct session *s, const char *local, struct usersearch_answer *answer)
{
	session_open_lookup(s);
	if (usersearch_ask(s->lookup, local, answer) < 0)
		fd_close(&s->lookup);
}

/* All recipients of a message share its sender, client and id. */
static void
session_add(struct session *s, const struct usersearch_answer *answer)
{
	const char *local = lmtp_local(s->m), *mailbox = lmtp_mailbox(s->m), *detail;
	size_t user = answer->user_len, rest = strlen(local + user);
	struct session_rcpt *r;

	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 16;
		s->rcpt = mem_resize(s->rcpt, s->room * sizeof *s->rcpt);
	}
	r = &s->rcpt[s->n++];
	*r = (struct session_rcpt){ .uid = answer->uid, .sock = -1 };
	r->text = mem_array(1, user + rest + strlen(mailbox) + 3);
	memcpy(r->text, local, user);
	memcpy(r->text + user + 1, local + user, rest);
	memcpy(r->text + user + rest + 2, mailbox, strlen(mailbox));
	detail = r->text + user + 1 + (rest > 0);
	/* An MTA that starts us can only tell the first one's. */
	if (!*detail && lmtp_is_first_rcpt(s->m))
		detail = s->set->detail;
	r->to.user = r->text;
	r->to.env.detail = detail;
	r->to.env.rcpt = r->text + user + rest + 2;
}

static void
session_recipient(struct session *s)
{
	struct usersearch_answer answer;
	struct fail why = { 0 };

	session_lookup(s, lmtp_local(s->m), &answer);
	if (answer.kind == FAIL_NONE)
		session_add(s, &answer);
	else
		fail_set(&why, (enum fail_kind)answer.kind, "%s", answer.text);
	lmtp_answer(s->m, &why);
}

/* ---- the message ---- */

/* One that a message was not finished in serves again. Where the monitor has not heard of a message
 * there is none, and nothing to wait for. */
static void
session_take_memory(struct session *s)
{
	if (s->memory < 0 && s->owed)
		s->memory = order_memory(SESSION_MONITOR);
	s->owed = false;
}

static void
session_begin(struct session *s)
{
	struct fail why = { 0 };

	s->size = 0;
	s->began = clock_us();
	session_take_memory(s);
	if (s->memory < 0 || lseek(s->memory, 0, SEEK_SET) < 0)
		fail_errno(&why, "the message cannot be held in memory");
	topline_begin(&s->top, lmtp_sender(s->m), time(NULL));
	lmtp_answer(s->m, &why);
}

/* What has come so far goes to a file, which root made and only we can write to. */
static int
session_to_file(struct session *s, struct fail *why)
{
	static char room[SESSION_STEP];
	int file = order_file(SESSION_MONITOR);
	size_t at = 0;

	if (file < 0)
		return fail_temp(why, "no file for a large message (spool_dir in bivalve.conf)");
	while (at < s->size) {
		size_t most = s->size - at < sizeof room ? s->size - at : sizeof room;
		ssize_t n = pread(s->memory, room, most, (off_t)at);

		if (n <= 0 || fd_write_all(file, room, (size_t)n) < 0)
			break;
		at += (size_t)n;
	}
	if (at < s->size) {
		fail_errno(why, "the message cannot be held (spool_dir in bivalve.conf)");
		fd_close(&file);
		return -1;
	}
	s->file = file;
	return 0;
}

static int
session_hold(struct session *s, struct bytes b, struct fail *why)
{
	size_t most = (size_t)s->set->conf->spool_memory << 10;

	if (s->file < 0 && s->size + b.len > most && session_to_file(s, why) < 0)
		return -1;
	if (fd_write_all(s->file >= 0 ? s->file : s->memory, b.p, b.len) < 0)
		return fail_errno(why, "the message cannot be held (spool_dir in bivalve.conf)");
	s->size += b.len;
	return 0;
}

static void
session_keep(struct session *s, struct bytes b)
{
	struct fail why = { 0 };

	if (session_hold(s, b, &why) < 0)
		lmtp_spoil(s->m, &why);
}

static void
session_text(struct session *s)
{
	struct buf out = BUF_INIT;

	if (s->top.done) {
		session_keep(s, lmtp_text(s->m));
		return;
	}
	topline_take(&s->top, lmtp_text(s->m), &out);
	session_keep(s, buf_view(&out));
	buf_clear(&out);
}

/* Whole: nobody shall change it any more, not even we. */
static int
session_hand_over(struct session *s, struct fail *why)
{
	struct buf out = BUF_INIT;
	bool in_file;
	int rc;

	s->read_us = clock_us() - s->began;
	topline_end(&s->top, &out);
	rc = session_hold(s, buf_view(&out), why);
	buf_clear(&out);
	if (rc < 0)
		return -1;
	/* What somebody can still write to would be copied. Other memory is on its way. */
	in_file = s->file >= 0;
	fd_close(in_file ? &s->file : &s->memory);
	if (order_send(SESSION_MONITOR, ORDER_MESSAGE, in_file ? 0 : (uint32_t)s->size, -1) < 0)
		return fail_errno(why, "the monitor of this connection is gone");
	s->owed = !in_file;
	return 0;
}

/* ---- deliveries ---- */

static void
session_start(struct session *s, struct session_rcpt *r)
{
	int pair[2] = { -1, -1 };

	r->started = true;
	r->to.env.id = s->id;
	r->to.env.read_us = (long)s->read_us;
	r->to.env.sender = lmtp_sender(s->m);
	r->to.env.client = lmtp_is_first_mail(s->m) ? s->set->client : "";
	r->to.alone = s->n == 1 ? "1" : "";
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		fail_errno(&r->why, "socket for a delivery");
	else if (recipient_send(pair[0], &r->to, &r->why) == 0
	    && order_send(SESSION_MONITOR, ORDER_DELIVER, r->uid, pair[1]) < 0)
		fail_errno(&r->why, "the monitor of this connection is gone");
	fd_close(&pair[1]);
	if (r->why.kind != FAIL_NONE)
		fd_close(&pair[0]);
	r->ended = pair[0] < 0;
	r->sock = pair[0];
}

static void
session_end(struct session_rcpt *r, const char *trouble)
{
	if (trouble)
		fail_temp(&r->why, "%s", trouble);
	else
		recipient_answer(r->sock, &r->why);
	fd_close(&r->sock);
	r->ended = true;
}

/* Waits until one delivery or more has answered. from is the first that has not. */
static void
session_await(struct session *s, size_t from, size_t to)
{
	const struct timespec limit = { s->set->conf->timeout + SESSION_GRACE, 0 };
	struct pollfd *p = mem_array(to - from, sizeof *p);
	int n;

	for (size_t i = from; i < to; i++)
		p[i - from] = (struct pollfd){ s->rcpt[i].sock, POLLIN, 0 };
	do
		n = ppoll(p, to - from, &limit, NULL);
	while (n < 0 && errno == EINTR);
	for (size_t i = from; i < to; i++) {
		if (s->rcpt[i].ended)
			continue;
		if (n <= 0)
			session_end(&s->rcpt[i], "the delivery took too long");
		else if (p[i - from].revents)
			session_end(&s->rcpt[i], NULL);
	}
	free(p);
}

/* As many at once as is allowed; each reply as soon as it is its turn. */
static void
session_deliver(struct session *s)
{
	size_t live = 0, next = 0, replied = 0, most = (size_t)s->set->conf->parallel_deliveries;

	while (replied < s->n) {
		for (live = 0; replied < next && s->rcpt[replied].ended; replied++) {
			lmtp_answer(s->m, &s->rcpt[replied].why);
			session_flush(s);
		}
		for (size_t i = replied; i < next; i++)
			live += !s->rcpt[i].ended;
		/* Nobody hears of what is begun now: he will bring it again. */
		if (s->gone && live == 0)
			return;
		for (; next < s->n && live < most && !s->gone; next++) {
			session_start(s, &s->rcpt[next]);
			live += !s->rcpt[next].ended;
		}
		if (live > 0)
			session_await(s, replied, next);
	}
}

static void
session_message(struct session *s)
{
	struct fail why = { 0 };

	if (session_hand_over(s, &why) < 0)
		lmtp_spoil(s->m, &why);
	else
		session_deliver(s);
	session_forget(s);
}

/* ---- the whole ---- */

static void
session_event(struct session *s, enum lmtp_event event)
{
	switch (event) {
	case LMTP_MAIL:
		session_forget(s);
		s->messages++;
		if (lmtp_is_first_mail(s->m) && *s->set->first_id)
			snprintf(s->id, sizeof s->id, "%s", s->set->first_id);
		else
			snprintf(s->id, sizeof s->id, "%s%u", s->set->id, s->messages);
		break;
	case LMTP_RCPT:
		session_recipient(s);
		break;
	case LMTP_DATA:
		session_begin(s);
		break;
	case LMTP_TEXT:
		session_text(s);
		break;
	case LMTP_END:
		session_message(s);
		break;
	case LMTP_MORE:
	case LMTP_CLOSE:
		session_flush(s);
	}
}

static void
session_connection(struct session *s)
{
	static char room[SESSION_STEP];
	const struct conf *c = s->set->conf;
	struct lmtp_limits limits = { s->set->host, (size_t)c->max_message_size << 20,
		(size_t)c->max_recipients, s->set->once };
	struct bytes in = { room, 0 };
	enum lmtp_event event;

	s->m = lmtp_new(&limits);
	s->gone = false;
	session_open_lookup(s);
	do {
		event = lmtp_feed(s->m, &in);
		session_event(s, event);
		if (event == LMTP_MORE && !s->gone && !session_read(s, room, &in))
			break;
	} while (event != LMTP_CLOSE && !s->gone);
	session_forget(s);
	lmtp_free(&s->m);
}

/* The monitor answers what it was asked, and memory that it gave unasked is in front of that. */
static bool
session_next(struct session *s)
{
	if (s->in != s->out)
		close(s->out);
	close(s->in);
	if (session_told || !s->set->many)
		return false;
	session_take_memory(s);
	s->in = s->out = s->memory < 0 ? -1 : order_next(SESSION_MONITOR);
	return s->in >= 0;
}

void
session_run(const struct session_settings *set)
{
	struct session s = { .set = set, .in = SESSION_IN, .out = SESSION_OUT, .lookup = -1,
		.memory = -1, .file = -1, .owed = true };

	do
		session_connection(&s);
	while (session_next(&s));
	_exit(EX_OK);
}
