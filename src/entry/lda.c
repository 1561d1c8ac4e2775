#include "entry/lda.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/undo.h"
#include "flow/flow.h"
#include "mail/fromline.h"
#include "mail/receivedclient.h"
#include "mail/spool.h"
#include "proc/direct.h"
#include "proc/freeze.h"
#include "proc/parent.h"
#include "proc/supervisor.h"
#include "proc/tally.h"
#include "proc/users.h"
#include "proc/usersearch.h"

#define LDA_SENDER_MAX 1024  /* bytes of an address in a From_ line */
#define LDA_LARGE 1          /* a status of our own: the rest of the message needs a file */

struct lda {
	const struct options *o;
	const struct conf *conf;
	char *const *environ_kept;
	struct account account;
	struct envelope env;
	int input;           /* the message: standard input, or what a reader process has spooled */
	int memory;          /* what it had read when it turned out to be large; -1 */
	size_t size;         /* of that */
	bool shared;         /* input is whole, and nobody can change it */
	struct receivedclient received;
	char sender[LDA_SENDER_MAX];
	bool by_root;        /* root has started us */
};

/* What the sender reads in his bounce: one line, whatever variables and addresses hold. */
static void
lda_say(const struct fail *why)
{
	char text[sizeof why->text];

	snprintf(text, sizeof text, "%s", why->text);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	printf("%s %s\n", fail_class(why->kind)->dsn, text);
	if (fflush(stdout) != 0)
		log_warning("standard output: %s", strerror(errno));
}

static void
lda_tell(const struct lda *l, const struct outcome *out)
{
	if (out->code != OUTCOME_FAILED || !fail_is_permanent(&out->why))
		return;
	if (l->o->for_mta || out->why.kind == FAIL_REJECT)
		lda_say(&out->why);
}

static struct store *
lda_read(const struct lda *l, struct fail *why)
{
	const struct conf *c = l->conf;
	struct spool_options o = { c->spool_dir, (size_t)c->spool_memory << 10,
		(size_t)c->max_message_size << 20 };
	struct store *s = l->shared ? store_from_fd(fcntl(l->input, F_DUPFD_CLOEXEC, 3)) : NULL;

	if (l->shared && !s)
		fail_errno(why, "cannot map the message");
	if (l->shared)
		return s;
	return spool_read(l->input, &o, why);
}

/* Without -c and --id the topmost Received field tells, if our own host wrote it. */
static void
lda_client(struct lda *l, const struct store *message)
{
	l->env.client = l->o->client;
	if ((*l->o->client && *l->o->id) || !receivedclient_ours(bytes_first(message->bytes,
	    message_head_length(message->bytes)), l->conf->mta_names, &l->received))
		return;
	if (!*l->o->client)
		l->env.client = l->received.address;
	if (!*l->o->id)
		l->env.id = l->received.id;
	log_context(*l->env.id ? l->env.id : NULL);
}

/* Without -f, or with "-f -", the From_ line tells, which an MTA writes for a program that
 * ~/.forward names. */
static void
lda_sender(struct lda *l, const struct store *message)
{
	struct bytes head = bytes_first(message->bytes, message_head_length(message->bytes));
	bool given = l->o->from && strcmp(l->o->from, "-") != 0;
	struct fromline from;
	size_t n = 0;

	if (given || !fromline_parse(head, &from))
		return;
	while (n < from.sender.len && from.sender.p[n] && !str_is_space(from.sender.p[n]))
		n++;
	if (n == 0 || n >= sizeof l->sender)
		return;
	snprintf(l->sender, sizeof l->sender, "%.*s", (int)n, from.sender.p);
	l->env.sender = strcmp(l->sender, "MAILER-DAEMON") == 0 ? "" : l->sender;
}

/* What the MTA will make of it counts. */
static enum tally_outcome
lda_outcome(int status, const struct outcome *out)
{
	const struct fail none = { 0 };

	if (status == EX_OK)
		return tally_outcome(out, &none);
	return status == EX_TEMPFAIL ? TALLY_DEFERRED : TALLY_REJECTED;
}

static int
lda_deliver(void *ctx, const struct services *services)
{
	struct lda *l = ctx;
	struct delivery d = {
		.conf = l->conf, .env = &l->env, .account = &l->account, .services = services,
		.assignments = l->o->assignments.item, .rcfiles = l->o->rcfiles.item,
		.arguments = l->o->arguments.item, .environ = l->environ_kept, .from = l->o->from,
		.filter_mode = l->o->filter_mode, .for_mta = l->o->for_mta,
		.soft_fail = l->o->soft_fail, .berkeley = l->o->berkeley,
		.invoker = l->by_root ? "root" : l->account.name,
	};
	struct outcome out = { 0 };
	struct store *message;
	int64_t begun;
	int status;

	begun = clock_us();
	message = lda_read(l, &out.why);
	l->env.read_us = (long)(clock_us() - begun);
	if (!message) {
		log_error("%s", out.why.text);
		return fail_class(out.why.kind)->exit;
	}
	lda_client(l, message);
	lda_sender(l, message);
	begun = clock_us();
	status = flow_deliver(&d, message, &out);
	tally_tell(l->conf->counts_socket, lda_outcome(status, &out), clock_us() - begun);
	if (status == EX_OK)
		parent_note(); /* a clone may go on when the MTA has our word and is gone */
	store_unref(&message);
	lda_tell(l, &out);
	return status;
}

static void
lda_envelope(struct lda *l, const char *recipient)
{
	const struct options *o = l->o;

	l->env = (struct envelope){ .id = o->id, .sender = o->from ? o->from : "",
		.rcpt = recipient, .client = o->client,
		.detail = o->for_mta && o->arguments.n > 0 ? o->arguments.item[0] : "" };
	/* sendmail's way to write the null sender as an argument. */
	if (strcmp(l->env.sender, "MAILER-DAEMON") == 0 || strcmp(l->env.sender, "<>") == 0)
		l->env.sender = "";
	if (strcmp(l->env.sender, "-") == 0)
		l->env.sender = "";
}

static int
lda_fail(const struct fail *why)
{
	log_error("%s", why->text);
	return fail_class(why->kind)->exit;
}

static int
lda_recipient(struct lda *l, const char *recipient, struct fail *why)
{
	/* sendmail's F=u and other MTAs hand the name over as it was written. */
	if (usersearch_user(recipient, strlen(recipient), &l->account, why) < 0) {
		if (why->kind == FAIL_NOUSER)
			lda_say(why);
		return -1;
	}
	lda_envelope(l, recipient);
	return l->account.uid == 0 ? users_root_alias(l->conf, &l->account, why) : 0;
}

/* For the one that there is, in this process. */
static int
lda_as_recipient(struct lda *l)
{
	struct services services;
	struct fail why = { 0 };
	int status;

	if (supervisor_become(l->conf, &l->account, &services, &why) < 0)
		return lda_fail(&why);
	status = lda_deliver(l, &services);
	users_clear(&l->account);
	return status;
}

/* For one of several, in a child. */
static int
lda_in_turn(struct lda *l, const char *recipient)
{
	struct fail why = { 0 };
	int status;

	if (lda_recipient(l, recipient, &why) < 0)
		return lda_fail(&why);
	status = supervisor_run(l->conf, &l->account, lda_deliver, l, &why);
	users_clear(&l->account);
	return status < 0 ? lda_fail(&why) : status;
}

/* Worse is what keeps the mail: one recipient's trouble must not lose it for him. */
static int
lda_worse(int a, int b)
{
	if (a == EX_TEMPFAIL || b == EX_TEMPFAIL)
		return EX_TEMPFAIL;
	return a ? a : b;
}

/* Standard input to where it is held. In memory up to spool_memory: all that was read is there. */
static int
lda_spool_work(void *ctx, const struct services *services)
{
	const struct lda *l = ctx;
	size_t max = (size_t)l->conf->max_message_size << 20, size = l->size;
	size_t memory = (size_t)l->conf->spool_memory << 10;
	const struct spool_options o = { .dir = l->conf->spool_dir };
	struct fail why = { 0 };
	char room[65536];
	ssize_t n;

	(void)services;
	if (l->memory >= 0 && spool_copy(l->memory, size, l->input, &o, &why) < 0)
		return EX_TEMPFAIL;
	while ((n = fd_read_full(STDIN_FILENO, room, sizeof room)) > 0) {
		size += (size_t)n;
		if ((max && size > max) || fd_write_all(l->input, room, (size_t)n) < 0)
			return EX_TEMPFAIL;
		if (l->memory < 0 && size > memory)
			return LDA_LARGE;
	}
	return n < 0 ? EX_TEMPFAIL : EX_OK;
}

/* In a child, for root reads no byte of it. */
static int
lda_spool(struct lda *l, struct fail *why)
{
	int status = supervisor_run(l->conf, &l->account, lda_spool_work, l, why);

	if (status == EX_OK || status == LDA_LARGE)
		return status;
	return fail_temp(why, "the message could not be read whole (spool_dir, max_message_size)");
}

/* A descriptor that can only read, in place of the one that it was written with. */
static int
lda_read_only(struct lda *l, struct fail *why)
{
	int fd = spool_reopen(l->input);

	fd_close(&l->input);
	l->input = fd;
	return fd < 0 ? fail_errno(why, "cannot open the message again (is /proc there?)") : 0;
}

/* No recipient's process shall change what the next one gets. */
static int
lda_seal(struct lda *l, struct fail *why)
{
	if (fcntl(l->input, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW
	    | F_SEAL_WRITE) < 0)
		return fail_errno(why, "the message cannot be sealed");
	return lda_read_only(l, why);
}

/* The rest, too, into a file of root's that recipients can read. */
static int
lda_spool_file(struct lda *l, struct fail *why)
{
	const struct spool_options o = { .dir = l->conf->spool_dir };
	off_t size = lseek(l->input, 0, SEEK_END);
	int status;

	l->memory = l->input;
	l->size = size < 0 ? 0 : (size_t)size;
	l->input = spool_file(&o, why);
	status = l->input < 0 ? -1 : lda_spool(l, why);
	fd_close(&l->memory);
	if (status < 0)
		return -1;
	if (fchmod(l->input, 0444) < 0)
		return fail_errno(why, "file for the message");
	if (lda_read_only(l, why) < 0)
		return -1;
	l->input = freeze_file(l->input, l->conf, &l->account, why);
	return l->input < 0 ? -1 : 0;
}

/* Several recipients share one reading of the message, done by a process without rights. */
static int
lda_share_input(struct lda *l, struct fail *why)
{
	int status;

	l->input = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (l->input < 0)
		return fail_errno(why, "the message cannot be held");
	if (users_find("nobody", &l->account, why) < 0)
		return -1;
	status = lda_spool(l, why);
	if (status == EX_OK)
		status = lda_seal(l, why);
	else if (status == LDA_LARGE)
		status = lda_spool_file(l, why);
	users_clear(&l->account);
	l->shared = status == 0;
	return status;
}

static int
lda_for_recipients(struct lda *l)
{
	const struct options_list *list = &l->o->recipients;
	struct fail why = { 0 };
	int status = EX_OK;

	if (list->n == 1)
		return lda_recipient(l, list->item[0], &why) < 0 ? lda_fail(&why)
		    : lda_as_recipient(l);
	if (lda_share_input(l, &why) < 0)
		return lda_fail(&why);
	for (int i = 0; i < list->n; i++)
		status = lda_worse(status, lda_in_turn(l, list->item[i]));
	return status;
}

/* -m with a file of the site's: its owner's rights, never root's. */
static int
lda_filter_as_owner(struct lda *l)
{
	const char *rcfile = l->o->rcfiles.item[0];
	struct fail why = { 0 };
	struct stat st;

	if (strncmp(rcfile, "/etc/procmailrcs/", 17) != 0 || strstr(rcfile, ".."))
		fail_temp(&why, "-m by root is for files below /etc/procmailrcs/, run with their "
		    "owner's rights");
	else if (lstat(rcfile, &st) < 0)
		fail_errno(&why, "%s", rcfile);
	else if (st.st_uid == 0)
		fail_temp(&why, "%s belongs to root: give it to the account it shall run as",
		    rcfile);
	else if (users_find_uid(st.st_uid, &l->account, &why) == 0)
		lda_envelope(l, l->account.name);
	return why.kind ? lda_fail(&why) : lda_as_recipient(l);
}

static int
lda_started_by_root(struct lda *l)
{
	struct fail why = { 0 };

	if (l->o->recipients.n > 0)
		return lda_for_recipients(l);
	if (l->o->filter_mode)
		return lda_filter_as_owner(l);
	fail_temp(&why, "started by root without -d USER: no mail is handled with root's rights");
	return lda_fail(&why);
}

/* A user id that the user database answered it does not know. */
static void
lda_nameless(struct lda *l)
{
	struct buf name = BUF_INIT;

	buf_printf(&name, "uid-%lu", (unsigned long)getuid());
	l->account = (struct account){ buf_take(&name), mem_string("/"), mem_string("/bin/sh"),
		getuid(), getgid() };
}

static int
lda_own(struct lda *l)
{
	struct services services;
	struct fail why = { 0 };

	if (users_find_uid(getuid(), &l->account, &why) < 0) {
		/* Somebody without an entry may still deliver where he may write. */
		if (why.kind != FAIL_NOUSER)
			return lda_fail(&why);
		fail_clear(&why);
		lda_nameless(l);
	}
	for (int i = 0; i < l->o->recipients.n; i++) {
		struct account asked = { 0 };
		const char *name = l->o->recipients.item[i];
		int rc = usersearch_user(name, strlen(name), &asked, &why);

		if (rc == 0 && asked.uid != getuid())
			rc = fail_temp(&why, "only root delivers for others: started by %s, asked "
			    "for %s (does the mailer have flag S?)", l->account.name, asked.name);
		users_clear(&asked);
		if (rc < 0)
			return lda_fail(&why);
	}
	lda_envelope(l, l->o->recipients.n ? l->o->recipients.item[0] : l->account.name);
	direct_services(&services, l->conf, &l->account);
	return lda_deliver(l, &services);
}

int
lda_run(const struct options *o, const struct conf *conf, char *const *environ_kept)
{
	struct lda l = { .o = o, .conf = conf, .environ_kept = environ_kept,
		.input = STDIN_FILENO, .memory = -1 };
	int status;

	parent_begin();
	/* From the start: a user database may hang, too. supervisor_run has a clock of its own. */
	undo_on_signals();
	alarm((unsigned)conf->timeout);
	l.by_root = geteuid() == 0;
	if (l.by_root)
		return lda_started_by_root(&l);
	status = lda_own(&l);
	users_clear(&l.account);
	return status;
}
