#include "proc/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "proc/users.h"

#define LISTEN_FIRST 3       /* SD_LISTEN_FDS_START */
#define LISTEN_PAUSE 10      /* ms between looks whether a path is free, doubled each time */
#define LISTEN_PATIENCE 1280 /* ms of the longest */
#define LISTEN_ENVIRON "BIVALVED_SOCKETS"  /* over a reload: kind, device, inode, path; lines */
#define LISTEN_BACKLOG 1024  /* connections that wait while all are busy, or over a restart */

static const char *const listen_names[LISTEN_KINDS] = {
	[LISTEN_LMTP] = "lmtp", [LISTEN_LMTP_TCP] = "lmtp-tcp", [LISTEN_SCAN] = "scan",
	[LISTEN_STATUS] = "status", [LISTEN_METRICS] = "metrics",
	[LISTEN_COUNTS] = "counts",
};

static const char *
listen_path(const struct conf *conf, enum listen_kind kind)
{
	switch (kind) {
	case LISTEN_LMTP:
		return conf->lmtp_socket;
	case LISTEN_SCAN:
		return conf->scan_socket;
	case LISTEN_STATUS:
		return conf->status_socket;
	case LISTEN_METRICS:
		return conf->metrics_socket;
	case LISTEN_COUNTS:
		return conf->counts_socket;
	case LISTEN_LMTP_TCP:
	case LISTEN_KINDS:
		break;
	}
	return "";
}

/* ---- handed over ---- */

static int
listen_type(int kind)
{
	return kind == LISTEN_COUNTS ? SOCK_DGRAM : SOCK_STREAM;
}

static bool
listen_is_fit(int fd, int kind)
{
	socklen_t size = sizeof(int);
	int value = 0;

	if (kind == LISTEN_COUNTS)
		return getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size) == 0
		    && value == SOCK_DGRAM;
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value;
}

static void
listen_take_one(struct listen *l, int fd, struct bytes name)
{
	for (int kind = 0; kind < LISTEN_KINDS; kind++)
		if (bytes_equal_nocase(name, bytes_of(listen_names[kind])) && l->fd[kind] < 0 &&
		    listen_is_fit(fd, kind) && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
		    fcntl(fd, F_SETFL, O_NONBLOCK) == 0) {
			l->fd[kind] = fd;
			return;
		}
	log_warning("a socket \"%.*s\" was handed to us, which we do not know (FileDescriptorName= "
	    "lmtp, lmtp-tcp, scan, status, metrics, counts)",
	    (int)(name.len < 40 ? name.len : 40), name.p);
	close(fd);
}

/* kind device inode path NEWLINE */
static void
listen_take_name(struct listen *l, struct bytes line)
{
	char *text = mem_copy(line), *number, *path;
	struct listen_name name;

	number = text + strcspn(text, " ");
	name.dev = (dev_t)strtoumax(number, &number, 10);
	name.ino = (ino_t)strtoumax(number, &number, 10);
	path = number + (*number == ' ');
	for (int kind = 0; *path == '/' && kind < LISTEN_KINDS; kind++)
		if (bytes_is(bytes_first(line, strcspn(text, " ")), listen_names[kind])
		    && l->fd[kind] >= 0 && !l->made[kind].path) {
			name.path = mem_string(path);
			l->made[kind] = name;
		}
	free(text);
}

/* Which of them the program before us had made. */
static void
listen_take_names(struct listen *l)
{
	const char *text = getenv(LISTEN_ENVIRON);

	while (text && *text) {
		size_t len = strcspn(text, "\n");

		listen_take_name(l, (struct bytes){ text, len });
		text += len + (text[len] == '\n');
	}
	unsetenv(LISTEN_ENVIRON);
}

static void
listen_take(struct listen *l)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	const char *names = getenv("LISTEN_FDNAMES");
	long who, n;

	if (!pid || !count || !names || !str_long(pid, 1, INT32_MAX, &who) || who != getpid() ||
	    !str_long(count, 1, 64, &n))
		return;
	for (int i = 0; i < n; i++) {
		size_t len = strcspn(names, ":");

		listen_take_one(l, LISTEN_FIRST + i, (struct bytes){ names, len });
		names += len + (names[len] == ':');
	}
	listen_take_names(l);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

static void
listen_hand_names(const struct listen *l)
{
	struct buf text = BUF_INIT;

	for (int kind = 0; kind < LISTEN_KINDS; kind++)
		if (l->made[kind].path)
			buf_printf(&text, "%s %ju %ju %s\n", listen_names[kind],
			    (uintmax_t)l->made[kind].dev, (uintmax_t)l->made[kind].ino,
			    l->made[kind].path);
	setenv(LISTEN_ENVIRON, text.p, 1);
	buf_clear(&text);
}

void
listen_hand_over(const struct listen *l)
{
	struct buf names = BUF_INIT;
	char number[24];
	int high[LISTEN_KINDS], n = 0;

	for (int kind = 0; kind < LISTEN_KINDS; kind++)
		if (l->fd[kind] >= 0) {
			buf_printf(&names, "%s%s", n ? ":" : "", listen_names[kind]);
			high[n++] = fcntl(l->fd[kind], F_DUPFD, 64);
		}
	for (int i = 0; i < n; i++)
		if (dup2(high[i], LISTEN_FIRST + i) >= 0)
			close(high[i]);
	snprintf(number, sizeof number, "%ld", (long)getpid());
	setenv("LISTEN_PID", number, 1);
	snprintf(number, sizeof number, "%d", n);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names.p, 1);
	listen_hand_names(l);
	buf_clear(&names);
}

/* ---- made ---- */

/* Whoever may write there could put a socket of his own in our place; sendmail does not use one
 * below a directory that others may write either. */
static int
listen_directory(const char *path, bool all_the_way, struct fail *why)
{
	char *dir = mem_string(path), *slash;
	struct stat st;
	int rc = 0;

	slash = strrchr(dir, '/');
	*slash = '\0';
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		rc = fail_errno(why, "%s cannot be made", dir);
	do {
		if (rc == 0 && stat(*dir ? dir : "/", &st) < 0)
			rc = fail_errno(why, "%s", dir);
		if (rc == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) && !all_the_way)
			rc = fail_temp(why, "%s: group or others may write there: chmod go-w, or "
			    "no socket in it can be trusted", dir);
		else if (rc == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)))
			log_warning("%s: group or others may write %s: sendmail will refuse the "
			    "socket", path, *dir ? dir : "/");
		slash = strrchr(dir, '/');
		if (slash)
			*slash = '\0';
	} while (rc == 0 && all_the_way && slash);
	free(dir);
	return rc;
}

static int
listen_owner(int kind, const struct conf *conf, const char *path, struct fail *why)
{
	struct account a = { 0 };
	struct fail none = { 0 };
	int rc = 0;

	if (kind != LISTEN_LMTP || !*conf->lmtp_owner || geteuid() != 0)
		return 0;
	if (users_find(conf->lmtp_owner, &a, &none) < 0)
		return fail_temp(why, "lmtp_owner %s: %s", conf->lmtp_owner, none.text);
	if (lchown(path, a.uid, (gid_t)-1) < 0)
		rc = fail_errno(why, "%s cannot be given to %s", path, conf->lmtp_owner);
	users_clear(&a);
	return rc;
}

/* What a mistyped path names is not ours to replace: a mailbox, say. */
static int
listen_way_is_free(const char *path, struct fail *why)
{
	struct stat st;

	if (lstat(path, &st) < 0 || S_ISSOCK(st.st_mode))
		return 0;
	return fail_temp(why, "%s is no socket, and is not replaced: remove it, or name another "
	    "path in " CONF_PATH, path);
}

/* Another path first, so that at no moment there is none, or one that nobody hears. */
static int
listen_bind(int fd, int kind, const struct conf *conf, const char *path, struct fail *why)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const mode_t mode = kind == LISTEN_LMTP ? 0600 : 0666;

	if (snprintf(a.sun_path, sizeof a.sun_path, "%s.new", path) >= (int)sizeof a.sun_path)
		return fail_temp(why, "%s: too long for a socket's path (%zu bytes)", path,
		    sizeof a.sun_path - 5);
	if (unlink(a.sun_path) < 0 && errno != ENOENT)
		return fail_errno(why, "%s cannot be removed", a.sun_path);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || chmod(a.sun_path, mode) < 0 ||
	    (listen_type(kind) == SOCK_STREAM && listen(fd, LISTEN_BACKLOG) < 0))
		return fail_errno(why, "%s cannot be listened on", a.sun_path);
	if (listen_owner(kind, conf, a.sun_path, why) < 0)
		return -1;
	if (rename(a.sun_path, path) < 0)
		return fail_errno(why, "%s", path);
	return 0;
}

static bool
listen_is_in_use(const char *path, int type)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool used;

	if (fd < 0 || strlen(path) >= sizeof a.sun_path) {
		fd_close(&fd);
		return false;
	}
	memcpy(a.sun_path, path, strlen(path));
	/* EPROTOTYPE: one of the other type. */
	used = connect(fd, (struct sockaddr *)&a, sizeof a) == 0 || errno == EAGAIN ||
	    errno == EPROTOTYPE;
	close(fd);
	return used;
}

/* Who served before us may still be at its end: a killed master's engine, say. */
static bool
listen_stays_in_use(const char *path, int type)
{
	for (long ms = LISTEN_PAUSE; ms <= LISTEN_PATIENCE; ms *= 2) {
		const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

		if (!listen_is_in_use(path, type))
			return false;
		nanosleep(&pause, NULL);
	}
	return listen_is_in_use(path, type);
}

static int
listen_unix(int kind, const struct conf *conf, struct fail *why)
{
	const char *path = listen_path(conf, kind);
	int fd = -1;

	if (listen_directory(path, false, why) < 0)
		return -1;
	if (kind == LISTEN_LMTP && listen_directory(path, true, why) < 0)
		return -1;
	if (listen_way_is_free(path, why) < 0)
		return -1;
	if (listen_stays_in_use(path, listen_type(kind)))
		return fail_temp(why, "%s: somebody listens there: does another bivalved run?",
		    path);
	fd = socket(AF_UNIX, listen_type(kind) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_errno(why, "%s", path);
	if (listen_bind(fd, kind, conf, path, why) < 0)
		fd_close(&fd);
	return fd;
}

/* LMTP asks nobody who he is, so it is for addresses that strangers do not reach (RFC 1918, 4193,
 * 3927, and the host itself). */
static bool
listen_is_private4(const struct in_addr *a)
{
	const uint32_t n = ntohl(a->s_addr);

	return n >> 24 == 127 || n >> 24 == 10 || n >> 20 == 0xac1 || n >> 16 == 0xc0a8 ||
	    n >> 16 == 0xa9fe;
}

static bool
listen_is_private6(const struct in6_addr *a)
{
	return IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_LINKLOCAL(a) ||
	    (a->s6_addr[0] & 0xfe) == 0xfc;
}

/* "ADDRESS:PORT", "[ADDRESS]:PORT". */
static int
listen_address(const char *text, struct sockaddr_storage *room, socklen_t *size_r,
    struct fail *why)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)room;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)room;
	const char *colon = strrchr(text, ':');
	char *host = mem_copy(bytes_first(bytes_of(text), colon ? (size_t)(colon - text) : 0));
	bool right = false;
	long port = 0;

	memset(room, 0, sizeof *room);
	if (colon && str_long(colon + 1, 1, 65535, &port)) {
		size_t len = strlen(host);

		if (*host == '[' && host[len - 1] == ']') {
			host[len - 1] = '\0';
			v6->sin6_family = AF_INET6;
			v6->sin6_port = htons((uint16_t)port);
			*size_r = sizeof *v6;
			right = inet_pton(AF_INET6, host + 1, &v6->sin6_addr) == 1 &&
			    listen_is_private6(&v6->sin6_addr);
		} else {
			v4->sin_family = AF_INET;
			v4->sin_port = htons((uint16_t)port);
			*size_r = sizeof *v4;
			right = inet_pton(AF_INET, host, &v4->sin_addr) == 1 &&
			    listen_is_private4(&v4->sin_addr);
		}
	}
	free(host);
	if (right)
		return 0;
	return fail_temp(why, "lmtp_listen = %s: write ADDRESS:PORT with a private address, such "
	    "as 127.0.0.1:24: whoever reaches it may put mail into every mailbox", text);
}

static int
listen_tcp(const struct conf *conf, struct fail *why)
{
	struct sockaddr_storage a;
	socklen_t size = 0;
	int fd, one = 1;

	if (listen_address(conf->lmtp_listen, &a, &size, why) < 0)
		return -1;
	fd = socket(a.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
	    bind(fd, (struct sockaddr *)&a, size) < 0 || listen(fd, LISTEN_BACKLOG) < 0) {
		fail_errno(why, "lmtp_listen = %s cannot be listened on", conf->lmtp_listen);
		fd_close(&fd);
	}
	return fd;
}

/* One that we have already: systemd's, or ours from before a reload. */
static int
listen_give(const struct listen *l, const struct conf *conf, struct fail *why)
{
	struct sockaddr_un a = { .sun_family = AF_UNSPEC };
	socklen_t size = sizeof a - 1;
	const size_t len = strlen(conf->lmtp_socket);
	const char *path = a.sun_path;

	if (l->made[LISTEN_LMTP].path)
		return listen_owner(LISTEN_LMTP, conf, l->made[LISTEN_LMTP].path, why);
	if (getsockname(l->fd[LISTEN_LMTP], (struct sockaddr *)&a, &size) < 0 ||
	    a.sun_family != AF_UNIX || *path != '/')
		return 0;
	/* What listen_bind has renamed keeps its first name; a program before us that did not say
	 * what it has made may have been an older one. */
	if (strncmp(path, conf->lmtp_socket, len) == 0 && strcmp(path + len, ".new") == 0)
		path = conf->lmtp_socket;
	return listen_owner(LISTEN_LMTP, conf, path, why);
}

static void
listen_remember(struct listen *l, int kind, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		l->made[kind] = (struct listen_name){ mem_string(path), st.st_dev, st.st_ino };
}

static int
listen_make(struct listen *l, const struct conf *conf, int kind, struct fail *why)
{
	if (l->fd[kind] >= 0)
		return kind == LISTEN_LMTP ? listen_give(l, conf, why) : 0;
	if (!*(kind == LISTEN_LMTP_TCP ? conf->lmtp_listen : listen_path(conf, kind)))
		return 0;
	l->fd[kind] = kind == LISTEN_LMTP_TCP ? listen_tcp(conf, why)
	    : listen_unix(kind, conf, why);
	if (l->fd[kind] >= 0 && kind != LISTEN_LMTP_TCP)
		listen_remember(l, kind, listen_path(conf, kind));
	return l->fd[kind] < 0 ? -1 : 0;
}

/* Another's that has come into its place stays. */
static void
listen_end(struct listen *l, int kind)
{
	struct listen_name *made = &l->made[kind];
	struct stat st;

	fd_close(&l->fd[kind]);
	if (made->path && lstat(made->path, &st) == 0 && st.st_dev == made->dev
	    && st.st_ino == made->ino && unlink(made->path) < 0)
		log_warning("%s: %s", made->path, strerror(errno));
	free(made->path);
	made->path = NULL;
}

int
listen_add(struct listen *l, const struct conf *conf, struct fail *why)
{
	bool had[LISTEN_KINDS];
	int rc = 0;

	for (int kind = 0; kind < LISTEN_KINDS; kind++)
		had[kind] = l->fd[kind] >= 0;
	for (int kind = 0; rc == 0 && kind < LISTEN_KINDS; kind++)
		rc = listen_make(l, conf, kind, why);
	for (int kind = 0; rc < 0 && kind < LISTEN_KINDS; kind++)
		if (!had[kind])
			listen_end(l, kind);
	return rc;
}

int
listen_open(struct listen *l, const struct conf *conf, struct fail *why)
{
	for (int kind = 0; kind < LISTEN_KINDS; kind++) {
		l->fd[kind] = -1;
		l->made[kind].path = NULL;
	}
	listen_take(l);
	return listen_add(l, conf, why);
}

void
listen_close(struct listen *l)
{
	for (int kind = 0; kind < LISTEN_KINDS; kind++)
		listen_end(l, kind);
}
