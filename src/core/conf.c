#include "core/conf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"

#define CONF_FILE_MAX (1u << 20)  /* bytes */
#define CONF_NEAR 3               /* first letters that a key shares with what is meant */

static const char *const conf_reloads[] = { "replace", "stop", NULL };
static const char *const conf_logs[] = { "text", "json", NULL };
static const char *const conf_allowed[] = { "any", "smrsh", "none", NULL };

#define KEY(field, type, standard) \
	{ #field, type, offsetof(struct conf, field), standard, 0, 0, NULL }
#define NUMBER(field, standard, min, max) \
	{ #field, CONF_NUMBER, offsetof(struct conf, field), standard, min, max, NULL }

const struct conf_key conf_keys[] = {
	KEY(database, CONF_PATHNAME, "/var/lib/clamav"),
	KEY(scanner, CONF_PATHNAME, ""),
	KEY(scan_user, CONF_STRING, "bivalve"),
	KEY(temp_dir, CONF_PATHNAME, "/tmp"),
	NUMBER(scan_timeout, "120", 1, 3600),
	NUMBER(max_scan_size, "400", 1, 4000),
	NUMBER(max_file_size, "100", 1, 2000),
	NUMBER(max_recursion, "70", 1, 100),
	NUMBER(max_files, "10000", 1, 1000000),
	NUMBER(scan_memory, "1024", 64, 65536),
	NUMBER(temp_memory, "1024", 0, 1048576),
	KEY(pua, CONF_BOOL, "no"),
	KEY(scan_socket, CONF_PATHNAME, "/run/bivalve/scan"),
	KEY(require_resident, CONF_BOOL, "no"),
	NUMBER(scanners, "4", 1, 256),
	NUMBER(spare_scanners, "2", 1, 256),
	NUMBER(scan_queue, "64", 0, 1024),
	NUMBER(scan_per_user, "16", 1, 1024),
	NUMBER(scan_wait, "60", 1, 3600),
	NUMBER(messages_per_scanner, "1", 1, 1000000),
	{ "reload", CONF_CHOICE, offsetof(struct conf, reload), "replace", 0, 0, conf_reloads },
	KEY(lmtp_socket, CONF_PATHNAME, "/run/bivalve/lmtp"),
	KEY(lmtp_owner, CONF_STRING, ""),
	KEY(lmtp_listen, CONF_STRING, ""),
	NUMBER(max_sessions, "64", 1, 1024),
	NUMBER(connections_per_session, "100", 1, 1000000),
	NUMBER(spare_sessions, "2", 1, 256),
	NUMBER(max_deliveries, "256", 1, 65536),
	NUMBER(deliveries_per_user, "32", 1, 65536),
	KEY(status_socket, CONF_PATHNAME, "/run/bivalve/status"),
	KEY(metrics_socket, CONF_PATHNAME, "/run/bivalve/metrics"),
	KEY(counts_socket, CONF_PATHNAME, "/run/bivalve/counts"),
	KEY(pid_file, CONF_PATHNAME, ""),
	KEY(site_recipes, CONF_PATHNAME, SYSCONFDIR "/bivalverc"),
	KEY(quarantine, CONF_PATHNAME, ""),
	KEY(strip_template, CONF_PATHNAME, ""),
	KEY(blocklist, CONF_PATHNAME, STATEDIR "/blocklist/virbl.db"),
	NUMBER(blocklist_expire, "3600", 60, 31536000),
	KEY(blocklist_exempt, CONF_STRING, "special"),
	KEY(blocklist_users, CONF_BOOL, "no"),
	KEY(mta_names, CONF_STRING, ""),
	KEY(dns_servers, CONF_STRING, ""),
	NUMBER(dns_timeout, "10", 1, 60),
	KEY(spool_dir, CONF_PATHNAME, "/var/tmp"),
	KEY(mail_spool, CONF_PATHNAME, "/var/mail"),
	KEY(root_alias, CONF_STRING, ""),
	NUMBER(timeout, "1800", 1, 86400),
	NUMBER(grace, "10", 1, 10),
	NUMBER(max_message_size, "0", 0, 2000),
	NUMBER(spool_memory, "256", 4, 1048576),
	{ "programs", CONF_CHOICE, offsetof(struct conf, programs), "any", 0, 0, conf_allowed },
	KEY(smrsh, CONF_PATHNAME, "/usr/libexec/sendmail/smrsh"),
	KEY(user_config, CONF_BOOL, "yes"),
	{ "log_format", CONF_CHOICE, offsetof(struct conf, log_format), "text", 0, 0, conf_logs },
	NUMBER(session_timeout, "300", 1, 3600),
	NUMBER(max_recipients, "1000", 1, 10000),
	NUMBER(parallel_deliveries, "8", 1, 64),
	{ NULL, CONF_STRING, 0, NULL, 0, 0, NULL },
};

static void *
conf_field(struct conf *c, const struct conf_key *key)
{
	return (char *)c + key->offset;
}

static bool
conf_is_text(const struct conf_key *key)
{
	return key->type == CONF_STRING || key->type == CONF_PATHNAME;
}

static void
conf_set_text(struct conf *c, const struct conf_key *key, const char *value)
{
	char **field = conf_field(c, key);

	free(*field);
	*field = mem_string(value);
}

/* "a, b or c" */
static const char *
conf_choices(const struct conf_key *key, char *hint, size_t size)
{
	size_t n = 0;

	for (int i = 0; key->choices[i] && n < size; i++)
		n += (size_t)snprintf(hint + n, size - n, "%s%s",
		    i == 0 ? "" : key->choices[i + 1] ? ", " : " or ", key->choices[i]);
	return hint;
}

static bool
conf_choice(const struct conf_key *key, const char *value, int *out)
{
	for (int i = 0; key->choices[i]; i++)
		if (strcmp(key->choices[i], value) == 0) {
			*out = i;
			return true;
		}
	return false;
}

/* What the value should have been, in words; NULL when it was good. */
static const char *
conf_set(struct conf *c, const struct conf_key *key, const char *value, char *hint, size_t size)
{
	switch (key->type) {
	case CONF_PATHNAME:
		if (*value && *value != '/')
			return "an absolute path";
		/* fall through */
	case CONF_STRING:
		conf_set_text(c, key, value);
		return NULL;
	case CONF_NUMBER:
		if (str_long(value, key->min, key->max, conf_field(c, key)))
			return NULL;
		snprintf(hint, size, "a number from %ld to %ld", key->min, key->max);
		return hint;
	case CONF_BOOL:
		if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
			return "yes or no";
		*(bool *)conf_field(c, key) = value[0] == 'y';
		return NULL;
	case CONF_CHOICE:
		if (conf_choice(key, value, conf_field(c, key)))
			return NULL;
		return conf_choices(key, hint, size);
	}
	return "something else";
}

static const struct conf_key *
conf_find(struct bytes name)
{
	for (const struct conf_key *k = conf_keys; k->name; k++)
		if (bytes_is(name, k->name))
			return k;
	return NULL;
}

/* The letters that name shares with key at the beginning, and at the end; 0: they are not near. */
static size_t
conf_shared(struct bytes name, const char *key)
{
	const size_t len = strlen(key);
	size_t first = 0, last = 0;

	while (first < name.len && first < len && key[first] == name.p[first])
		first++;
	while (first + last < name.len && first + last < len &&
	    key[len - last - 1] == name.p[name.len - last - 1])
		last++;
	return first < CONF_NEAR ? 0 : first + last;
}

/* The key that shares the most is probably meant. */
static const char *
conf_near(struct bytes name)
{
	const char *near = NULL;
	size_t most = 0;

	for (const struct conf_key *k = conf_keys; k->name; k++)
		if (conf_shared(name, k->name) > most) {
			most = conf_shared(name, k->name);
			near = k->name;
		}
	return near;
}

static int
conf_line(struct conf *c, const char *path, int lineno, struct bytes line, struct fail *why)
{
	const char *eq, *problem, *near;
	const struct conf_key *key;
	struct bytes name;
	char *value, hint[96];

	line = bytes_trim(line);
	if (line.len == 0 || line.p[0] == '#')
		return 0;
	eq = memchr(line.p, '=', line.len);
	name = bytes_trim(bytes_first(line, eq ? (size_t)(eq - line.p) : line.len));
	if (!eq)
		return fail_temp(why, "%s:%d: \"%.*s\" is no setting: write \"key = value\" "
		    "or put # in front", path, lineno, (int)(line.len < 60 ? line.len : 60),
		    line.p);
	key = conf_find(name);
	near = conf_near(name);
	if (!key)
		return fail_temp(why, "%s:%d: there is no key \"%.*s\"%s%s%s; bivalve.conf(5) "
		    "lists the keys", path, lineno, (int)(name.len < 60 ? name.len : 60),
		    name.p,
		    near ? ": perhaps \"" : "", near ? near : "", near ? "\" is meant" : "");
	value = mem_copy(bytes_trim(bytes_from(line, (size_t)(eq - line.p) + 1)));
	problem = conf_set(c, key, value, hint, sizeof hint);
	if (key->offset == offsetof(struct conf, site_recipes))
		c->site_named = true;
	if (problem)
		fail_temp(why, "%s:%d: %s = %.60s: write %s", path, lineno, key->name, value,
		    problem);
	free(value);
	return problem ? -1 : 0;
}

/* Whoever may write it decides whose rights scanners and recipes get: as for rcfiles, that is root
 * or who asks. */
static int
conf_trusted(const char *path, struct fail *why)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return 0; /* reading it says so */
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return fail_temp(why, "%s is not used: it must belong to root", path);
	if (st.st_mode & S_IWOTH)
		return fail_temp(why, "%s is not used: it is world-writable: chmod o-w", path);
	return 0;
}

int
conf_load(struct conf *c, const char *path, bool must_exist, struct fail *why)
{
	struct buf text = BUF_INIT;
	struct bytes rest, line;
	int rc = 0, lineno = 0;
	char hint[96];

	memset(c, 0, sizeof *c);
	for (const struct conf_key *k = conf_keys; k->name; k++)
		conf_set(c, k, k->standard, hint, sizeof hint);
	rc = conf_trusted(path, why);
	if (rc < 0)
		goto out;
	if (fd_read_file(path, CONF_FILE_MAX, &text) < 0) {
		if (errno == ENOENT && !must_exist)
			goto out;
		rc = fail_errno(why, "%s cannot be read: give it mode 0644 and owner root", path);
		goto out;
	}
	if (text.len && memchr(text.p, '\0', text.len)) {
		rc = fail_temp(why, "%s:1: the file holds NUL bytes: it is no text", path);
		goto out;
	}
	rest = buf_view(&text);
	while (rc == 0 && bytes_line(&rest, &line))
		rc = conf_line(c, path, ++lineno, line, why);
out:
	buf_clear(&text);
	return rc;
}

void
conf_clear(struct conf *c)
{
	for (const struct conf_key *k = conf_keys; k->name; k++)
		if (conf_is_text(k))
			free(*(char **)conf_field(c, k));
	memset(c, 0, sizeof *c);
}
