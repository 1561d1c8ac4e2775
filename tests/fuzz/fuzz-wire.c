/*
 * fuzz-wire.c - what the processes say to each other, from a sender that has been taken over.
 *
 * The first byte chooses the receiver; behind it come packets: two bytes of length (the highest bit:
 * with a descriptor) and so many bytes.  Every receiver must keep to what its sender may do, read
 * nothing that was not sent, and leave no descriptor behind.  Their files are included to reach
 * what is static; what they would start or signal is caught here.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/types.h>

static int fuzz_kill(pid_t pid, int sig);
#define kill fuzz_kill

#include "proc/engines.c"
#include "proc/helper.c"
#include "proc/pool.c"
#include "proc/recipient.c"
#undef kill

#include "core/lookup.h"
#include "core/patch.h"
#include "fuzz.h"
#include "proc/order.h"
#include "proc/permit.h"
#include "proc/scanuser.h"
#include "proc/seat.h"
#include "proc/status.h"

#define RECIPIENTS 5

static int killed;

static int
fuzz_kill(pid_t pid, int sig)
{
	fuzz_check(pid == 1 && sig == SIGKILL);
	killed++;
	return 0;
}

/* ---- what the receivers would have done ---- */

static size_t
touch(const char *text)
{
	fuzz_check(text != NULL);
	return strlen(text);
}

int
flow_deliver(const struct delivery *d, struct store *message, struct outcome *out)
{
	fuzz_check(d->account->uid == 7 && message->bytes.len == 4);
	touch(d->env->id);
	touch(d->env->sender);
	touch(d->env->rcpt);
	touch(d->env->client);
	touch(d->env->detail);
	out->code = OUTCOME_FAILED;
	out->why.kind = FAIL_POLICY;
	return (int)touch(d->env->detail) % 80;
}

int
users_find(const char *name, struct account *a, struct fail *why)
{
	if (touch(name) % 3 == 0)
		return fail_set(why, FAIL_NOUSER, "no %s", name);
	*a = (struct account){ .name = "b", .uid = 6 + touch(name) % 3, .gid = 7 };
	return 0;
}

int
users_find_weak(const struct conf *conf, struct account *a, struct fail *why)
{
	(void)conf;
	(void)a;
	return fail_temp(why, "never");
}

int
users_root_alias(const struct conf *conf, struct account *a, struct fail *why)
{
	(void)conf;
	(void)a;
	return fail_temp(why, "no alias");
}

void
users_clear(struct account *a)
{
	memset(a, 0, sizeof *a);
}

int
scanuser_become(const struct conf *conf, struct fail *why)
{
	(void)conf;
	return fail_temp(why, "never");
}

int
quarantine_store(const char *dir, const struct quarantine_entry *e, struct bytes head,
    struct bytes body, char id_r[QUARANTINE_ID_SIZE], struct fail *why)
{
	(void)dir;
	(void)e;
	(void)head;
	(void)body;
	(void)id_r;
	return fail_temp(why, "never");
}

/* ---- receivers ---- */

static void
hear_orders(int sock)
{
	struct order_state s = { 0 };
	struct order o;
	long lookups = 0, deliveries = 0;
	bool message = false;
	int fd;

	while (order_receive(sock, &o, &fd) > 0) {
		bool fine = order_allowed(&s, &o, fd >= 0, RECIPIENTS), has_fd = fd >= 0;

		fd_close(&fd);
		if (!fine)
			return;
		lookups += o.kind == ORDER_LOOKUP;
		message = o.kind == ORDER_MESSAGE || (message && o.kind != ORDER_FILE);
		deliveries = o.kind == ORDER_MESSAGE ? 0 : deliveries + (o.kind == ORDER_DELIVER);
		fuzz_check(lookups <= 100 && deliveries <= RECIPIENTS);
		fuzz_check(o.number == 0 || o.kind == ORDER_DELIVER || o.kind == ORDER_MESSAGE);
		fuzz_check(o.kind != ORDER_DELIVER || (message && has_fd && o.number != 0));
		fuzz_check(o.kind != ORDER_MESSAGE || !has_fd);
	}
	fuzz_check(fd == -1);
}

static void
hear_questions(int sock)
{
	char room[LOOKUP_QUESTION_MAX];
	struct lookup q;
	int rc;

	do {
		q.fd = -1;
		rc = lookup_receive(sock, room, &q);
		if (rc > 0)
			fuzz_check(touch(q.subject) + touch(q.key) + touch(q.name) < sizeof room);
		fd_close(&q.fd);
	} while (rc > 0);
}

static void
hear_answer(int sock)
{
	struct lookup q = { .kind = LOOKUP_DNS, .subject = "a", .key = "b", .fd = -1 };
	struct buf out = BUF_INIT;
	struct fail why = { 0 };
	int rc = lookup_ask(sock, &q, 1, &out, &why);

	fuzz_check(rc == 0 || (why.kind == FAIL_TEMP && out.len == 0));
	fuzz_check(out.len < LOOKUP_ANSWER_MAX && touch(why.text) < sizeof why.text);
	buf_clear(&out);
}

static void
hear_user(int sock)
{
	struct usersearch_answer answer;

	usersearch_ask(sock, "some+detail", &answer);
	fuzz_check(answer.user_len <= strlen("some+detail"));
	fuzz_check(answer.kind == FAIL_NONE || answer.kind == FAIL_NOUSER ||
	    answer.kind == FAIL_USERDB || answer.kind == FAIL_TEMP);
	fuzz_check(memchr(answer.text, '\0', sizeof answer.text) != NULL);
}

static void
hear_delivery(int sock)
{
	struct fail out;

	recipient_answer(sock, &out);
	fuzz_check(out.kind < FAIL_KINDS && memchr(out.text, '\0', sizeof out.text) != NULL);
}

static void
hear_envelope(int sock)
{
	const struct account account = { .name = "a", .uid = 7, .gid = 7 };
	static const struct conf conf = { .mta_names = "mx.test" };
	int fd = memfd_create("message", MFD_CLOEXEC);

	fuzz_check(fd >= 0 && fd_write_all(fd, "a:b\n", 4) == 0);
	recipient_deliver(&conf, &account, sock, fd, &(struct services){ 0 });
}

static void
hear_quarantine(int sock)
{
	char meta[HELPER_META_MAX], id[QUARANTINE_ID_SIZE];
	struct quarantine_entry e = { 0 };
	struct fail why = { 0 };
	int fd;
	ssize_t n = fd_recv(sock, meta, sizeof meta, &fd);

	fd_close(&fd);
	if (n > 0 && helper_unpack(meta, (size_t)n, &e) == 0)
		fuzz_check(touch(e.queue_id) + touch(e.virus) + touch(e.rule) < sizeof meta);
	if (helper_ask_quarantine(sock, &e, -1, id, &why) == 0)
		fuzz_check(touch(id) < sizeof id);
	else
		fuzz_check(why.kind == FAIL_TEMP);
}

static void
hear_pool(int sock)
{
	const unsigned char digest[SUSPECT_DIGEST] = { 0 };
	const struct seat seat = { .channel = sock };
	bool suspects = false;
	int fd = seat_next(&seat, &suspects);

	fd_close(&fd);
	fuzz_check(seat_ask_welcome(&seat, digest, suspects) == 1 || suspects);
}

static void
hear_seat(int sock)
{
	static struct pool p;
	struct pool_member *m = &p.member[0];
	uint64_t counted = 0;

	memset(&p, 0, sizeof p);
	p.s = (struct pool_settings){ .members = 1, .turn = 1, .messages = 3 };
	*m = (struct pool_member){ .state = POOL_SERVING, .pid = 1, .channel = dup(sock) };
	killed = 0;
	pool_read(&p, m);
	fuzz_check(m->state != POOL_FREE && m->doomed >= (killed > 0));
	for (int i = 0; i < POOLSTAT_VERDICTS; i++)
		counted += p.stat.verdicts[i];
	fuzz_check(counted <= p.stat.times[POOLSTAT_SCAN].count);
	fd_close(&m->channel);
}

static void
check_status(const struct poolstat *stat)
{
	struct status status = { .pool = *stat };
	struct buf out = BUF_INIT;

	status_json(&status, &out);
	fuzz_check(out.len > 2 && out.p[0] == '{' && memcmp(out.p + out.len - 2, "}\n", 2) == 0);
	buf_cut(&out, 0);
	status_metrics(&status, &out);
	fuzz_check(bytes_starts(buf_view(&out), "# HELP "));
	buf_clear(&out);
}

static bool
waits(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void
hear_engine(int sock)
{
	static const struct conf conf = { .database = "" };
	struct engines e = { .conf = &conf };
	struct engines_one *one = &e.one[0];
	int before;

	*one = (struct engines_one){ .state = ENGINES_LOADING, .pid = 1, .control = dup(sock) };
	killed = 0;
	do {
		before = one->control;
		engines_hear(&e, one->control);
	} while (one->control == before && waits(before));
	fuzz_check(!e.has_stat || one->state == ENGINES_SERVING);
	if (e.has_stat)
		check_status(&e.stat);
	fd_close(&one->control);
}

static void
hear_requests(int sock)
{
	struct permit p = { .shared = true };
	unsigned char byte;
	int fd;

	while (fd_recv(sock, &byte, 1, &fd) == 1) {
		bool fine = permit_ask(&p, byte);

		fd_close(&fd);
		fuzz_check(!fine || strchr("SQLMPV", byte));
	}
	for (int i = 0; i < PERMIT_KINDS; i++)
		fuzz_check(p.asked[i] <= 64);
}

/* A stream, not packets. */
static void
hear_patch(struct bytes wire)
{
	const struct bytes original[2] = { bytes_of("head\n\n"), bytes_of("body\n") };
	int pair[2], out = memfd_create("new", MFD_CLOEXEC);
	struct fail why = { 0 };

	fuzz_check(out >= 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	fuzz_check(fd_write_all(pair[0], wire.p, wire.len) == 0);
	close(pair[0]);
	if (patch_receive(pair[1], original, 1000, out, &why) < 0)
		fuzz_check(why.kind == FAIL_SCAN && why.text[0]);
	fuzz_check(lseek(out, 0, SEEK_END) <= 1000);
	close(pair[1]);
	close(out);
}

/* ---- */

typedef void hear_fn(int sock);

static hear_fn *const hearers[] = {
	hear_orders, hear_questions, hear_answer, hear_user, hear_delivery, hear_envelope,
	hear_quarantine, hear_pool, hear_seat, hear_engine, hear_requests,
};

#define HEARERS (sizeof hearers / sizeof *hearers)

static void
send_packets(int sock, struct bytes rest)
{
	while (rest.len >= 2) {
		unsigned high = (unsigned char)rest.p[1];
		size_t len = (unsigned char)rest.p[0] | (high & 0x7f) << 8;
		struct bytes packet = bytes_first(bytes_from(rest, 2), len);

		rest = bytes_from(rest, 2 + packet.len);
		if (packet.len > 0 &&
		    fd_send_now(sock, packet.p, packet.len, high & 0x80 ? sock : -1) < 0)
			return;
	}
}

static int
open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = bytes_from(fuzz_bytes(data, size), 1);
	int pair[2], before = open_descriptors();

	if (size == 0 || size > 65536)
		return 0;
	log_silence();
	if (data[0] % (HEARERS + 1) == HEARERS) {
		hear_patch(rest);
	} else {
		fuzz_check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
		send_packets(pair[0], rest);
		shutdown(pair[0], SHUT_WR);
		hearers[data[0] % (HEARERS + 1)](pair[1]);
		close(pair[0]);
		close(pair[1]);
	}
	fuzz_check(open_descriptors() == before);
	return 0;
}
