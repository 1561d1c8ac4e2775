#include "proc/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/tempdir.h"
#include "base/undo.h"
#include "core/message.h"

#define HELPER_SCAN_GRACE 10         /* seconds behind the scanner's own limit, then SIGALRM */
#define HELPER_META_MAX 8192         /* bytes of one quarantine request */
#define HELPER_QUARANTINE_LIMIT 300  /* seconds */

/* Beside this program in a build tree, else where make install put it. */
const char *
helper_scanner_path(const struct conf *conf, char *room, size_t size)
{
	ssize_t n;
	char *slash;

	if (*conf->scanner)
		return conf->scanner;
	n = readlink("/proc/self/exe", room, size - 1);
	if (n > 0) {
		room[n] = '\0';
		slash = strrchr(room, '/');
		if (slash && (size_t)(slash - room) + sizeof "/bivalve-scan" <= size) {
			snprintf(slash, size - (size_t)(slash - room), "/bivalve-scan");
			if (access(room, X_OK) == 0)
				return room;
		}
	}
	return LIBEXECDIR "/bivalve-scan";
}

void
helper_versions(const struct conf *conf)
{
	static const char *const environ_clean[] = { "PATH=/usr/bin:/bin", NULL };
	char room[4096];
	const char *path = helper_scanner_path(conf, room, sizeof room);
	const char *const argv[] = { path, "--version", NULL };

	execve(path, (char *const *)(size_t)argv, (char *const *)(size_t)environ_clean);
}

/* The scanner inherits nothing but message, socket and a place for complaints. */
static int
helper_descriptors(int message_fd, int sock)
{
	int low = fcntl(sock, F_DUPFD, 10), msg = fcntl(message_fd, F_DUPFD, 10);
	int null = open("/dev/null", O_RDWR);

	if (low < 0 || msg < 0 || null < 0)
		return -1;
	if (dup2(msg, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 || dup2(low, 3) < 0)
		return -1;
	return close_range(4, ~0U, 0);
}

struct helper_options {
	size_t n, n_numbers;
	char numbers[16][24];
	const char *argv[48];
};

struct helper_number {
	const char *name;
	long value;
};

static void
helper_add_numbers(struct helper_options *o, const struct helper_number *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *text = o->numbers[o->n_numbers++];

		snprintf(text, sizeof o->numbers[0], "%ld", numbers[i].value);
		o->argv[o->n++] = numbers[i].name;
		o->argv[o->n++] = text;
	}
	o->argv[o->n] = NULL;
}

static void
helper_options(const struct conf *c, const char *path, struct helper_options *o)
{
	const struct helper_number numbers[] = {
		{ "--max-scan-size", c->max_scan_size }, { "--max-file-size", c->max_file_size },
		{ "--max-recursion", c->max_recursion }, { "--max-files", c->max_files },
		{ "--timeout", c->scan_timeout }, { "--grace", c->grace },
		{ "--memory", c->scan_memory },
	};

	o->n = o->n_numbers = 0;
	o->argv[o->n++] = path;
	o->argv[o->n++] = "--database";
	o->argv[o->n++] = c->database;
	o->argv[o->n++] = "--temp-dir";
	o->argv[o->n++] = c->temp_dir;
	if (c->pua)
		o->argv[o->n++] = "--pua";
	helper_add_numbers(o, numbers, sizeof numbers / sizeof *numbers);
}

static void
helper_engine_options(const struct conf *c, struct helper_options *o)
{
	const struct helper_number numbers[] = {
		{ "--scanners", c->scanners }, { "--spare", c->spare_scanners },
		{ "--queue", c->scan_queue }, { "--per-user", c->scan_per_user },
		{ "--wait", c->scan_wait }, { "--messages", c->messages_per_scanner },
	};

	o->argv[o->n++] = "--serve";
	o->argv[o->n++] = "--control";
	helper_add_numbers(o, numbers, sizeof numbers / sizeof *numbers);
}

static const char *const helper_environ[] = { "TZ=UTC0", "PATH=/usr/bin:/bin", NULL };

static _Noreturn void
helper_become(const struct helper_options *o)
{
	signal(SIGPIPE, SIG_DFL);
	execve(o->argv[0], (char *const *)(size_t)o->argv, (char *const *)(size_t)helper_environ);
	log_error("scanner: %s cannot be started: %s; set \"scanner\" in %s", o->argv[0],
	    strerror(errno), CONF_PATH);
	_exit(EX_TEMPFAIL);
}

static _Noreturn void
helper_exec(const struct conf *conf)
{
	struct helper_options options;
	char room[4096];

	helper_options(conf, helper_scanner_path(conf, room, sizeof room), &options);
	/* It outlives exec and every sandbox: a scanner that hangs dies of it. Loading signatures
	 * has the same time again. */
	alarm((unsigned)(2 * conf->scan_timeout + HELPER_SCAN_GRACE));
	signal(SIGALRM, SIG_DFL);
	helper_become(&options);
}

void
helper_engine(const struct conf *conf, int listener, int control)
{
	struct helper_options options;
	char room[4096];
	int null = open("/dev/null", O_RDWR);
	int l = fcntl(listener, F_DUPFD, 10), c = fcntl(control, F_DUPFD, 10);

	if (null < 0 || l < 0 || c < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(l, 3) < 0 || dup2(c, 4) < 0 || close_range(5, ~0U, 0) < 0) {
		log_error("engine: descriptors: %s", strerror(errno));
		_exit(EX_TEMPFAIL);
	}
	helper_options(conf, helper_scanner_path(conf, room, sizeof room), &options);
	helper_engine_options(conf, &options);
	helper_become(&options);
}

/* Waits for the scanner, and removes the temporary directory that it cannot remove itself. */
static void
helper_sweep(const struct conf *conf, pid_t scanner)
{
	int status;

	while (waitpid(scanner, &status, 0) < 0)
		if (errno != EINTR)
			return;
	if (WIFSIGNALED(status))
		log_error("scanner died of signal %d", WTERMSIG(status));
	if (tempdir_sweep(conf->temp_dir, scanner) < 0)
		log_warning("%s/bivalve-%ld-* cannot be removed: %s", conf->temp_dir, (long)scanner,
		    strerror(errno));
}

void
helper_scanner(const struct conf *conf, int sock)
{
	char byte;
	int message_fd;
	pid_t scanner;

	undo_forget_all();
	signal(SIGCHLD, SIG_DFL);
	if (fd_recv(sock, &byte, 1, &message_fd) != 1 || message_fd < 0)
		_exit(EX_TEMPFAIL);
	if (helper_descriptors(message_fd, sock) < 0) {
		log_error("scanner: descriptors: %s", strerror(errno));
		_exit(EX_TEMPFAIL);
	}
	scanner = fork();
	if (scanner == 0)
		helper_exec(conf);
	if (scanner < 0)
		log_error("scanner process: %s", strerror(errno));
	/* The asker must see the end of the scanner, so we hold none of its socket. */
	close_range(0, ~0U, 0);
	if (scanner > 0)
		helper_sweep(conf, scanner);
	_exit(EX_OK);
}

int
helper_hand_message(int sock, int message_fd, struct fail *why)
{
	if (fd_send(sock, "F", 1, message_fd) == 0)
		return 0;
	return fail_set(why, FAIL_SCAN, "the message cannot be handed to the scanner: %s",
	    strerror(errno));
}

#define HELPER_FIELDS 9

static void
helper_pack(const struct quarantine_entry *e, struct buf *out)
{
	const char *fields[HELPER_FIELDS] = { e->queue_id, e->sender, e->recipient, e->detail,
		e->client, e->status, e->virus, e->reason, e->rule };

	for (int i = 0; i < HELPER_FIELDS; i++) {
		/* Each gets its share, so that a long one cannot push another out. */
		buf_bytes(out, bytes_first(bytes_of(fields[i] ? fields[i] : ""),
		    HELPER_META_MAX / HELPER_FIELDS - 1));
		buf_byte(out, '\0');
	}
}

static int
helper_unpack(const char *p, size_t len, struct quarantine_entry *e)
{
	const char **fields[HELPER_FIELDS] = { &e->queue_id, &e->sender, &e->recipient, &e->detail,
		&e->client, &e->status, &e->virus, &e->reason, &e->rule };
	const char *end = p + len, *nul;

	for (int i = 0; i < HELPER_FIELDS; i++) {
		nul = p < end ? memchr(p, '\0', (size_t)(end - p)) : NULL;
		if (!nul)
			return -1;
		*fields[i] = p;
		p = nul + 1;
	}
	return p == end ? 0 : -1;
}

void
helper_quarantine(const char *dir, int sock)
{
	char meta[HELPER_META_MAX], id[QUARANTINE_ID_SIZE] = "";
	struct quarantine_entry e = { 0 };
	struct message m = { 0 };
	struct fail why = { 0 };
	struct store *store;
	struct buf answer = BUF_INIT;
	int message_fd, rc = -1;
	ssize_t n;

	undo_forget_all();
	undo_on_signals();
	alarm(HELPER_QUARANTINE_LIMIT);
	n = fd_recv(sock, meta, sizeof meta, &message_fd);
	if (n <= 0 || message_fd < 0 || helper_unpack(meta, (size_t)n, &e) < 0)
		_exit(EX_TEMPFAIL);
	store = store_from_fd(message_fd);
	if (!store) {
		fail_errno(&why, "the message for the quarantine");
	} else {
		message_set(&m, store);
		rc = quarantine_store(dir, &e, m.head, m.body, id, &why);
	}
	buf_printf(&answer, "%c%s", rc == 0 ? 'K' : 'E', rc == 0 ? id : why.text);
	if (fd_send(sock, answer.p, answer.len, -1) < 0)
		_exit(EX_TEMPFAIL);
	_exit(rc == 0 ? EX_OK : EX_TEMPFAIL);
}

int
helper_ask_quarantine(int sock, const struct quarantine_entry *e, int message_fd,
    char id_r[QUARANTINE_ID_SIZE], struct fail *why)
{
	struct buf meta = BUF_INIT;
	char answer[1024];
	int passed, rc;
	ssize_t n;

	helper_pack(e, &meta);
	rc = fd_send(sock, meta.p, meta.len, message_fd);
	buf_clear(&meta);
	if (rc < 0)
		return fail_errno(why, "the quarantine cannot be asked");
	n = fd_recv(sock, answer, sizeof answer - 1, &passed);
	fd_close(&passed);
	if (n <= 0)
		return fail_temp(why, "the quarantine gave no answer (the log has its reason)");
	answer[n] = '\0';
	if (answer[0] != 'K')
		return fail_temp(why, "%s", answer + 1);
	snprintf(id_r, QUARANTINE_ID_SIZE, "%.*s", QUARANTINE_ID_SIZE - 1, answer + 1);
	return 0;
}
