/* layer: proc */
/*
 * test-proc.c - users, dropped rights, what a supervisor permits, the system mailbox.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "nameless.h"
#include "proc/drop.h"
#include "proc/keeper.h"
#include "proc/mailspool.h"
#include "proc/parent.h"
#include "proc/permit.h"
#include "proc/request.h"
#include "proc/supervisor.h"
#include "proc/users.h"

/* The user database as the tests want it: a name beginning with "down" gives that error number. */
int
getpwnam_r(const char *name, struct passwd *pw, char *room, size_t size, struct passwd **found)
{
	*found = NULL;
	if (strncmp(name, "down", 4) == 0)
		return (int)strtol(name + 4, NULL, 10);
	if (strcmp(name, "huge") == 0 && size < 100000)
		return ERANGE;
	if (strcmp(name, "huge") != 0 && strcmp(name, "anna") != 0 && strcmp(name, "nobody") != 0)
		return 0;
	memset(pw, 0, sizeof *pw);
	snprintf(room, size, "%s", name);
	pw->pw_name = room;
	pw->pw_uid = pw->pw_gid = 65534;
	*found = pw;
	return 0;
}

static void
test_no_answer_is_not_no_user(void **state)
{
	static const int errors[] = { EAGAIN, EIO, EMFILE, ENFILE, ENOENT, ECONNREFUSED, ETIMEDOUT,
		EPERM, ESRCH, ERANGE, 325 };

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		struct account a = { 0 };
		struct fail why = { 0 };
		char name[32];

		snprintf(name, sizeof name, "down%d", errors[i]);
		assert_int_equal(users_find(name, &a, &why), -1);
		assert_int_equal(why.kind, FAIL_USERDB);
		assert_int_equal(fail_class(why.kind)->exit, 75);
		assert_non_null(strstr(why.text, "passwd sources"));
		users_clear(&a);
	}
}

static void
test_users(void **state)
{
	struct account a = { 0 };
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(users_find("anna", &a, &why), 0);
	assert_string_equal(a.name, "anna");
	assert_string_equal(a.home, "/");
	assert_string_equal(a.shell, "/bin/sh");
	users_clear(&a);
	assert_int_equal(users_find("huge", &a, &why), 0);
	users_clear(&a);
	assert_int_equal(users_find("nosuch", &a, &why), -1);
	assert_int_equal(why.kind, FAIL_NOUSER);
	assert_int_equal(fail_class(why.kind)->exit, 67);
}

static void
test_permits_are_counted(void **state)
{
	struct permit p = { .shared = false }, another = { .shared = false };
	int n = 0;

	(void)state;
	assert_false(permit_ask(&p, 'x'));
	assert_false(permit_ask(&p, 0));
	while (permit_ask(&p, PERMIT_MAILBOX))
		n++;
	assert_int_equal(n, 8);
	assert_true(permit_ask(&p, PERMIT_SCANNER));
	assert_true(permit_ask(&another, PERMIT_MAILBOX));
}

static void
test_drop_refuses_root(void **state)
{
	struct account root = { "root", "/root", "/bin/sh", 0, 0 };
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(drop_to(&root, &why), -1);
	assert_int_equal(why.kind, FAIL_TEMP);
}

static int
in_child(int (*work)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(work());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
drop_and_look(void)
{
	struct account a = { "nobody", "/", "/bin/sh", 65534, 65534 };
	struct fail why = { 0 };
	gid_t groups[64];
	int n;

	if (drop_to(&a, &why) < 0)
		return 1;
	n = getgroups(64, groups);
	for (int i = 0; i < n; i++)
		if (groups[i] == 0)
			return 2;
	return getuid() == 65534 && setuid(0) < 0 && access("/etc/shadow", R_OK) < 0 ? 0 : 3;
}

static void
test_drop_is_for_good(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(drop_and_look), 0);
}

static void
mailspool_made(void)
{
	char dir[] = "/tmp/test-mailspool.XXXXXX", path[64];
	struct account a = { "anna", "/", "/bin/sh", 65534, 65534 };
	struct account evil = { "../anna", "/", "/bin/sh", 65534, 65534 };
	struct fail why = { 0 };
	struct stat st;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(chown(dir, 0, 8), 0);
	assert_int_equal(mailspool_make(dir, &a, &why), 0);
	snprintf(path, sizeof path, "%s/anna", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 65534);
	assert_int_equal(st.st_gid, 8);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(mailspool_make(dir, &a, &why), 0);
	assert_int_equal(mailspool_make(dir, &evil, &why), -1);
	/* A link that somebody put there is left alone, and nothing behind it is touched. */
	unlink(path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	fail_clear(&why);
	assert_int_equal(mailspool_make(dir, &a, &why), 0);
	assert_int_equal(stat("/etc/passwd", &st), 0);
	assert_int_equal(st.st_uid, 0);
	unlink(path);
	/* What comes then is root's again. */
	snprintf(path, sizeof path, "%s/root", dir);
	assert_int_equal(close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	unlink(path);
	rmdir(dir);
}

static void
test_mailspool(void **state)
{
	int bits = prctl(PR_GET_SECUREBITS);

	(void)state;
	if (geteuid() != 0)
		skip();
	mailspool_made();
	no_tmpfile = true;
	mailspool_made();
	no_tmpfile = false;
	/* Set, they would leave a helper that gives up root's ids root's capabilities. */
	assert_int_equal(prctl(PR_GET_SECUREBITS), bits);
}

struct ask {
	int status;
	bool crash, rude, full, mailbox;
};

/* Asks on a socket that takes no answer, and that another process keeps open. */
static void
ask_on_full_socket(void)
{
	int type, sock = 3, pair[2];
	socklen_t len = sizeof type;
	char zeros[4096] = "";

	while (sock < 64 && (getsockopt(sock, SOL_SOCKET, SO_TYPE, &type, &len) < 0
	    || type != SOCK_SEQPACKET))
		sock++;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		_exit(10);
	while (send(pair[1], zeros, sizeof zeros, MSG_DONTWAIT) > 0)
		;
	if (fork() == 0) {
		close(sock);
		close(pair[1]);
		sleep(8);
		_exit(0);
	}
	if (fd_send(sock, "M", 1, pair[1]) < 0)
		_exit(11);
}

static int
supervised(void *ctx, const struct services *s)
{
	struct ask *a = ctx;
	struct fail why = { 0 };

	if (geteuid() == 0)
		return 9;
	if (a->crash)
		raise(SIGKILL);
	if (s->still_there(s->ctx, &why) < 0)
		return 8;
	if (a->mailbox && s->make_mailbox(s->ctx, &why) == 0)
		return 12;
	if (a->full)
		ask_on_full_socket();
	/* A delivery that was taken over asks again and again. */
	for (int i = 0; a->rude && i < 100; i++)
		s->make_mailbox(s->ctx, &why);
	if (a->rude)
		pause();
	return a->status;
}

static void
test_supervisor(void **state)
{
	struct account a = { "nobody", "/", "/bin/sh", 65534, 65534 };
	struct conf conf = { 0 };
	struct fail why = { 0 };
	struct ask good = { .status = 42 }, crash = { .crash = true }, rude = { .rude = true };
	struct ask full = { .status = 43, .full = true }, modest = { .status = 44, .mailbox = true };
	time_t begin;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(conf_load(&conf, "/nonexistent", false, &why), 0);
	free((char *)(uintptr_t)conf.mail_spool);
	conf.mail_spool = strdup("/nonexistent");
	assert_int_equal(supervisor_run(&conf, &a, supervised, &good, &why), 42);
	assert_int_equal(supervisor_run(&conf, &a, supervised, &crash, &why), 75);
	assert_int_equal(supervisor_run(&conf, &a, supervised, &rude, &why), 75);
	/* One recipient's greed is not held against the next one. */
	assert_int_equal(supervisor_run(&conf, &a, supervised, &modest, &why), 44);
	begin = time(NULL);
	assert_int_equal(supervisor_run(&conf, &a, supervised, &full, &why), 43);
	assert_true(time(NULL) - begin < 5);
	conf_clear(&conf);
}

/* A delivery that keeper_serve watches: what it does, and what its end must be. */
static int
served(void (*delivery)(int sock), long timeout)
{
	struct account a = { "nobody", "/", "/bin/sh", 65534, 65534 };
	struct conf conf = { .timeout = timeout, .mail_spool = "/nonexistent" };
	struct keeper k = { .conf = &conf, .account = &a };
	struct fail why = { 0 };
	int pair[2], status = 0;
	pid_t pid;

	assert_int_equal(keeper_pair(pair, &why), 0);
	signal(SIGTERM, SIG_DFL);
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		delivery(pair[1]);
		_exit(0);
	}
	close(pair[1]);
	k.sock = pair[0];
	k.pidfd = pidfd_open(pid, 0);
	assert_true(k.pidfd >= 0);
	keeper_serve(&k);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	keeper_reap();
	close(k.pidfd);
	close(pair[0]);
	return status;
}

static void
delivery_that_hangs(int sock)
{
	(void)sock;
	pause();
}

static void
delivery_that_hangs_up_first(int sock)
{
	close(sock);
	pause();
}

static void
delivery_of_an_unknown_request(int sock)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0 && fd_send(sock, "x", 1, pair[1]) == 0)
		pause();
}

static void
delivery_without_a_socket(int sock)
{
	if (fd_send(sock, "M", 1, -1) == 0)
		pause();
}

static char clone_word[] = "/tmp/test-proc.XXXXXX";

/* The clone asks when the first of them is done; it is answered when the file is gone. */
static void
delivery_with_a_clone(int sock)
{
	struct conf conf = { 0 };
	struct services s;
	struct fail why = { 0 };
	pid_t first = getpid();

	request_services(&s, &conf, sock);
	if (fork() != 0)
		_exit(7);
	while (getppid() == first)
		usleep(1000);
	if (s.make_mailbox(s.ctx, &why) < 0 && strstr(why.text, "cannot be made"))
		unlink(clone_word);
}

static void
test_keeper(void **state)
{
	int fd, status;

	(void)state;
	/* Its own ten seconds of grace are taken off again. */
	status = served(delivery_that_hangs, -10);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	status = served(delivery_that_hangs_up_first, -10);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	status = served(delivery_of_an_unknown_request, 60);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	status = served(delivery_without_a_socket, 60);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	fd = mkstemp(clone_word);
	assert_true(fd >= 0);
	close(fd);
	status = served(delivery_with_a_clone, 60);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	assert_int_equal(access(clone_word, F_OK), -1);
}

static char become_dir[] = "/tmp/test-become.XXXXXX";

static int
become_and_look(void)
{
	struct account a = { "nobody", "/", "/bin/sh", 65534, 65534 };
	struct conf conf = { .timeout = 60, .mail_spool = become_dir };
	struct fail why = { 0 };
	struct services s;
	struct stat st;
	char path[64];

	if (supervisor_become(&conf, &a, &s, &why) < 0)
		return 2;
	if (getuid() != 65534 || setuid(0) == 0)
		return 3;
	/* Only root may make a file there. */
	snprintf(path, sizeof path, "%s/nobody", become_dir);
	if (open(path, O_WRONLY | O_CREAT, 0600) >= 0)
		return 4;
	if (s.make_mailbox(s.ctx, &why) < 0 || stat(path, &st) < 0 || st.st_uid != 65534)
		return 5;
	return 0;
}

static void
test_become(void **state)
{
	char path[64];

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(become_dir));
	assert_int_equal(chmod(become_dir, 0755), 0);
	assert_int_equal(in_child(become_and_look), 0);
	snprintf(path, sizeof path, "%s/nobody", become_dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(become_dir), 0);
}

static int begun[2], word[2];

static void
test_exiting_parent(void **state)
{
	(void)state;
	assert_false(parent_stat_is_exiting("71 (sendmail) S 1 71 71 0 -1 4194304 131 0"));
	assert_true(parent_stat_is_exiting("71 (sendmail) R 1 71 71 0 -1 4195404 131 0"));
	/* Its first thread has ended, others go on. */
	assert_false(parent_stat_is_exiting("71 (sendmail) Z 1 71 71 0 -1 4195404 131 0"));
	assert_false(parent_stat_is_exiting("71 (a) R 1 1 1 1 4 4 (b) S 1 71 71 0 -1 4194304 1"));
	assert_false(parent_stat_is_exiting("71 (sendmail) R 1 71"));
	assert_false(parent_stat_is_exiting(""));
}

/* A delivery, or its clone, whose parent ends: says 't' when it would commit, 'g' when not. */
static void
look_when_parent_is_gone(bool note, bool clone)
{
	struct fail why = { 0 };
	pid_t parent = getppid(), first = getpid();

	parent_begin();
	if (clone)
		parent_share(NULL);
	if (note)
		parent_note();
	if (write(begun[1], "", 1) != 1)
		_exit(1);
	while (kill(parent, 0) == 0)
		usleep(1000);
	if (clone && fork() != 0)
		_exit(0);
	while (clone && getppid() == first)
		usleep(1000);
	_exit(write(word[1], parent_still_there(NULL, &why) == 0 ? "t" : "g", 1) != 1);
}

static char
word_when_parent_is_gone(bool note, bool clone)
{
	char c = '?';
	pid_t pid;

	assert_int_equal(pipe(begun), 0);
	assert_int_equal(pipe(word), 0);
	pid = fork();
	if (pid == 0) {
		if (fork() == 0)
			look_when_parent_is_gone(note, clone);
		_exit(read(begun[0], &c, 1) != 1);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(read(word[0], &c, 1), 1);
	for (int i = 0; i < 2; i++) {
		close(begun[i]);
		close(word[i]);
	}
	return c;
}

static void
test_parent(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(parent_still_there(NULL, &why), 0); /* nobody has begun to watch */
	parent_begin();
	assert_int_equal(parent_still_there(NULL, &why), 0);
	assert_int_equal(word_when_parent_is_gone(false, false), 'g');
	assert_int_equal(word_when_parent_is_gone(true, false), 'g');
	/* A clone goes on when the first of us had found everything well, and only then. */
	assert_int_equal(word_when_parent_is_gone(false, true), 'g');
	assert_int_equal(word_when_parent_is_gone(true, true), 't');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_answer_is_not_no_user),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_permits_are_counted),
		cmocka_unit_test(test_drop_refuses_root),
		cmocka_unit_test(test_drop_is_for_good),
		cmocka_unit_test(test_mailspool),
		cmocka_unit_test(test_supervisor),
		cmocka_unit_test(test_keeper),
		cmocka_unit_test(test_become),
		cmocka_unit_test(test_exiting_parent),
		cmocka_unit_test(test_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
