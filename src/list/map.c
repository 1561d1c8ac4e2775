#include "list/map.h"

#include <cdb.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "list/bdb.h"

/* A map of any kind: 1 found and appended, 0 not, -1 with why. */
typedef int map_get(void *map, struct bytes key, struct buf *value, struct fail *why);

static int
map_get_bdb(void *map, struct bytes key, struct buf *value, struct fail *why)
{
	return bdb_get(map, key, value, why);
}

static int
map_get_cdb(void *map, struct bytes key, struct buf *value, struct fail *why)
{
	struct cdb *c = map;
	int rc = cdb_find(c, key.p, (unsigned)key.len);
	const void *p;

	if (rc < 0)
		return fail_errno(why, "the cdb map cannot be read");
	if (rc == 0)
		return 0;
	p = cdb_getdata(c);
	if (!p)
		return fail_errno(why, "the cdb map cannot be read");
	buf_add(value, p, cdb_datalen(c));
	return 1;
}

/* Each spelling in turn; a NUL is there behind every string. */
static int
map_try(map_get *get, void *map, const char *key, struct buf *value, struct fail *why)
{
	char *lower = mem_string(key);
	const char *spellings[] = { lower, key };
	int rc = 0;

	for (char *p = lower; *p; p++)
		*p = str_lower(*p);
	for (size_t i = 0; i < 4 && rc == 0; i++) {
		struct bytes b = bytes_of(spellings[i / 2]);

		b.len += i % 2;
		rc = get(map, b, value, why);
	}
	free(lower);
	return rc;
}

static int
map_find_cdb(int fd, const char *name, const char *key, struct buf *value, struct fail *why)
{
	struct cdb c;
	int rc;

	if (cdb_init(&c, fd) < 0)
		return fail_errno(why, "%s cannot be used as a cdb map", name);
	rc = map_try(map_get_cdb, &c, key, value, why);
	cdb_free(&c);
	return rc;
}

static int
map_find_bdb(enum bdb_type type, int fd, const char *name, const char *key, struct buf *value,
    struct fail *why)
{
	struct bdb *b = bdb_open_fd(fd, name, type, why);
	struct fail none = { 0 };
	int rc;

	if (!b)
		return -1;
	rc = map_try(map_get_bdb, b, key, value, why);
	bdb_close(&b, &none);
	return rc;
}

int
map_find(const char *type, int fd, const char *name, const char *key, struct buf *out,
    struct fail *why)
{
	struct buf value = BUF_INIT;
	int rc;

	if (strcmp(type, "btree") == 0)
		rc = map_find_bdb(BDB_BTREE, fd, name, key, &value, why);
	else if (strcmp(type, "hash") == 0)
		rc = map_find_bdb(BDB_HASH, fd, name, key, &value, why);
	else if (strcmp(type, "cdb") == 0)
		rc = map_find_cdb(fd, name, key, &value, why);
	else
		rc = fail_temp(why, "map type \"%.20s\": write btree, hash, cdb or text", type);
	if (rc > 0) {
		/* makemap -N counts the NUL. */
		if (value.len > 0 && value.p[value.len - 1] == '\0')
			value.len--;
		buf_bytes(out, value.len > 0 ? buf_view(&value) : bytes_of(key));
		buf_byte(out, '\n');
	}
	buf_clear(&value);
	return rc < 0 ? -1 : 0;
}
