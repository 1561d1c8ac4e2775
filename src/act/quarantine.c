#include "act/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "act/durable.h"
#include "act/place.h"
#include "base/buf.h"
#include "base/fd.h"
#include "base/json.h"

static void
quarantine_json(struct buf *out, const struct quarantine_entry *e, const char *id, size_t size)
{
	const struct {
		const char *key, *value;
	} rows[] = {
		{ "queue_id", e->queue_id }, { "sender", e->sender },
		{ "recipient", e->recipient }, { "detail", e->detail },
		{ "client", e->client }, { "status", e->status }, { "virus", e->virus },
		{ "reason", e->reason }, { "rule", e->rule },
	};
	time_t now = time(NULL);
	char when[32] = "";
	struct json j;
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_init(&j, out);
	json_object(&j, NULL);
	json_str(&j, "id", id);
	json_str(&j, "time", when);
	json_number(&j, "size", (long long)size);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		json_str(&j, rows[i].key, rows[i].value ? rows[i].value : "");
	json_end(&j);
}

/* The directory, O_PATH, when nobody else can look into it or change it. */
static int
quarantine_open(const char *dir, struct fail *why)
{
	struct act_env none = { 0 };
	struct place place;
	struct stat st;
	int fd = -1;

	if (place_find(&place, &none, dir, why) < 0)
		return -1;
	if (mkdirat(place.dir, place.name, 0700) == 0) {
		if (durable_sync_dir(place.dir) < 0)
			fail_errno(why, "quarantine %s", dir);
	} else if (errno != EEXIST) {
		fail_errno(why, "quarantine %s cannot be made", dir);
	}
	if (why->kind == FAIL_NONE)
		fd = place_open_dir(&place, dir, false, why);
	place_clear(&place);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		fail_errno(why, "quarantine %s", dir);
	else if (st.st_uid != geteuid() || (st.st_mode & 077))
		fail_temp(why, "quarantine %s is not used: it must belong to uid %lu and have "
		    "mode 0700", dir, (unsigned long)geteuid());
	else
		return fd;
	fd_close(&fd);
	return -1;
}

static int
quarantine_id(char id[QUARANTINE_ID_SIZE], struct fail *why)
{
	unsigned char random[(QUARANTINE_ID_SIZE - 1) / 2];
	ssize_t n;

	do
		n = getrandom(random, sizeof random, 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof random)
		return fail_errno(why, "no random name for the quarantine");
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(id + 2 * i, 3, "%02x", random[i]);
	return 0;
}

/* One file of an entry: id and suffix, written below a temporary name first. */
static int
quarantine_file(int dir, const char *id, const char *suffix, struct bytes first,
    struct bytes second, struct fail *why)
{
	char temporary[64], name[64];
	struct durable d = DURABLE_INIT;
	int rc = -1;

	snprintf(temporary, sizeof temporary, ".%s%s", id, suffix);
	snprintf(name, sizeof name, "%s%s", id, suffix);
	if (durable_begin(&d, dir, temporary, 0600) == 0
	    && fd_write_all(d.fd, first.p, first.len) == 0
	    && fd_write_all(d.fd, second.p, second.len) == 0 && durable_seal(&d) == 0
	    && durable_publish(&d, dir, name) == 0)
		rc = 0;
	else
		fail_errno(why, "quarantine: %s cannot be written", name);
	durable_end(&d);
	return rc;
}

int
quarantine_store(const char *dir, const struct quarantine_entry *e, struct bytes head,
    struct bytes body, char id_r[QUARANTINE_ID_SIZE], struct fail *why)
{
	const struct bytes none = { "", 0 };
	struct buf json = BUF_INIT;
	char name[64];
	int fd = -1, rc = -1;

	if (quarantine_id(id_r, why) < 0 || (fd = quarantine_open(dir, why)) < 0)
		goto out;
	quarantine_json(&json, e, id_r, head.len + body.len);
	if (quarantine_file(fd, id_r, ".eml", head, body, why) < 0)
		goto out;
	/* The description comes last: what has one is complete. */
	rc = quarantine_file(fd, id_r, ".json", buf_view(&json), none, why);
	if (rc < 0) {
		snprintf(name, sizeof name, "%s.eml", id_r);
		unlinkat(fd, name, 0);
	}
out:
	fd_close(&fd);
	buf_clear(&json);
	return rc;
}
