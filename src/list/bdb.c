#include "list/bdb.h"

#include <db.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/undo.h"

#define BDB_MODE 0644              /* sendmail reads by mode bits, root or not */
#define BDB_LOCK_TRIES 600         /* of 50 ms: 30 s */
#define BDB_LOCK_STEP 50000000L    /* ns */
#define BDB_REOPEN 20              /* times that the file may be replaced while we wait for it */

struct bdb {
	DB *db;
	char *name;
	int fd;          /* holds the lock */
	bool own_fd, dirty;
};

static int
bdb_fail(struct bdb *b, const char *what, int rc, struct fail *why)
{
	fail_temp(why, "%s: %s: %s", b->name, what, db_strerror(rc));
	if (why->err == 0)
		why->err = rc > 0 ? rc : EINVAL; /* libdb's own numbers are negative */
	return -1;
}

/* libdb says what it does not like on standard error otherwise. */
static void
bdb_hush(const DB_ENV *env, const char *prefix, const char *text)
{
	(void)env;
	(void)prefix;
	(void)text;
}

static DBTYPE
bdb_kind(enum bdb_type type)
{
	return type == BDB_HASH ? DB_HASH : DB_BTREE;
}

static int
bdb_start(struct bdb *b, const char *path, enum bdb_type type, u_int32_t flags, struct fail *why)
{
	int rc = db_create(&b->db, NULL, 0);

	if (rc != 0)
		return bdb_fail(b, "Berkeley DB", rc, why);
	b->db->set_errcall(b->db, bdb_hush);
	rc = b->db->open(b->db, NULL, path, NULL, bdb_kind(type), flags, BDB_MODE);
	if (rc == 0)
		return 0;
	b->db->close(b->db, 0);
	b->db = NULL;
	return bdb_fail(b, type == BDB_HASH ? "cannot be used as a Berkeley DB hash"
	    : "cannot be used as a Berkeley DB btree", rc, why);
}

/* libdb believes what a page says, and reads and writes wherever that leads.  This costs a look at
 * each page, so it is for files that are small. */
static int
bdb_verify(struct bdb *b, const char *path, struct fail *why)
{
	DB *db;
	int rc = db_create(&db, NULL, 0);

	if (rc == 0) {
		db->set_errcall(db, bdb_hush);
		rc = db->verify(db, path, NULL, NULL, 0); /* whatever it finds, db is gone */
	}
	return rc == 0 ? 0 : bdb_fail(b, "is damaged, or no Berkeley DB file", rc, why);
}

/* A map without an entry, complete before it has its name. */
static int
bdb_make(const char *path, enum bdb_type type, struct fail *why)
{
	struct buf temp = BUF_INIT;
	struct bdb b = { .fd = -1 };
	int rc = -1, undo;

	buf_printf(&temp, "%s.new.%ld", path, (long)getpid());
	b.name = temp.p;
	undo = undo_unlink(temp.p);
	if (bdb_start(&b, temp.p, type, DB_CREATE | DB_EXCL, why) < 0)
		goto out;
	b.db->close(b.db, 0);
	b.fd = open(temp.p, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (b.fd < 0 || fchmod(b.fd, BDB_MODE) < 0 || fsync(b.fd) < 0)
		fail_errno(why, "%s", temp.p);
	else if (link(temp.p, path) < 0 && errno != EEXIST)
		fail_errno(why, "%s cannot be made", path);
	else
		rc = 0;
out:
	unlink(temp.p);
	undo_forget(undo);
	fd_close(&b.fd);
	buf_clear(&temp);
	return rc;
}

static int
bdb_lock(struct bdb *b, enum bdb_mode mode, struct fail *why)
{
	const struct timespec step = { 0, BDB_LOCK_STEP };
	int how = (mode == BDB_WRITE ? LOCK_EX : LOCK_SH) | LOCK_NB;

	for (int i = 0; flock(b->fd, how) < 0; i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail_errno(why, "%s cannot be locked", b->name);
		if (i == BDB_LOCK_TRIES)
			return fail_temp(why, "%s is locked by another program for half a minute; "
			    "fuser(1) names it", b->name);
		nanosleep(&step, NULL);
	}
	return 0;
}

/* Is what we hold locked what the name leads to? 1 yes, 0 no longer. */
static int
bdb_is_current(struct bdb *b)
{
	struct stat ours, named;

	return fstat(b->fd, &ours) == 0 && stat(b->name, &named) == 0
	    && ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static int
bdb_take_file(struct bdb *b, enum bdb_type type, enum bdb_mode mode, struct fail *why)
{
	int flags = (mode == BDB_WRITE ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

	for (int i = 0; i < BDB_REOPEN; i++) {
		fd_close(&b->fd);
		b->fd = open(b->name, flags);
		if (b->fd < 0 && (errno != ENOENT || mode == BDB_READ))
			return fail_errno(why, "%s", b->name);
		if (b->fd < 0 && bdb_make(b->name, type, why) < 0)
			return -1;
		if (b->fd < 0)
			continue;
		if (bdb_lock(b, mode, why) < 0)
			return -1;
		if (bdb_is_current(b))
			return 0;
	}
	return fail_temp(why, "%s is replaced all the time", b->name);
}

struct bdb *
bdb_open(const char *path, enum bdb_type type, enum bdb_mode mode, struct fail *why)
{
	struct bdb *b = mem_zero(sizeof *b);
	struct fail none = { 0 };

	b->name = mem_string(path);
	b->fd = -1;
	b->own_fd = true;
	if (bdb_take_file(b, type, mode, why) == 0 && bdb_verify(b, path, why) == 0
	    && bdb_start(b, path, type, mode == BDB_WRITE ? 0 : DB_RDONLY, why) == 0)
		return b;
	bdb_close(&b, &none);
	return NULL;
}

struct bdb *
bdb_open_fd(int fd, const char *name, enum bdb_type type, struct fail *why)
{
	struct bdb *b = mem_zero(sizeof *b);
	struct fail none = { 0 };
	char path[32];

	b->name = mem_string(name);
	b->fd = fd;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (bdb_lock(b, BDB_READ, why) == 0 && bdb_start(b, path, type, DB_RDONLY, why) == 0)
		return b;
	bdb_close(&b, &none);
	return NULL;
}

static DBT
bdb_thing(struct bytes b)
{
	DBT t;

	memset(&t, 0, sizeof t);
	t.data = (void *)(uintptr_t)b.p;
	t.size = (u_int32_t)b.len;
	return t;
}

int
bdb_get(struct bdb *b, struct bytes key, struct buf *value, struct fail *why)
{
	DBT k = bdb_thing(key), v = bdb_thing((struct bytes){ NULL, 0 });
	int rc = b->db->get(b->db, NULL, &k, &v, 0);

	if (rc == DB_NOTFOUND || rc == DB_KEYEMPTY)
		return 0;
	if (rc != 0)
		return bdb_fail(b, "cannot be read", rc, why);
	buf_add(value, v.data, v.size);
	return 1;
}

int
bdb_put(struct bdb *b, struct bytes key, struct bytes value, struct fail *why)
{
	DBT k = bdb_thing(key), v = bdb_thing(value);
	int rc = b->db->put(b->db, NULL, &k, &v, 0);

	b->dirty = true;
	return rc == 0 ? 0 : bdb_fail(b, "cannot be written", rc, why);
}

int
bdb_remove(struct bdb *b, struct bytes key, struct fail *why)
{
	DBT k = bdb_thing(key);
	int rc = b->db->del(b->db, NULL, &k, 0);

	if (rc == DB_NOTFOUND)
		return 0;
	b->dirty = true;
	return rc == 0 ? 1 : bdb_fail(b, "cannot be written", rc, why);
}

int
bdb_each(struct bdb *b, bdb_pair *call, void *ctx, struct fail *why)
{
	DBT k = bdb_thing((struct bytes){ NULL, 0 }), v = k;
	DBC *cursor;
	int rc = b->db->cursor(b->db, NULL, &cursor, 0);

	if (rc != 0)
		return bdb_fail(b, "cannot be read", rc, why);
	while ((rc = cursor->get(cursor, &k, &v, DB_NEXT)) == 0)
		if (!call(ctx, (struct bytes){ k.data, k.size }, (struct bytes){ v.data, v.size }))
			break;
	cursor->close(cursor);
	return rc == 0 || rc == DB_NOTFOUND ? 0 : bdb_fail(b, "cannot be read", rc, why);
}

int
bdb_close(struct bdb **bp, struct fail *why)
{
	struct bdb *b = *bp;
	int rc = 0, err = 0;

	*bp = NULL;
	if (!b)
		return 0;
	if (b->db && b->dirty)
		err = b->db->sync(b->db, 0);
	if (b->db) {
		int end = b->db->close(b->db, 0);

		err = err ? err : end;
	}
	if (err)
		rc = bdb_fail(b, "cannot be written", err, why);
	else if (b->dirty && fsync(b->fd) < 0)
		rc = fail_errno(why, "%s", b->name);
	if (b->own_fd)
		fd_close(&b->fd);
	else
		flock(b->fd, LOCK_UN);
	free(b->name);
	free(b);
	return rc;
}
