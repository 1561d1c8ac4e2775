/*
 * ctl_quarantine.c - bivalvectl quarantine: what is kept there, and what becomes of it.
 *
 * Root reads none of it: a process with the rights of whoever owns the directory does, for good.
 * To release a message root only learns the name of a user, letters and digits, and gets the open
 * message, which he hands on to a process with that user's rights.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "act/kept.h"
#include "act/place.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/message.h"
#include "core/words.h"
#include "flow/flow.h"
#include "mail/field.h"
#include "mail/spool.h"
#include "proc/direct.h"
#include "proc/drop.h"
#include "proc/supervisor.h"
#include "proc/users.h"
#include "tools/ctl.h"
#include "tools/ctlterm.h"

#define QUARANTINE_IDS 1000
#define QUARANTINE_HEAD_MAX (256u << 10)   /* bytes of a header that show and digest look at */
#define QUARANTINE_ENTRY_MAX 16384         /* bytes of what the clerk says of one message */
#define QUARANTINE_USER_MAX 64
#define QUARANTINE_DAY 86400
#define QUARANTINE_SENDMAIL "/usr/sbin/sendmail"

static const struct ctl_option quarantine_options[] = {
	{ 'u', "user", "USER", "only for this one; release: to this one" },
	{ 0, "days", "N", "expire: older than (30); digest: newer (1)" },
	{ 0, "keep", NULL, "release: keep it in the quarantine, too" },
	{ 0, "raw", NULL, "show: the message as it is" },
	{ 0, "send", NULL, "digest: mail it instead of printing it" },
	{ 0, "config", "FILE", "configuration" },
	{ 0, "json", NULL, "list, show: print JSON" },
	{ 0, NULL, NULL, NULL },
};

struct quarantine {
	const char *config, *user, *ids[QUARANTINE_IDS + 1];
	size_t nids;
	long days;
	bool keep, raw, send, as_json;
	struct conf conf;
	struct account owner, self;
	struct buf dir;
	int fd;
	struct kept_list list;
	struct buf out;
	int status;
	bool none;                     /* there is no directory yet: nothing is kept */
};

typedef int quarantine_work(struct quarantine *q, struct fail *why);

extern const struct ctl_command ctl_quarantine;

/* ---- list and show ---- */

/* The local part without a detail: whose mail it is. */
static size_t
quarantine_user_length(const char *recipient)
{
	return strcspn(recipient, "@+");
}

static bool
quarantine_is_for(const struct kept *k, const char *user)
{
	size_t n = quarantine_user_length(k->recipient);

	return !user || (strlen(user) == n && strncmp(user, k->recipient, n) == 0);
}

static void
quarantine_when(time_t t, struct buf *out)
{
	char text[32] = "?";
	struct tm tm;

	if (localtime_r(&t, &tm))
		strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm);
	buf_str(out, text);
}

static void
quarantine_json_entry(struct json *j, const struct kept *k)
{
	json_object(j, NULL);
	json_str(j, "id", k->id);
	json_number(j, "time", (long long)k->time);
	json_number(j, "size", k->size);
	json_str(j, "sender", k->sender);
	json_str(j, "recipient", k->recipient);
	json_str(j, "detail", k->detail);
	json_str(j, "client", k->client);
	json_str(j, "status", k->status);
	json_str(j, "virus", k->virus);
	json_str(j, "reason", k->reason);
	json_str(j, "rule", k->rule);
	json_str(j, "queue_id", k->queue_id);
	json_end(j);
}

static void
quarantine_row(struct ctlterm_table *t, const struct kept *k)
{
	struct buf when = BUF_INIT;

	quarantine_when(k->time, &when);
	ctlterm_cell(t, (struct bytes){ k->id, 12 });
	ctlterm_cell(t, buf_view(&when));
	ctlterm_cell_number(t, k->size);
	ctlterm_cell(t, bytes_of(k->recipient));
	ctlterm_cell(t, bytes_of(*k->sender ? k->sender : "<>"));
	ctlterm_cell(t, bytes_of(*k->virus ? k->virus : *k->reason ? k->reason : k->status));
	buf_clear(&when);
}

static int
quarantine_list(struct quarantine *q, struct fail *why)
{
	static const char *const heads[] = { "ID", "TIME", ">SIZE", "RECIPIENT", "SENDER", "WHY",
		NULL };
	struct ctlterm_table t;
	struct json j;
	size_t n = 0;

	(void)why;
	json_init(&j, &q->out);
	ctlterm_table(&t, heads);
	if (q->as_json)
		json_array(&j, NULL);
	for (size_t i = 0; i < q->list.n; i++) {
		if (!quarantine_is_for(&q->list.item[i], q->user))
			continue;
		n++;
		if (q->as_json)
			quarantine_json_entry(&j, &q->list.item[i]);
		else
			quarantine_row(&t, &q->list.item[i]);
	}
	if (q->as_json)
		json_end(&j);
	if (!q->as_json && n > 0)
		ctlterm_table_end(&t, &q->out);
	else if (!q->as_json)
		buf_str(&q->out, "The quarantine holds nothing.\n");
	buf_clear(&t.cells);
	return 0;
}

static void
quarantine_show_text(struct quarantine *q, const struct kept *k)
{
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "ID", k->id }, { "Recipient", k->recipient }, { "Sender", k->sender },
		{ "Client", k->client }, { "Status", k->status }, { "Virus", k->virus },
		{ "Reason", k->reason }, { "Recipe", k->rule }, { "Queue id", k->queue_id },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		buf_printf(&q->out, "%-10s ", rows[i].name);
		ctlterm_text(&q->out, bytes_of(rows[i].value));
		buf_byte(&q->out, '\n');
	}
	buf_printf(&q->out, "%-10s ", "Kept since");
	quarantine_when(k->time, &q->out);
	buf_printf(&q->out, "\n%-10s %lld bytes\n\n", "Size", k->size);
}

/* The header, of the message as far as it is looked at. */
static struct bytes
quarantine_head(int fd, struct buf *text)
{
	char *room = buf_room(text, QUARANTINE_HEAD_MAX);
	ssize_t n = fd_read_full(fd, room, QUARANTINE_HEAD_MAX);

	buf_grew(text, n > 0 ? (size_t)n : 0);
	return bytes_first(buf_view(text), message_head_length(buf_view(text)));
}

static int
quarantine_show_raw(int fd, struct fail *why)
{
	char room[65536];
	ssize_t n;

	if (ctlterm_is_tty())
		return fail_set(why, FAIL_USAGE, "--raw: these bytes are not for a terminal");
	while ((n = fd_read_full(fd, room, sizeof room)) > 0)
		if (fd_write_all(STDOUT_FILENO, room, (size_t)n) < 0)
			return fail_errno(why, "standard output");
	return n < 0 ? fail_errno(why, "quarantine") : 0;
}

static int
quarantine_show_one(struct quarantine *q, const struct kept *k, struct json *j, struct fail *why)
{
	struct buf text = BUF_INIT;
	struct bytes rest, line;
	int fd = kept_message(q->fd, k, why), rc = 0;

	if (fd < 0)
		return -1;
	if (q->raw) {
		rc = quarantine_show_raw(fd, why);
	} else if (q->as_json) {
		quarantine_json_entry(j, k);
	} else {
		quarantine_show_text(q, k);
		rest = quarantine_head(fd, &text);
		while (bytes_line(&rest, &line)) {
			ctlterm_text(&q->out, line);
			buf_byte(&q->out, '\n');
		}
	}
	fd_close(&fd);
	buf_clear(&text);
	return rc;
}

static int
quarantine_show(struct quarantine *q, struct fail *why)
{
	struct json j;
	int rc = 0;

	json_init(&j, &q->out);
	if (q->as_json)
		json_array(&j, NULL);
	for (size_t i = 0; i < q->nids && rc == 0; i++) {
		const struct kept *k = kept_find(&q->list, q->ids[i], why);

		rc = k ? quarantine_show_one(q, k, &j, why) : -1;
	}
	if (q->as_json)
		json_end(&j);
	return rc;
}

/* ---- delete and expire ---- */

static int
quarantine_delete(struct quarantine *q, struct fail *why)
{
	for (size_t i = 0; i < q->nids; i++) {
		const struct kept *k = kept_find(&q->list, q->ids[i], why);

		if (!k || kept_delete(q->fd, k, why) < 0)
			return -1;
		log_notice("quarantine: %s deleted", k->id);
		buf_printf(&q->out, "%s deleted\n", k->id);
	}
	return 0;
}

static int
quarantine_expire(struct quarantine *q, struct fail *why)
{
	time_t limit = time(NULL) - (q->days < 0 ? 30 : q->days) * QUARANTINE_DAY;
	size_t n = 0;

	for (size_t i = 0; i < q->list.n && q->list.item[i].time < limit; i++, n++)
		if (kept_delete(q->fd, &q->list.item[i], why) < 0)
			return -1;
	if (n)
		log_notice("quarantine: %zu messages expired", n);
	buf_printf(&q->out, "%zu deleted, %zu left\n", n, q->list.n - n);
	return 0;
}

/* ---- digest ---- */

static bool
quarantine_is_address(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "._+=@-");

	return n > 0 && text[n] == '\0' && text[0] != '-';
}

static void
quarantine_digest_entry(struct quarantine *q, const struct kept *k, struct buf *mail)
{
	struct buf text = BUF_INIT, subject = BUF_INIT;
	struct fail why = { 0 };
	struct field field;
	int fd = kept_message(q->fd, k, &why);

	if (fd >= 0 && field_find(quarantine_head(fd, &text), "Subject", &field))
		words_decode(field.value, &subject);
	buf_str(mail, "\n");
	quarantine_when(k->time, mail);
	buf_str(mail, "  from ");
	ctlterm_short(mail, bytes_of(*k->sender ? k->sender : "<>"), 60);
	buf_str(mail, "\n  Subject: ");
	ctlterm_short(mail, buf_view(&subject), 66);
	buf_str(mail, "\n  kept for: ");
	ctlterm_short(mail, bytes_of(*k->virus ? k->virus : k->reason), 60);
	buf_printf(mail, "\n  id: %.12s\n", k->id);
	fd_close(&fd);
	buf_clear(&text);
	buf_clear(&subject);
}

static int
quarantine_send(const char *to, const struct buf *mail, struct fail *why)
{
	int pair[2], status = -1;
	pid_t pid;

	signal(SIGPIPE, SIG_IGN); /* sendmail may end before it has read all */
	if (pipe(pair) < 0 || (pid = fork()) < 0)
		return fail_errno(why, "digest");
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		dup2(pair[0], STDIN_FILENO);
		close_range(3, ~0U, 0);
		execl(QUARANTINE_SENDMAIL, "sendmail", "-oi", "-f", "<>", "--", to, (char *)NULL);
		_exit(EX_OSFILE);
	}
	fd_close(&pair[0]);
	if (fd_write_all(pair[1], mail->p, mail->len) < 0)
		log_warning("digest for %s: %s", to, strerror(errno));
	fd_close(&pair[1]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0 ? 0 : fail_temp(why, "digest for %s: %s did not take it", to,
	    QUARANTINE_SENDMAIL);
}

/* All of one recipient's, from the first of them on. */
static int
quarantine_digest_for(struct quarantine *q, size_t first, bool *done, struct fail *why)
{
	const char *to = q->list.item[first].recipient;
	struct buf mail = BUF_INIT, body = BUF_INIT;
	size_t n = 0;
	int rc = 0;

	for (size_t i = first; i < q->list.n; i++)
		if (!done[i] && strcmp(q->list.item[i].recipient, to) == 0) {
			done[i] = true;
			quarantine_digest_entry(q, &q->list.item[i], &body);
			n++;
		}
	buf_printf(&mail, "From: Mail quarantine <postmaster>\nTo: %s\nSubject: %zu message%s in "
	    "the quarantine\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\nContent-Type: "
	    "text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nThese messages to you "
	    "were kept back. To have one, tell your administrator its id.\n%s", to, n,
	    n == 1 ? "" : "s", body.p);
	if (q->send)
		rc = quarantine_send(to, &mail, why);
	else
		buf_printf(&q->out, "%s\n", mail.p);
	if (q->send && rc == 0)
		buf_printf(&q->out, "%s: %zu\n", to, n);
	buf_clear(&mail);
	buf_clear(&body);
	return rc;
}

static int
quarantine_digest(struct quarantine *q, struct fail *why)
{
	time_t since = time(NULL) - (q->days < 0 ? 1 : q->days) * QUARANTINE_DAY;
	bool *done = mem_array(q->list.n + 1, sizeof *done);
	int rc = 0;

	for (size_t i = 0; i < q->list.n; i++)
		done[i] = q->list.item[i].time < since
		    || !quarantine_is_for(&q->list.item[i], q->user)
		    || !quarantine_is_address(q->list.item[i].recipient);
	for (size_t i = 0; i < q->list.n && rc == 0; i++)
		if (!done[i])
			rc = quarantine_digest_for(q, i, done, why);
	free(done);
	return rc;
}

/* ---- release ---- */

/* What the clerk, who may read the quarantine, says of one message. */
enum { ENTRY_USER, ENTRY_RECIPIENT, ENTRY_DETAIL, ENTRY_SENDER, ENTRY_CLIENT, ENTRY_QUEUE_ID,
	ENTRY_ID, ENTRY_FIELDS };

struct quarantine_release {
	struct quarantine *q;
	const char *fields[ENTRY_FIELDS];
	int message;
	uid_t by;                 /* who asks, whatever rights the delivery has */
};

static int
quarantine_clerk_one(struct quarantine *q, int sock, const char *id, struct fail *why)
{
	const struct kept *k = kept_find(&q->list, id, why);
	int fd = k ? kept_message(q->fd, k, why) : -1, rc = 0;
	struct buf said = BUF_INIT;
	const char *fields[ENTRY_FIELDS];
	char answer = 0;

	if (fd < 0)
		return -1;
	fields[ENTRY_USER] = "";
	fields[ENTRY_RECIPIENT] = k->recipient;
	fields[ENTRY_DETAIL] = k->detail;
	fields[ENTRY_SENDER] = k->sender;
	fields[ENTRY_CLIENT] = k->client;
	fields[ENTRY_QUEUE_ID] = k->queue_id;
	fields[ENTRY_ID] = k->id;
	buf_add(&said, k->recipient, quarantine_user_length(k->recipient));
	for (size_t i = 0; i < ENTRY_FIELDS; i++) {
		buf_bytes(&said, bytes_first(bytes_of(fields[i]), QUARANTINE_ENTRY_MAX / 8));
		buf_byte(&said, '\0');
	}
	if (fd_send(sock, said.p, said.len, fd) < 0 || read(sock, &answer, 1) != 1)
		rc = fail_errno(why, "release");
	if (rc == 0 && answer == 'D')
		rc = kept_delete(q->fd, k, why);
	fd_close(&fd);
	buf_clear(&said);
	return rc;
}

/* In a process that has the rights of the quarantine's owner, and no others. */
static _Noreturn void
quarantine_clerk(struct quarantine *q, int sock)
{
	struct fail why = { 0 };
	int rc = geteuid() == 0 ? drop_to(&q->owner, &why) : 0;

	if (rc == 0)
		rc = q->fd = kept_open(q->dir.p, &why);
	if (rc >= 0)
		rc = kept_read(q->fd, &q->list, &why);
	for (size_t i = 0; i < q->nids && rc == 0; i++)
		rc = quarantine_clerk_one(q, sock, q->ids[i], &why);
	_exit(rc < 0 ? ctl_fail(&ctl_quarantine, &why) : 0);
}

static int
quarantine_deliver(void *ctx, const struct services *services)
{
	struct quarantine_release *r = ctx;
	const struct conf *c = &r->q->conf;
	static const char *const none[] = { NULL };
	struct envelope env = { .id = r->fields[ENTRY_QUEUE_ID], .read_us = -1,
		.sender = r->fields[ENTRY_SENDER], .rcpt = r->fields[ENTRY_RECIPIENT],
		.client = r->fields[ENTRY_CLIENT], .detail = r->fields[ENTRY_DETAIL] };
	struct delivery d = { .conf = c, .env = &env, .account = &r->q->self,
		.services = services, .assignments = none, .rcfiles = none, .arguments = none,
		.for_mta = true, .released = true };
	struct spool_options o = { c->spool_dir, (size_t)c->spool_memory << 10, 0 };
	struct outcome out = { 0 };
	struct fail why = { 0 };
	struct store *message = spool_read(r->message, &o, &why);
	int status;

	if (!message)
		return ctl_fail(&ctl_quarantine, &why);
	d.arguments = (const char *const[]){ *env.detail ? env.detail : NULL, NULL };
	log_context(r->fields[ENTRY_ID]);
	log_notice("released from the quarantine by uid %lu", (unsigned long)r->by);
	status = flow_deliver(&d, message, &out);
	store_unref(&message);
	return status;
}

/* Only a plain name is looked up with root's rights. */
static int
quarantine_account(struct quarantine *q, const char *name, struct fail *why)
{
	size_t n = strlen(name);

	if (q->user)
		return users_find(q->user, &q->self, why);
	if (n == 0 || n > QUARANTINE_USER_MAX || !quarantine_is_address(name) || strchr(name, '@'))
		return fail_temp(why, "the recipient is no user's plain name: name one with -u");
	return users_find(name, &q->self, why);
}

static int
quarantine_release_one(struct quarantine_release *r, struct fail *why)
{
	struct quarantine *q = r->q;
	struct services services;
	int status;

	if (geteuid() != 0) {
		direct_services(&services, &q->conf, &q->owner);
		q->self = q->owner;
		status = quarantine_deliver(r, &services);
		memset(&q->self, 0, sizeof q->self);
		return status;
	}
	if (quarantine_account(q, r->fields[ENTRY_USER], why) < 0)
		return -1;
	if (q->self.uid == 0)
		status = fail_temp(why, "nothing is delivered with root's rights: name a user with "
		    "-u");
	else
		status = supervisor_run(&q->conf, &q->self, quarantine_deliver, r, why);
	users_clear(&q->self);
	return status;
}

static bool
quarantine_unpack(char *said, size_t len, struct quarantine_release *r)
{
	char *p = said;

	for (int i = 0; i < ENTRY_FIELDS; i++) {
		char *nul = p < said + len ? memchr(p, '\0', (size_t)(said + len - p)) : NULL;

		if (!nul)
			return false;
		r->fields[i] = p;
		p = nul + 1;
	}
	return p == said + len;
}

static int
quarantine_release_all(struct quarantine *q, int sock, struct fail *why)
{
	char said[QUARANTINE_ENTRY_MAX];
	struct quarantine_release r = { .q = q, .message = -1, .by = getuid() };
	ssize_t n;
	int status;

	while ((n = fd_recv(sock, said, sizeof said, &r.message)) > 0) {
		if (r.message < 0 || !quarantine_unpack(said, (size_t)n, &r))
			return fail_temp(why, "release: no message");
		status = quarantine_release_one(&r, why);
		fd_close(&r.message);
		if (status < 0)
			return -1;
		buf_printf(&q->out, "%s %s\n", r.fields[ENTRY_ID], status == 0 ? "released"
		    : "could not be delivered now (see the log) and is kept");
		q->status = status ? CTL_NO : q->status;
		if (write(sock, status == 0 && !q->keep ? "D" : "K", 1) != 1)
			return fail_errno(why, "release");
	}
	return 0;
}

static int
quarantine_release(struct quarantine *q, struct fail *why)
{
	int pair[2], status = 0, rc;
	pid_t pid;

	log_notices(true); /* what became of it */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(why, "release");
	pid = fork();
	if (pid < 0)
		return fail_errno(why, "release");
	if (pid == 0) {
		fd_close(&pair[0]);
		quarantine_clerk(q, pair[1]);
	}
	fd_close(&pair[1]);
	rc = quarantine_release_all(q, pair[0], why);
	fd_close(&pair[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (rc == 0 && status != 0)
		q->status = CTL_NO; /* the clerk has said why */
	return rc;
}

/* ---- where, and as whom ---- */

static const struct {
	const char *name;
	quarantine_work *work;
	bool ids;
} quarantine_works[] = {
	{ "list", quarantine_list, false }, { "show", quarantine_show, true },
	{ "release", quarantine_release, true }, { "delete", quarantine_delete, true },
	{ "expire", quarantine_expire, false }, { "digest", quarantine_digest, false },
};

/* Whose rights the work gets: a link is followed where only root can have made it. */
static int
quarantine_whose(const struct quarantine *q, uid_t *uid_r, struct fail *why)
{
	struct act_env none = { 0 };
	struct place place;
	struct stat st;
	int rc;

	if (place_find(&place, &none, q->dir.p, why) < 0)
		return -1;
	rc = fstatat(place.dir, place.name, &st, AT_SYMLINK_NOFOLLOW);
	place_clear(&place);
	if (rc < 0)
		return fail_errno(why, "quarantine %s", q->dir.p);
	*uid_r = st.st_uid;
	return 0;
}

static int
quarantine_place(struct quarantine *q, struct fail *why)
{
	struct stat st;
	uid_t uid = 0;

	if (ctl_conf(q->config, &q->conf, why) < 0)
		return -1;
	if (geteuid() != 0 && users_find_uid(geteuid(), &q->owner, why) < 0)
		return -1;
	if (*q->conf.quarantine)
		buf_str(&q->dir, q->conf.quarantine);
	else if (geteuid() == 0)
		buf_str(&q->dir, STATEDIR "/quarantine");
	else
		buf_printf(&q->dir, "%s/.local/state/bivalve/quarantine", q->owner.home);
	if (lstat(q->dir.p, &st) < 0) {
		/* The first message that is kept makes a user's own. */
		q->none = errno == ENOENT && geteuid() != 0 && !*q->conf.quarantine;
		return q->none ? 0 : fail_errno(why, "quarantine %s", q->dir.p);
	}
	if (geteuid() != 0)
		return 0;
	if (quarantine_whose(q, &uid, why) < 0)
		return -1;
	if (uid == 0)
		return fail_temp(why, "quarantine %s belongs to root: give it to scan_user",
		    q->dir.p);
	return users_find_uid(uid, &q->owner, why);
}

static int
quarantine_do(struct quarantine *q, const char *word, struct fail *why)
{
	size_t i = 0, n = sizeof quarantine_works / sizeof quarantine_works[0];

	while (word && i < n && strcmp(word, quarantine_works[i].name) != 0)
		i++;
	if (!word || i == n)
		return fail_set(why, FAIL_USAGE, "list, show, release, delete, expire or digest?");
	if (quarantine_works[i].ids && q->nids == 0)
		return fail_set(why, FAIL_USAGE, "%s needs an id", word);
	if (quarantine_place(q, why) < 0)
		return -1;
	if (q->none && !quarantine_works[i].ids)
		return quarantine_works[i].work(q, why);
	if (quarantine_works[i].work == quarantine_release)
		return quarantine_release(q, why);
	if (geteuid() == 0 && drop_to(&q->owner, why) < 0)
		return -1;
	q->fd = kept_open(q->dir.p, why);
	if (q->fd < 0 || kept_read(q->fd, &q->list, why) < 0)
		return -1;
	return quarantine_works[i].work(q, why);
}

static int
quarantine_arguments(struct quarantine *q, int argc, char **argv, const char **word,
    struct fail *why)
{
	struct ctl_scan s;
	int i;

	ctl_scan(&s, &ctl_quarantine, argc, argv);
	while ((i = ctl_next(&s, why)) != CTL_END) {
		switch (i) {
		case 0: q->user = s.value; break;
		case 1:
			if (!str_long(s.value, 0, 100000, &q->days))
				return fail_set(why, FAIL_USAGE, "--days needs a number");
			break;
		case 2: q->keep = true; break;
		case 3: q->raw = true; break;
		case 4: q->send = true; break;
		case 5: q->config = s.value; break;
		case 6: q->as_json = true; break;
		case CTL_WORD:
			if (!*word)
				*word = s.value;
			else if (q->nids < QUARANTINE_IDS)
				q->ids[q->nids++] = s.value;
			else
				return fail_set(why, FAIL_USAGE, "too many ids");
			break;
		default: return -1;
		}
	}
	return 0;
}

static int
quarantine_run(int argc, char **argv)
{
	struct quarantine q = { .days = -1, .fd = -1, .dir = BUF_INIT, .out = BUF_INIT };
	struct fail why = { 0 };
	const char *word = NULL;
	int rc = quarantine_arguments(&q, argc, argv, &word, &why), status;

	if (rc == 0)
		rc = quarantine_do(&q, word, &why);
	status = ctl_print(&ctl_quarantine, &q.out);
	if (rc < 0)
		status = ctl_fail(&ctl_quarantine, &why);
	else if (status == 0)
		status = q.status;
	fd_close(&q.fd);
	kept_clear(&q.list);
	users_clear(&q.owner);
	conf_clear(&q.conf);
	buf_clear(&q.dir);
	buf_clear(&q.out);
	return status;
}

static const char *const quarantine_words[] = { "list", "show", "release", "delete", "expire",
	"digest", NULL };

const struct ctl_command ctl_quarantine = {
	.name = "quarantine",
	.summary = "Lists, shows, releases, deletes what the quarantine keeps.",
	.usage = "list|show|release|delete|expire|digest [ID ...]",
	.options = quarantine_options,
	.words = quarantine_words,
	.run = quarantine_run,
};
