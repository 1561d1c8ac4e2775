/* layer: proc */
/*
 * test-pool.c - a pool of plain processes: who is served, who is refused, who is ended.
 *
 * The member here does what the first byte of its connection says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "proc/pool.h"

static char directory[] = "/tmp/test-pool.XXXXXX";

struct bed {
	pid_t pool;
	int control;
	struct sockaddr_un address;
};

/* 'e' echoes, 'x' dies at work, 'h' hangs at work, 'l' lies to the pool. */
static void
member_turn(const struct seat *seat, int fd, char what)
{
	if (what == 'l') {
		seat_turn_ends(seat, true, POOLSTAT_CLEAN);
		pause();
	}
	seat_turn_begins(seat);
	if (what == 'x')
		abort();
	if (what == 'h')
		pause();
	if (fd_write_all(fd, &what, 1) < 0)
		_exit(1);
	seat_turn_ends(seat, true, POOLSTAT_CLEAN);
}

static void
member(void *ctx, const struct seat *seat)
{
	unsigned char digest[SUSPECT_DIGEST];
	int welcome;
	bool suspects;
	char byte;
	int fd;

	(void)ctx;
	while ((fd = seat_next(seat, &suspects)) >= 0) {
		memset(digest, 0, sizeof digest);
		if (read(fd, &byte, 1) == 1) {
			digest[0] = (unsigned char)byte;
			welcome = seat_ask_welcome(seat, digest, suspects);
			byte = welcome > 0 ? POOL_READY : 'U';
			if (write(fd, &byte, 1) == 1 && welcome > 0)
				while (read(fd, &byte, 1) == 1)
					member_turn(seat, fd, byte);
		}
		fd_close(&fd);
		if (!seat_served(seat))
			break;
	}
	_exit(0);
}

static bool
never_stale(void *ctx)
{
	(void)ctx;
	return false;
}

static struct bed
begin(struct pool_settings s)
{
	struct bed b = { .address.sun_family = AF_UNIX };
	const struct poolstat stat = { 0 };
	struct fail why = { 0 };
	int pair[2], listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	char news;

	snprintf(b.address.sun_path, sizeof b.address.sun_path, "%s/socket", directory);
	assert_int_equal(bind(listener, (struct sockaddr *)&b.address, sizeof b.address), 0);
	assert_int_equal(listen(listener, 64), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	b.pool = fork();
	assert_true(b.pool >= 0);
	if (b.pool == 0) {
		close(pair[0]);
		s.listener = listener;
		s.control = pair[1];
		s.temp_parent = directory;
		_exit(pool_run(&s, member, never_stale, NULL, &stat, &why) < 0);
	}
	close(pair[1]);
	close(listener);
	b.control = pair[0];
	assert_int_equal(read(b.control, &news, 1), 1);
	assert_int_equal(news, POOL_LOADED);
	assert_int_equal(write(b.control, "G", 1), 1);
	return b;
}

static void
end(struct bed *b)
{
	int status;

	assert_int_equal(write(b->control, "F", 1), 1);
	assert_int_equal(waitpid(b->pool, &status, 0), b->pool);
	assert_int_equal(status, 0);
	close(b->control);
	unlink(b->address.sun_path);
}

static const struct pool_settings usual = { .members = 2, .spare = 1, .queue = 1, .per_user = 8,
	.wait = 60, .turn = 60, .messages = 1 };

static int
ask(const struct bed *b)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&b->address, sizeof b->address), 0);
	return fd;
}

/* The next byte from there; 0 at the end of it. */
static char
hear(int fd)
{
	char byte = 0;

	return read(fd, &byte, 1) == 1 ? byte : 0;
}

static int
ask_for(const struct bed *b, const char *message)
{
	int fd = ask(b);

	assert_int_equal(write(fd, message, 1), 1);
	return fd;
}

static struct poolstat
status(const struct bed *b)
{
	struct {
		char news[8];
		struct poolstat stat;
	} m;

	assert_int_equal(write(b->control, "Q", 1), 1);
	assert_int_equal(read(b->control, &m, sizeof m), sizeof m);
	assert_int_equal(m.news[0], POOL_STATUS);
	return m.stat;
}

static void
serves(void **state)
{
	struct bed b = begin(usual);
	struct poolstat s;

	(void)state;
	for (int i = 0; i < 10; i++) {
		int fd = ask_for(&b, "m");

		assert_int_equal(hear(fd), POOL_READY);
		assert_int_equal(write(fd, "ee", 2), 2);
		assert_int_equal(hear(fd), 'e');
		assert_int_equal(hear(fd), 'e');
		close(fd);
	}
	do
		s = status(&b);
	while (s.busy > 0);
	assert_int_equal(s.verdicts[POOLSTAT_CLEAN], 20);
	assert_int_equal(s.times[POOLSTAT_SCAN].count, 20);
	assert_int_equal(s.died, 0);
	end(&b);
}

static void
queues_then_refuses(void **state)
{
	struct bed b = begin(usual);
	int served[2], waiting, refused;

	(void)state;
	for (int i = 0; i < 2; i++) {
		served[i] = ask_for(&b, "m");
		assert_int_equal(hear(served[i]), POOL_READY);
	}
	waiting = ask_for(&b, "m");
	while (status(&b).waiting == 0)
		continue;
	refused = ask(&b);
	assert_int_equal(hear(refused), POOL_BUSY);
	assert_int_equal(hear(refused), 0);
	close(refused);
	close(served[0]);
	assert_int_equal(hear(waiting), POOL_READY);
	assert_int_equal(status(&b).refused_busy, 1);
	close(served[1]);
	close(waiting);
	end(&b);
}

static void
limits_a_user(void **state)
{
	struct pool_settings s = usual;
	struct bed b;
	int one, two;

	(void)state;
	s.per_user = 1;
	b = begin(s);
	one = ask_for(&b, "m");
	assert_int_equal(hear(one), POOL_READY);
	two = ask(&b);
	assert_int_equal(hear(two), POOL_BUSY);
	assert_int_equal(status(&b).refused_user, 1);
	close(one);
	close(two);
	end(&b);
}

static void
kills_what_hangs(void **state)
{
	struct pool_settings s = usual;
	struct bed b;
	int fd;

	(void)state;
	s.turn = 1;
	b = begin(s);
	fd = ask_for(&b, "m");
	assert_int_equal(hear(fd), POOL_READY);
	assert_int_equal(write(fd, "h", 1), 1);
	assert_int_equal(hear(fd), 0);
	close(fd);
	while (status(&b).died == 0)
		continue;
	assert_int_equal(status(&b).killed_turn, 1);
	end(&b);
}

static void
kills_what_lies(void **state)
{
	struct bed b = begin(usual);
	int fd = ask_for(&b, "m");

	(void)state;
	assert_int_equal(hear(fd), POOL_READY);
	assert_int_equal(write(fd, "l", 1), 1);
	assert_int_equal(hear(fd), 0);
	close(fd);
	assert_int_equal(status(&b).verdicts[POOLSTAT_CLEAN], 0);
	end(&b);
}

static void
remembers_what_kills(void **state)
{
	struct bed b = begin(usual);
	int fd;

	(void)state;
	for (int i = 0; i < 2; i++) {
		fd = ask_for(&b, "d");
		assert_int_equal(hear(fd), POOL_READY);
		assert_int_equal(write(fd, "x", 1), 1);
		assert_int_equal(hear(fd), 0);
		close(fd);
		while (status(&b).died < (uint64_t)i + 1)
			continue;
	}
	fd = ask_for(&b, "d");
	assert_int_equal(hear(fd), 'U');
	close(fd);
	fd = ask_for(&b, "m");
	assert_int_equal(hear(fd), POOL_READY);
	close(fd);
	assert_int_equal(status(&b).suspects, 1);
	end(&b);
}

static void
keeps_a_member(void **state)
{
	struct pool_settings s = usual;
	struct bed b;

	(void)state;
	s.members = s.spare = 1;
	s.messages = 100;
	b = begin(s);
	for (int i = 0; i < 5; i++) {
		int fd = ask_for(&b, "m");

		assert_int_equal(hear(fd), POOL_READY);
		close(fd);
	}
	end(&b);
}

static void
ends_with_its_master(void **state)
{
	struct bed b = begin(usual);
	int fd = ask_for(&b, "m"), status_r;

	(void)state;
	assert_int_equal(hear(fd), POOL_READY);
	close(b.control);
	/* What was begun is still finished. */
	assert_int_equal(write(fd, "e", 1), 1);
	assert_int_equal(hear(fd), 'e');
	close(fd);
	assert_int_equal(waitpid(b.pool, &status_r, 0), b.pool);
	assert_int_equal(status_r, 0);
	unlink(b.address.sun_path);
}

static void
forgets_in_time(void **state)
{
	static struct suspects s;
	unsigned char digest[SUSPECT_DIGEST] = { 1 }, other[SUSPECT_DIGEST] = { 0 };

	(void)state;
	suspect_note(&s, digest, 7, 1000);
	assert_false(suspect_is_refused(&s, digest, 7, 1001));
	suspect_note(&s, digest, 7, 2000);
	assert_true(suspect_is_refused(&s, digest, 7, 2001));
	assert_false(suspect_is_refused(&s, digest, 8, 2001));
	assert_true(suspect_is_refused(&s, digest, 7, 1999 + SUSPECT_MS));
	assert_false(suspect_is_refused(&s, digest, 7, 2000 + SUSPECT_MS));
	/* The newest stay when there are too many. */
	for (int i = 0; i < 2 * SUSPECT_MAX; i++) {
		other[0] = (unsigned char)(i & 255);
		other[1] = (unsigned char)(i >> 8);
		suspect_note(&s, other, 7, 3000 + i);
		suspect_note(&s, other, 7, 3000 + i);
	}
	assert_true(suspect_is_refused(&s, other, 7, 5000));
	assert_int_equal(suspect_count(&s, 5000), SUSPECT_MAX);
}

static void
quantiles(void **state)
{
	struct poolstat_times t = { 0 };

	(void)state;
	assert_int_equal(poolstat_quantile(&t, 0.5), 0);
	for (int i = 1; i <= 1000; i++)
		poolstat_add(&t, i * 1000);
	assert_int_equal(t.count, 1000);
	assert_in_range(poolstat_quantile(&t, 0.5), 500000, 750000);
	assert_in_range(poolstat_quantile(&t, 0.99), 990000, 1450000);
	for (int i = 1; i < POOLSTAT_BUCKETS; i++)
		assert_true(poolstat_limit(i) > poolstat_limit(i - 1));
}

/* A pool that is gone refuses nothing: that would be a verdict about the message. */
static void
tells_gone_from_refused(void **state)
{
	const unsigned char digest[SUSPECT_DIGEST] = { 1 };
	struct seat_note note = { .word = SEAT_REFUSED };
	struct seat seat;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	seat = (struct seat){ .channel = pair[0] };
	assert_int_equal(seat_ask_welcome(&seat, digest, false), 1);
	assert_int_equal(send(pair[1], &note, sizeof note, 0), sizeof note);
	assert_int_equal(seat_ask_welcome(&seat, digest, true), 0);
	note.word = SEAT_GO;
	assert_int_equal(send(pair[1], &note, sizeof note, 0), sizeof note);
	assert_int_equal(seat_ask_welcome(&seat, digest, true), 1);
	assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
	assert_int_equal(seat_ask_welcome(&seat, digest, true), -1);
	fd_close(&pair[1]);
	assert_int_equal(seat_ask_welcome(&seat, digest, true), -1);
	assert_int_equal(seat_ask_welcome(&seat, digest, false), -1);
	fd_close(&pair[0]);
}

static int
make_directory(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	return mkdtemp(directory) ? 0 : -1;
}

static int
remove_directory(void **state)
{
	(void)state;
	return rmdir(directory); /* the pool has left nothing behind */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serves),
		cmocka_unit_test(queues_then_refuses),
		cmocka_unit_test(limits_a_user),
		cmocka_unit_test(kills_what_hangs),
		cmocka_unit_test(kills_what_lies),
		cmocka_unit_test(remembers_what_kills),
		cmocka_unit_test(keeps_a_member),
		cmocka_unit_test(ends_with_its_master),
		cmocka_unit_test(forgets_in_time),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(tells_gone_from_refused),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
