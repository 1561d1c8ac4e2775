#include "act/kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/durable.h"
#include "act/place.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define KEPT_JSON_MAX 65536     /* bytes of one description */
#define KEPT_MAX 200000         /* messages that are looked at */

int
kept_open(const char *dir, struct fail *why)
{
	struct act_env none = { 0 };
	struct place place;
	struct stat st;
	int fd;

	/* A link is followed where the delivery follows it. */
	if (place_find(&place, &none, dir, why) < 0)
		return -1;
	fd = openat(place.dir, place.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	place_clear(&place);
	if (fd < 0)
		return fail_errno(why, "quarantine %s", dir);
	if (fstat(fd, &st) < 0)
		fail_errno(why, "quarantine %s", dir);
	else if (st.st_uid != geteuid() || (st.st_mode & 077))
		fail_temp(why, "quarantine %s is not looked into: it must belong to uid %lu and "
		    "have mode 0700", dir, (unsigned long)geteuid());
	else
		return fd;
	fd_close(&fd);
	return -1;
}

static bool
kept_is_id(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr("0123456789abcdef", name[i]))
			return false;
	return true;
}

static time_t
kept_time(const char *text)
{
	struct tm tm = { 0 };
	char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	return end && !*end ? timegm(&tm) : 0;
}

/* What is missing in the description is empty. */
static void
kept_describe(struct kept *k, struct bytes json)
{
	static const char *const keys[] = { "queue_id", "sender", "recipient", "detail", "client",
		"status", "virus", "reason", "rule", "time", "size" };
	const char **fields[] = { &k->queue_id, &k->sender, &k->recipient, &k->detail, &k->client,
		&k->status, &k->virus, &k->reason, &k->rule };
	size_t at[sizeof keys / sizeof keys[0]];

	buf_init(&k->text);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		at[i] = k->text.len;
		json_find(json, keys[i], &k->text);
		/* A NUL inside would end the text, and no more. */
		buf_byte(&k->text, '\0');
	}
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		*fields[i] = k->text.p + at[i];
	k->time = kept_time(k->text.p + at[9]);
	k->size = strtoll(k->text.p + at[10], NULL, 10);
}

static void
kept_one(int dir, const char *name, struct kept_list *list, size_t *room)
{
	size_t len = QUARANTINE_ID_SIZE - 1;
	struct buf json = BUF_INIT;
	int fd;

	if (strlen(name) != len + 5 || strcmp(name + len, ".json") != 0 || !kept_is_id(name, len)
	    || list->n == KEPT_MAX)
		return;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && fd_read_all(fd, KEPT_JSON_MAX, &json) == 0) {
		if (list->n == *room) {
			*room = *room ? 2 * *room : 64;
			list->item = mem_resize(list->item, *room * sizeof *list->item);
		}
		memcpy(list->item[list->n].id, name, len);
		list->item[list->n].id[len] = '\0';
		kept_describe(&list->item[list->n++], buf_view(&json));
	}
	fd_close(&fd);
	buf_clear(&json);
}

static int
kept_compare(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return strcmp(x->id, y->id);
}

int
kept_read(int dir, struct kept_list *list, struct fail *why)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	size_t room = 0;

	memset(list, 0, sizeof *list);
	if (!d) {
		fail_errno(why, "quarantine");
		fd_close(&fd);
		return -1;
	}
	while ((e = readdir(d)) != NULL)
		kept_one(dir, e->d_name, list, &room);
	closedir(d);
	if (list->n)
		qsort(list->item, list->n, sizeof *list->item, kept_compare);
	return 0;
}

void
kept_clear(struct kept_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		buf_clear(&list->item[i].text);
	free(list->item);
	memset(list, 0, sizeof *list);
}

const struct kept *
kept_find(const struct kept_list *list, const char *text, struct fail *why)
{
	const struct kept *found = NULL;
	size_t n = strlen(text);

	if (n < 4 || n >= QUARANTINE_ID_SIZE || !kept_is_id(text, n)) {
		fail_set(why, FAIL_USAGE, "\"%s\" is no id: its first digits, four at least",
		    text);
		return NULL;
	}
	for (size_t i = 0; i < list->n; i++) {
		if (strncmp(list->item[i].id, text, n) != 0)
			continue;
		if (found) {
			fail_set(why, FAIL_USAGE, "%s: more than one id begins so", text);
			return NULL;
		}
		found = &list->item[i];
	}
	if (!found)
		fail_set(why, FAIL_USAGE, "%s: no message has this id", text);
	return found;
}

int
kept_message(int dir, const struct kept *k, struct fail *why)
{
	char name[QUARANTINE_ID_SIZE + 8];
	int fd;

	snprintf(name, sizeof name, "%s.eml", k->id);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? fail_errno(why, "%s", name) : fd;
}

int
kept_delete(int dir, const struct kept *k, struct fail *why)
{
	static const char *const suffixes[] = { "json", "eml" };
	char name[QUARANTINE_ID_SIZE + 8];

	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		snprintf(name, sizeof name, "%s.%s", k->id, suffixes[i]);
		if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
			return fail_errno(why, "%s", name);
	}
	return durable_sync_dir(dir) < 0 ? fail_errno(why, "quarantine") : 0;
}
