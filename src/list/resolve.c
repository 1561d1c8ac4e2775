#include "list/resolve.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <idn2.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/select.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"

#define RESOLVE_KEPT 128        /* answers kept, the oldest goes */
#define RESOLVE_KEEP 60         /* seconds they are kept */
#define RESOLVE_TRIES 2
#define RESOLVE_MIXED_MAX 1024  /* bytes of a name before it is an A-label */

struct resolve_answer {
	char *name;
	enum resolve_type type;
	int status;                 /* of c-ares */
	struct buf lines;
	time_t until;
};

struct resolve {
	ares_channel channel;
	long seconds;
	struct resolve_answer kept[RESOLVE_KEPT];
	size_t next;
};

/* One question under way. */
struct resolve_question {
	enum resolve_type type;
	struct buf *out;
	int status;
	bool done;
};

static time_t
resolve_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

struct resolve *
resolve_new(const char *servers, long seconds, struct fail *why)
{
	struct ares_options o = { .timeout = (int)(seconds * 1000 / RESOLVE_TRIES),
		.tries = RESOLVE_TRIES, .lookups = (char *)(uintptr_t)"b" };
	struct resolve *r = mem_zero(sizeof *r);
	int rc = ares_library_init(ARES_LIB_INIT_ALL);

	/* Half a question's time for the first server, so that a second one is heard, too. */
	if (rc == ARES_SUCCESS)
		rc = ares_init_options(&r->channel, &o,
		    ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);
	if (rc != ARES_SUCCESS) {
		fail_temp(why, "DNS: %s", ares_strerror(rc));
		free(r);
		return NULL;
	}
	r->seconds = seconds;
	if (*servers && (rc = ares_set_servers_ports_csv(r->channel, servers)) != ARES_SUCCESS) {
		fail_temp(why, "dns_servers = %.100s: %s", servers, ares_strerror(rc));
		resolve_free(&r);
	}
	return r;
}

static void
resolve_forget(struct resolve_answer *a)
{
	free(a->name);
	a->name = NULL;
	buf_clear(&a->lines);
}

void
resolve_free(struct resolve **rp)
{
	struct resolve *r = *rp;

	*rp = NULL;
	if (!r)
		return;
	for (size_t i = 0; i < RESOLVE_KEPT; i++)
		if (r->kept[i].name)
			resolve_forget(&r->kept[i]);
	ares_destroy(r->channel);
	ares_library_cleanup();
	free(r);
}

/* ---- answers into lines ---- */

static int
resolve_addresses(const unsigned char *p, int len, bool six, struct buf *out)
{
	struct ares_addrttl four[RESOLVE_LINES_MAX];
	struct ares_addr6ttl sixes[RESOLVE_LINES_MAX];
	char text[INET6_ADDRSTRLEN];
	int n = RESOLVE_LINES_MAX, rc;

	rc = six ? ares_parse_aaaa_reply(p, len, NULL, sixes, &n)
	    : ares_parse_a_reply(p, len, NULL, four, &n);
	for (int i = 0; rc == ARES_SUCCESS && i < n; i++)
		if (inet_ntop(six ? AF_INET6 : AF_INET, six ? (void *)&sixes[i].ip6addr
		    : (void *)&four[i].ipaddr, text, sizeof text))
			buf_printf(out, "%s\n", text);
	return rc;
}

/* A stranger's text: one line, whatever is in it. */
static void
resolve_line(const unsigned char *p, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++)
		buf_byte(out, p[i] < ' ' || p[i] == 0x7f ? ' ' : (char)p[i]);
}

static int
resolve_texts(const unsigned char *p, int len, struct buf *out)
{
	struct ares_txt_ext *list = NULL;
	int rc = ares_parse_txt_reply_ext(p, len, &list), n = 0;

	for (struct ares_txt_ext *t = list; t && n < RESOLVE_LINES_MAX; t = t->next) {
		if (t->record_start && n++ > 0)
			buf_byte(out, '\n');
		resolve_line(t->txt, t->length, out);
	}
	if (n > 0)
		buf_byte(out, '\n');
	if (list)
		ares_free_data(list);
	return rc;
}

static int
resolve_exchangers(const unsigned char *p, int len, struct buf *out)
{
	struct ares_mx_reply *list = NULL;
	int rc = ares_parse_mx_reply(p, len, &list), n = 0;

	for (struct ares_mx_reply *m = list; m && n < RESOLVE_LINES_MAX; m = m->next, n++) {
		buf_printf(out, "%u ", (unsigned)m->priority);
		resolve_line((const unsigned char *)m->host, strlen(m->host), out);
		buf_byte(out, '\n');
	}
	if (list)
		ares_free_data(list);
	return rc;
}

static void
resolve_answered(void *ctx, int status, int timeouts, unsigned char *p, int len)
{
	struct resolve_question *q = ctx;

	(void)timeouts;
	q->done = true;
	q->status = status;
	if (status != ARES_SUCCESS)
		return;
	switch (q->type) {
	case RESOLVE_A:
	case RESOLVE_AAAA:
		q->status = resolve_addresses(p, len, q->type == RESOLVE_AAAA, q->out);
		break;
	case RESOLVE_TXT:
		q->status = resolve_texts(p, len, q->out);
		break;
	case RESOLVE_MX:
		q->status = resolve_exchangers(p, len, q->out);
		break;
	}
}

/* ---- asking ---- */

static void
resolve_step(struct resolve *r)
{
	struct timeval most = { .tv_sec = 1 }, room, *wait;
	ares_socket_t socks[ARES_GETSOCK_MAXNUM];
	struct pollfd fds[ARES_GETSOCK_MAXNUM];
	/* ares_getsock(3); its macros shift into the sign. */
	const unsigned bits = (unsigned)ares_getsock(r->channel, socks, ARES_GETSOCK_MAXNUM);
	nfds_t n = 0;

	for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		short events = (short)((bits & 1u << i ? POLLIN : 0)
		    | (bits & 1u << (i + ARES_GETSOCK_MAXNUM) ? POLLOUT : 0));

		if (events)
			fds[n++] = (struct pollfd){ .fd = socks[i], .events = events };
	}
	wait = ares_timeout(r->channel, &most, &room);
	if (poll(fds, n, (int)(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1)) < 0)
		n = 0;
	for (nfds_t i = 0; i < n; i++)
		ares_process_fd(r->channel,
		    fds[i].revents & (POLLIN | POLLERR | POLLHUP) ? fds[i].fd : ARES_SOCKET_BAD,
		    fds[i].revents & POLLOUT ? fds[i].fd : ARES_SOCKET_BAD);
	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static int
resolve_wait(struct resolve *r, const char *name, enum resolve_type type, struct buf *out)
{
	static const int types[] = { ns_t_a, ns_t_aaaa, ns_t_txt, ns_t_mx };
	struct resolve_question q = { .type = type, .out = out };
	time_t limit = resolve_now() + r->seconds;

	ares_query(r->channel, name, ns_c_in, types[type], resolve_answered, &q);
	while (!q.done && resolve_now() <= limit)
		resolve_step(r);
	if (!q.done) {
		ares_cancel(r->channel);
		q.status = ARES_ETIMEOUT;
	}
	return q.status;
}

static struct resolve_answer *
resolve_kept(struct resolve *r, const char *name, enum resolve_type type)
{
	for (size_t i = 0; i < RESOLVE_KEPT; i++) {
		struct resolve_answer *a = &r->kept[i];

		if (a->name && a->type == type && a->until > resolve_now()
		    && strcmp(a->name, name) == 0)
			return a;
	}
	return NULL;
}

static struct resolve_answer *
resolve_keep(struct resolve *r, const char *name, enum resolve_type type)
{
	struct resolve_answer *a = &r->kept[r->next++ % RESOLVE_KEPT];

	resolve_forget(a);
	a->name = mem_string(name);
	a->type = type;
	a->status = resolve_wait(r, name, type, &a->lines);
	a->until = resolve_now() + RESOLVE_KEEP;
	return a;
}

int
resolve_ask(struct resolve *r, const char *name, enum resolve_type type, struct buf *out,
    struct fail *why)
{
	static const char *const types[] = { "A", "AAAA", "TXT", "MX" };
	struct resolve_answer *a = resolve_kept(r, name, type);

	if (!a)
		a = resolve_keep(r, name, type);
	if (a->status == ARES_SUCCESS) {
		buf_bytes(out, buf_view(&a->lines));
		return a->lines.len > 0;
	}
	if (a->status == ARES_ENOTFOUND || a->status == ARES_ENODATA)
		return 0;
	return fail_temp(why, "DNS: %s of %s: %s", types[type], name, ares_strerror(a->status));
}

/* Labels of 1 to 63 letters, digits, hyphens and underscores: what can stand in a question. */
static bool
resolve_is_name(const char *name)
{
	size_t label = 0, i;

	for (i = 0; name[i]; i++) {
		if (name[i] == '.' && label == 0)
			return false;
		if (name[i] != '.' && !str_is_alnum(name[i]) && !strchr("-_", name[i]))
			return false;
		label = name[i] == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0 && i <= RESOLVE_NAME_MAX;
}

bool
resolve_name(struct bytes domain, struct buf *out)
{
	char *text, *ascii = NULL;
	bool good = false;
	size_t from = out->len;

	if (domain.len && domain.p[domain.len - 1] == '.')
		domain.len--;
	if (domain.len == 0 || domain.len > RESOLVE_MIXED_MAX || memchr(domain.p, '\0', domain.len))
		return false;
	text = mem_copy(domain);
	for (size_t i = 0; text[i]; i++)
		text[i] = str_lower(text[i]);
	if (resolve_is_name(text))
		buf_str(out, text);
	else if (idn2_to_ascii_8z(text, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) == IDN2_OK
	    && resolve_is_name(ascii))
		buf_str(out, ascii);
	good = out->len > from;
	idn2_free(ascii);
	free(text);
	return good;
}
