#include "proc/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/title.h"
#include "mail/spool.h"
#include "proc/cell.h"
#include "proc/door.h"
#include "proc/drop.h"
#include "proc/freeze.h"
#include "proc/memory.h"
#include "proc/usersearch.h"
#include "proc/order.h"
#include "proc/reader.h"
#include "proc/recipient.h"
#include "proc/session.h"
#include "proc/shared.h"
#include "proc/spawn.h"
#include "proc/users.h"
#include "proc/ward.h"

#define MONITOR_FAREWELL 60    /* seconds a session may take to end once it is told to */
#define MONITOR_HOST_MAX 256
#define MONITOR_SOON 50        /* ms until the next look whether others have left room */
#define MONITOR_CLONES_MAX 64  /* deliveries that have answered, and whose clones go on */

struct monitor {
	struct ward_world world;
	const struct monitor_peer *peer;
	struct account weak;           /* of sessions and lookups, when we are root */
	char host[MONITOR_HOST_MAX], id[48];
	pid_t session;                 /* -1 once it has ended */
	int sock;                      /* its orders; -1 once they are over */
	struct order_state orders;
	bool rests;                    /* the session has asked for the next connection */
	long connections;
	int file, message;             /* read-only: given for the next one; the one at hand */
	struct memory memory;          /* of small ones */
	unsigned long serial;          /* of the one at hand */
	int reader;                    /* to the reader of the one at hand, -1 for none yet */
	struct ward *ward;             /* the deliveries under way */
	size_t wards;
	bool left_behind;              /* we are a child that only serves clones */
	bool held;                     /* the next order is for a delivery, and there was no room */
	int64_t full_since;            /* ms; 0: it does not wait for the machine */
	time_t farewell;               /* 0 as long as the session was not told to end */
	sigset_t unblocked;
};

static volatile sig_atomic_t monitor_told, monitor_let_go;

static time_t
monitor_now(void)
{
	return (time_t)(clock_ms() / 1000);
}

/* ---- signals ---- */

static void
monitor_signal(int sig)
{
	if (sig == MONITOR_LET_GO)
		monitor_let_go = 1;
	else if (sig != SIGCHLD)
		monitor_told = 1;
}

static void
monitor_signals(sigset_t *unblocked)
{
	static const int all[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGCHLD,
		MONITOR_LET_GO };
	struct sigaction sa = { .sa_handler = monitor_signal };
	sigset_t block;

	sigemptyset(&block);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		sigaction(all[i], &sa, NULL);
		sigaddset(&block, all[i]);
	}
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	sigprocmask(SIG_BLOCK, &block, unblocked);
	/* Blocked by who started us, they would never come. */
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		sigdelset(unblocked, all[i]);
}

/* ---- processes without rights ---- */

/* In a child: its own rights for good. A reader starts scanners, which may need the groups of the
 * account to read signatures. */
static void
monitor_weaken(const struct monitor *m, bool groups)
{
	struct fail why = { 0 };
	const struct account *weak = m->world.weak;

	if (!weak || (groups ? drop_to(weak, &why) : drop_bare(weak, &why)) == 0)
		return;
	log_error("%s", why.text);
	_exit(EX_TEMPFAIL);
}

static _Noreturn void
monitor_session(const struct monitor *m)
{
	struct session_settings set = { m->world.conf, m->host, m->peer->client, m->peer->detail,
		m->id, m->peer->id ? m->peer->id : "", m->peer->once, m->peer->door != NULL };
	struct fail why = { 0 };

	title_set("bivalve: LMTP session");
	monitor_weaken(m, false);
	session_prepare();
	for (int i = SESSION_IN; i <= SESSION_MONITOR; i++)
		if (dup2(SPAWN_FIRST + i, i) < 0)
			_exit(EX_TEMPFAIL);
	if (cell_enter(SESSION_MONITOR, session_memory(m->world.conf),
	    session_file(m->world.conf), &why) < 0)
		_exit(EX_TEMPFAIL);
	session_run(&set);
}

static void
monitor_lookup(const struct monitor *m, int sock)
{
	pid_t pid = spawn_child(&sock, 1);

	if (pid < 0)
		log_error("process for the user database: %s", strerror(errno));
	if (pid != 0)
		return;
	title_set("bivalve: user lookup");
	monitor_weaken(m, false);
	usersearch_run(m->world.conf, SPAWN_FIRST, m->world.weak ? (uint32_t)-1 : getuid());
}

static void
monitor_start_reader(struct monitor *m)
{
	struct account self = { .name = "", .home = "/", .shell = "", .uid = getuid() };
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		log_error("socket for a message's reader: %s", strerror(errno));
		return;
	}
	pid = spawn_child((int[]){ pair[1], m->message }, 2);
	if (pid == 0) {
		title_set("bivalve: reader of a message");
		monitor_weaken(m, true);
		reader_run(m->world.conf, m->world.weak ? m->world.weak : &self, SPAWN_FIRST,
		    SPAWN_FIRST + 1);
	}
	if (pid > 0)
		memory_read_by(&m->memory, m->serial, pid);
	if (pid < 0)
		log_error("process for a message's reader: %s", strerror(errno));
	fd_close(&pair[1]);
	if (pid < 0)
		fd_close(&pair[0]);
	m->reader = pair[0];
}

/* ---- the session's orders ---- */

/* Root's own, readable by whoever holds a descriptor of it: a recipient opens it again to read. */
static int
monitor_spool_file(struct monitor *m)
{
	struct spool_options o = { .dir = m->world.conf->spool_dir };
	struct fail why = { 0 };
	int file = spool_file(&o, &why);

	fd_close(&m->file);
	if (file >= 0 && fchmod(file, 0444) == 0)
		m->file = spool_reopen(file);
	if (m->file < 0)
		fail_errno(&why, "file for a message in %s", m->world.conf->spool_dir);
	if (why.kind)
		log_error("%s", why.text);
	if (m->file < 0)
		fd_close(&file);
	return file;
}

static bool
monitor_give_file(struct monitor *m)
{
	int file = monitor_spool_file(m);
	int rc = order_give(m->sock, file);

	fd_close(&file);
	return rc == 0;
}

/* For the message that comes next. */
static bool
monitor_give_memory(struct monitor *m)
{
	if (memory_deal(&m->memory, (size_t)m->world.conf->spool_memory << 10) == 0
	    && order_give(m->sock, m->memory.next) == 0)
		return true;
	log_error("memory for a message: %s", strerror(errno));
	return false;
}

/* The file that was given, as nobody can change it any more. */
static int
monitor_take_file(struct monitor *m)
{
	struct fail why = { 0 };
	int file = m->file;

	m->file = -1;
	if (file >= 0)
		file = freeze_file(file, m->world.conf, m->world.weak, &why);
	if (why.kind)
		log_error("%s", why.text);
	return file;
}

/* What nobody can change any more: so many bytes of the memory, or the file. */
static bool
monitor_message(struct monitor *m, size_t size)
{
	fd_close(&m->reader);
	fd_close(&m->message);
	/* One message warms nothing that its own delivery would not. */
	if (++m->serial == 2)
		monitor_warm(m->world.conf);
	if (size == 0) {
		m->message = monitor_take_file(m);
		return m->message >= 0;
	}
	m->message = memory_take(&m->memory, size, m->serial);
	fd_close(&m->file);
	return m->message >= 0 && monitor_give_memory(m);
}

static size_t
monitor_live(const struct monitor *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->wards; i++)
		n += m->ward[i].pid > 0;
	return n;
}

static bool
monitor_has_room(const struct monitor *m)
{
	return monitor_live(m) < (size_t)m->world.conf->parallel_deliveries;
}

static bool
monitor_machine_has_room(const struct monitor *m)
{
	const struct shared *shared = shared_memory();

	return !shared || places_any(&shared->places, m->world.conf->max_deliveries);
}

/* Back-pressure: no order for a delivery is read while there is no room for one more; nor, for a
 * while, when the machine has none: then it is read, and refused. */
static bool
monitor_must_wait(struct monitor *m)
{
	if (!monitor_has_room(m))
		return true;
	if (monitor_machine_has_room(m)) {
		m->full_since = 0;
		return false;
	}
	if (m->full_since == 0)
		m->full_since = clock_ms();
	return clock_ms() - m->full_since < m->world.conf->scan_wait * 1000;
}

/* The clones of the oldest delivery have to do without us, if there are that many. */
static void
monitor_make_room(struct monitor *m)
{
	size_t i = 0;

	if (m->wards < (size_t)m->world.conf->parallel_deliveries + MONITOR_CLONES_MAX)
		return;
	while (m->ward[i].pid > 0)
		i++;
	memory_leave(&m->memory, m->ward[i].serial);
	fd_close(&m->ward[i].sock);
	memmove(&m->ward[i], &m->ward[i + 1], (--m->wards - i) * sizeof *m->ward);
}

/* A place among all deliveries of this machine; -1 with why. */
static int
monitor_place(struct monitor *m, uint32_t uid, int *place_r, struct fail *why)
{
	const struct conf *c = m->world.conf;
	struct shared *shared = shared_memory();
	enum places_answer answer;

	*place_r = -1;
	if (!shared)
		return 0;
	answer = places_take(&shared->places, getpid(), uid, c->max_deliveries,
	    c->deliveries_per_user, place_r);
	if (answer == PLACES_TAKEN)
		return 0;
	tally_refused(&shared->tally);
	return fail_temp(why, answer == PLACES_FULL
	    ? "%ld deliveries go on already (max_deliveries)"
	    : "%ld deliveries to this user go on already (deliveries_per_user)",
	    answer == PLACES_FULL ? c->max_deliveries : c->deliveries_per_user);
}

static void
monitor_deliver(struct monitor *m, uint32_t uid, int answer)
{
	struct fail why = { 0 };
	struct ward *w;
	int place;

	monitor_make_room(m);
	w = &m->ward[m->wards];
	m->full_since = 0;
	if (monitor_place(m, uid, &place, &why) < 0) {
		log_warning("no delivery for uid %lu: %s", (unsigned long)uid, why.text);
		recipient_refuse(answer, &why);
	} else if (ward_begin(w, &m->world, uid, m->message, answer, monitor_now(), &why) < 0) {
		log_error("%s", why.text);
		if (place >= 0)
			places_give(&shared_memory()->places, getpid(), place);
	} else {
		w->serial = m->serial;
		w->place = place;
		m->wards++;
	}
}

/* False: the session is to be ended. */
static bool
monitor_order(struct monitor *m)
{
	struct order o;
	int fd, n = order_receive(m->sock, &o, &fd);
	bool fair = n > 0
	    && order_allowed(&m->orders, &o, fd >= 0, m->world.conf->max_recipients);

	if (n == 0)
		fd_close(&m->sock);
	if (fair && o.kind == ORDER_LOOKUP)
		monitor_lookup(m, fd);
	else if (fair && o.kind == ORDER_FILE)
		fair = monitor_give_file(m);
	else if (fair && o.kind == ORDER_MESSAGE)
		fair = monitor_message(m, o.number);
	else if (fair && o.kind == ORDER_NEXT)
		m->rests = true;
	else if (fair)
		monitor_deliver(m, o.number, fd);
	fd_close(&fd);
	if (!fair && n != 0)
		log_error("an LMTP session asked for what it may not have: ended");
	return fair || n == 0;
}

/* The next order, if it may come now. Others than for a delivery need no room, and a session that
 * waited for a look-up in vain would take the user database for silent. False: end the session. */
static bool
monitor_read(struct monitor *m)
{
	m->held = !(monitor_has_room(m) && monitor_machine_has_room(m))
	    && order_asks_delivery(m->sock) && monitor_must_wait(m);
	return m->held || monitor_order(m);
}

static void
monitor_end_session(struct monitor *m, int sig)
{
	if (m->session > 0)
		kill(m->session, sig);
	if (sig == SIGKILL)
		fd_close(&m->sock);
}

/* ---- the deliveries' requests ---- */

static void
monitor_ask_reader(struct monitor *m, const struct ward *w, unsigned char want, int sock)
{
	/* A clone may outlive its message, and must not take another one's verdict for its own. */
	if (w->serial != m->serial)
		return;
	if (m->reader < 0)
		monitor_start_reader(m);
	if (m->reader >= 0 && fd_send_now(m->reader, &want, 1, sock) < 0)
		log_error("a message's reader cannot be asked: %s", strerror(errno));
}

static void
monitor_serve(struct monitor *m, struct ward *w)
{
	unsigned char want = 0;
	int sock = -1;

	switch (ward_serve(w, &m->world, &want, &sock)) {
	case WARD_UNFAIR:
		ward_end(w, monitor_now());
		break;
	case WARD_READER:
		monitor_ask_reader(m, w, want, sock);
		fd_close(&sock);
		break;
	case WARD_SERVED:
	case WARD_OVER:
		break;
	}
}

/* ---- the loop ---- */

static void
monitor_count(const struct monitor *m, const struct ward *w, int status)
{
	struct shared *shared = shared_memory();

	if (!shared) {
		/* The MTA started us; who keeps a user's own mail is nobody's business. */
		if (m->world.weak)
			tally_tell(m->world.conf->counts_socket, tally_of_status(status),
			    clock_us() - w->begun_us);
		return;
	}
	tally_count(&shared->tally, status, clock_us() - w->begun_us);
	places_give(&shared->places, getpid(), w->place);
}

/* By a signal, or by its alarm, which leaves no tally_outcome: a scanner that it has asked may read
 * the message still. */
static bool
monitor_was_early(int status)
{
	return WIFSIGNALED(status) || WEXITSTATUS(status) >= TALLY_OUTCOMES;
}

static void
monitor_forget(struct monitor *m, pid_t pid, int status)
{
	if (pid == m->session)
		m->session = -1;
	memory_reader_ended(&m->memory, pid, monitor_was_early(status));
	for (size_t i = 0; i < m->wards; i++) {
		if (m->ward[i].pid != pid)
			continue;
		if (monitor_was_early(status))
			memory_leave(&m->memory, m->ward[i].serial);
		if (WIFSIGNALED(status))
			log_error("a delivery for uid %lu died of signal %d: its mail stays with "
			    "the MTA", (unsigned long)m->ward[i].uid, WTERMSIG(status));
		monitor_count(m, &m->ward[i], status);
		m->ward[i].pid = -1;
	}
}

/* Does a delivery have the message, or a clone of one? */
static bool
monitor_uses(const void *ctx, unsigned long serial)
{
	const struct monitor *m = ctx;

	for (size_t i = 0; i < m->wards; i++)
		if (m->ward[i].serial == serial)
			return true;
	return false;
}

static void
monitor_reap(struct monitor *m)
{
	size_t kept = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		monitor_forget(m, pid, status);
	/* A clone of a delivery that has ended may still ask. */
	for (size_t i = 0; i < m->wards; i++)
		if (m->ward[i].pid > 0 || m->ward[i].sock >= 0)
			m->ward[kept++] = m->ward[i];
	m->wards = kept;
	memory_sweep(&m->memory, m->serial, monitor_uses, m);
}

static void
monitor_limits(struct monitor *m)
{
	time_t now = monitor_now();

	for (size_t i = 0; i < m->wards; i++)
		if (now >= m->ward[i].limit) {
			ward_end(&m->ward[i], now);
			if (m->ward[i].pid < 0) {
				memory_leave(&m->memory, m->ward[i].serial);
				fd_close(&m->ward[i].sock); /* a clone: it has an alarm */
			}
		}
	if (monitor_told && m->farewell == 0) {
		monitor_end_session(m, SIGTERM);
		m->farewell = now + MONITOR_FAREWELL;
	}
	if (m->farewell && now >= m->farewell && m->wards == 0)
		monitor_end_session(m, SIGKILL);
}

/* A connection for the session that waits for one. False: it is to have none any more. */
static bool
monitor_next(struct monitor *m)
{
	struct door *door = m->peer->door;
	bool again;
	int peer, rc;

	if (!door || door->life < 0 || monitor_told || monitor_let_go
	    || ++m->connections >= m->world.conf->connections_per_session)
		return false;
	/* What is left of the last message is emptied, as behind each. */
	fd_close(&m->reader);
	fd_close(&m->message);
	fd_close(&m->file);
	memory_sweep(&m->memory, 0, monitor_uses, m);
	if (door_rest(door) < 0)
		return false;
	title_set("bivalved: monitor (waiting)");
	while ((peer = door_wait(door, DOOR_REST, &m->unblocked, &again)) == DOOR_AGAIN) {
		monitor_reap(m);
		if (monitor_told || monitor_let_go || m->session < 0)
			return false;
	}
	if (peer < 0)
		return false;
	title_set("bivalve: LMTP monitor");
	rc = order_give(m->sock, peer);
	fd_close(&peer);
	return rc == 0;
}

/* The session rests, and so do the deliveries: is there to be another connection? */
static void
monitor_rest(struct monitor *m)
{
	/* Clones go on with what is theirs. */
	if (m->wards > 0 || !monitor_next(m))
		fd_close(&m->sock);
	m->rests = false;
}

static void
monitor_turn(struct monitor *m, struct pollfd *p)
{
	const struct timespec step = { 1, 0 }, soon = { 0, MONITOR_SOON * 1000000L };
	const bool reads = !m->rests && !(m->held && monitor_must_wait(m));
	const struct timespec *limit = m->full_since && !reads ? &soon
	    : m->wards > 0 || m->farewell ? &step : NULL;
	size_t n = m->wards;

	p[0] = (struct pollfd){ reads ? m->sock : -1, POLLIN, 0 };
	p[1] = (struct pollfd){ m->peer->door ? m->peer->door->life : -1, POLLIN, 0 };
	for (size_t i = 0; i < n; i++)
		p[i + 2] = (struct pollfd){ m->ward[i].sock, POLLIN, 0 };
	if (ppoll(p, n + 2, limit, &m->unblocked) <= 0)
		return;
	/* Deliveries first: an order may add one. */
	for (size_t i = 0; i < n; i++)
		if (p[i + 2].revents)
			monitor_serve(m, &m->ward[i]);
	if (p[0].revents && !monitor_read(m))
		monitor_end_session(m, SIGKILL);
	/* The next master is to find nobody at its sockets. */
	if (p[1].revents)
		door_close(m->peer->door);
}

/* Clones that go on must not hold up who waits for us: a child of ours serves them to their end. */
static bool
monitor_is_over(struct monitor *m)
{
	if (m->wards == 0 || m->left_behind)
		return m->wards == 0;
	m->left_behind = true;
	if (fork() != 0)
		return true;
	if (m->peer->door)
		door_close(m->peer->door);
	shared_forget();
	return setsid() < 0;
}

static void
monitor_watch(struct monitor *m)
{
	struct pollfd *p;
	size_t room = (size_t)m->world.conf->parallel_deliveries + MONITOR_CLONES_MAX;

	m->ward = mem_array(room, sizeof *m->ward);
	p = mem_array(room + 2, sizeof *p);
	for (;;) {
		monitor_reap(m);
		monitor_limits(m);
		if (m->rests && monitor_live(m) == 0)
			monitor_rest(m);
		/* What a session that has died still wanted would have nobody to tell the peer. */
		if (m->session < 0)
			fd_close(&m->sock);
		if (m->session < 0 && monitor_live(m) == 0 && monitor_is_over(m))
			break;
		monitor_turn(m, p);
	}
	free(p);
	free(m->ward);
}

/* ---- begin and end ---- */

static bool monitor_is_warm;

void
monitor_warm(const struct conf *conf)
{
	struct account weak = { 0 };
	struct fail why = { 0 };

	if (monitor_is_warm)
		return;
	monitor_is_warm = true;
	if (users_find_weak(conf, &weak, &why) == 0)
		users_warm(&weak);
	users_clear(&weak);
	tzset();
}

/* Names and numbers that the session is to use; our own host is no stranger. */
static int
monitor_prepare(struct monitor *m, struct fail *why)
{
	if (geteuid() == 0) {
		if (users_find_weak(m->world.conf, &m->weak, why) < 0)
			return -1;
		m->world.weak = &m->weak;
	}
	if (gethostname(m->host, sizeof m->host - 1) < 0 || !*m->host)
		snprintf(m->host, sizeof m->host, "localhost");
	snprintf(m->id, sizeof m->id, "%llx.%lx.", (unsigned long long)time(NULL),
	    (long)getpid());
	return 0;
}

/* A descriptor above standard error, with *fd closed; 0 to 2 become /dev/null then. */
static int
monitor_raise(int *fd)
{
	int high = fcntl(*fd, F_DUPFD_CLOEXEC, SPAWN_FIRST), null;

	if (*fd < SPAWN_FIRST) {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null < 0 || dup2(null, *fd) < 0)
			fd_close(&high);
		fd_close(&null);
	} else {
		fd_close(fd);
	}
	return *fd = high;
}

static int
monitor_start(struct monitor *m, int in, int out, struct fail *why)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(why, "socket for an LMTP session");
	m->sock = pair[0];
	/* The session ends without any. */
	if (!monitor_give_memory(m))
		fd_close(&m->sock);
	m->session = spawn_child((int[]){ in, out, pair[1] }, 3);
	if (m->session == 0)
		monitor_session(m);
	fd_close(&pair[1]);
	return m->session < 0 ? fail_errno(why, "process for an LMTP session") : 0;
}

int
monitor_run(const struct conf *conf, const struct monitor_peer *peer, int in, int out,
    struct fail *why)
{
	struct monitor m = { .world = { .conf = conf }, .peer = peer, .session = -1, .sock = -1,
		.file = -1, .message = -1, .reader = -1,
		.memory = { .next = -1 } };
	bool one = in == out;
	int rc = 0;

	title_set("bivalve: LMTP monitor");
	monitor_signals(&m.unblocked);
	if (monitor_raise(&in) < 0 || (!one && monitor_raise(&out) < 0))
		rc = fail_errno(why, "the connection");
	if (rc == 0)
		rc = monitor_prepare(&m, why);
	if (rc == 0)
		rc = monitor_start(&m, in, one ? in : out, why);
	/* The peer is the session's alone: its end must show. */
	fd_close(&in);
	if (!one)
		fd_close(&out);
	if (rc == 0)
		monitor_watch(&m);
	if (m.left_behind && m.wards == 0)
		_exit(EX_OK);
	if (peer->door)
		door_close(peer->door);
	fd_close(&m.sock);
	fd_close(&m.file);
	fd_close(&m.message);
	fd_close(&m.reader);
	users_clear(&m.weak);
	return rc;
}
