#include "proc/users.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "proc/groups.h"

#define USERS_BUFFER_MAX (1u << 20)  /* bytes of one passwd entry */
#define USERS_NSSWITCH "/etc/nsswitch.conf"

/* The sources in their order, as the administrator wrote them: the log must say which failed. */
static void
users_sources(struct buf *out)
{
	struct buf text = BUF_INIT;
	struct bytes rest, line;

	if (fd_read_file(USERS_NSSWITCH, 65536, &text) == 0) {
		rest = buf_view(&text);
		while (bytes_line(&rest, &line))
			if (bytes_starts(line, "passwd:"))
				buf_bytes(out, bytes_trim(bytes_from(line, 7)));
	}
	buf_clear(&text);
	if (out->len == 0)
		buf_str(out, "files");
}

static int
users_down(const char *what, int err, struct fail *why)
{
	struct buf sources = BUF_INIT;

	users_sources(&sources);
	fail_set(why, FAIL_USERDB, "the user database did not answer for %s: passwd sources "
	    "\"%s\" (%s): %s (error %d); check that directory service (nslcd, sssd, ypbind), "
	    "the mail stays queued", what, sources.p, USERS_NSSWITCH, strerror(err), err);
	buf_clear(&sources);
	return -1;
}

static int
users_call(const char *name, uid_t uid, struct passwd *pw, char *room, size_t size,
    struct passwd **found)
{
	int rc;

	do
		rc = name ? getpwnam_r(name, pw, room, size, found)
		    : getpwuid_r(uid, pw, room, size, found);
	while (rc == EINTR);
	return rc;
}

static int
users_lookup(const char *name, uid_t uid, const char *what, struct account *a, struct fail *why)
{
	struct passwd pw, *found = NULL;
	char *room = NULL;
	size_t size = 1024;
	int rc;

	do {
		size *= 2;
		room = mem_resize(room, size);
		rc = users_call(name, uid, &pw, room, size, &found);
	} while (rc == ERANGE && size < USERS_BUFFER_MAX);
	if (rc != 0) {
		/* Every error is "no answer": a missing user is 0 without an entry. */
		users_down(what, rc, why);
	} else if (!found) {
		/* The database answered, and knows no such name: the one lasting "no". */
		fail_set(why, FAIL_NOUSER, "there is no user %s", what);
	} else {
		a->name = mem_string(pw.pw_name);
		a->home = mem_string(pw.pw_dir && *pw.pw_dir ? pw.pw_dir : "/");
		a->shell = mem_string(pw.pw_shell && *pw.pw_shell ? pw.pw_shell : "/bin/sh");
		a->uid = pw.pw_uid;
		a->gid = pw.pw_gid;
	}
	free(room);
	return found ? 0 : -1;
}

int
users_find(const char *name, struct account *a, struct fail *why)
{
	/* A name is hostile text in a log line: bounded there by fail's own size. */
	return users_lookup(name, 0, name, a, why);
}

int
users_find_uid(uid_t uid, struct account *a, struct fail *why)
{
	struct buf what = BUF_INIT;
	int rc;

	buf_printf(&what, "uid %ju", (uintmax_t)uid);
	rc = users_lookup(NULL, uid, what.p, a, why);
	buf_clear(&what);
	return rc;
}

int
users_find_weak(const struct conf *conf, struct account *a, struct fail *why)
{
	struct fail none = { 0 };
	int rc = users_find(conf->scan_user, a, &none);

	if (rc < 0 && none.kind == FAIL_NOUSER && strcmp(conf->scan_user, "bivalve") == 0) {
		fail_clear(&none);
		rc = users_find("nobody", a, &none); /* not installed yet: as safe, less apart */
	}
	if (rc < 0)
		return fail_temp(why, "scan_user %s: %s", conf->scan_user, none.text);
	if (a->uid != 0)
		return 0;
	users_clear(a);
	return fail_temp(why, "scan_user %s in " CONF_PATH " is an account with uid 0: name one "
	    "without rights", conf->scan_user);
}

int
users_root_alias(const struct conf *conf, struct account *a, struct fail *why)
{
	users_clear(a);
	if (!*conf->root_alias)
		return fail_temp(why,
		    "mail for root is not delivered with root's rights: alias root "
		    "to a person in the MTA's aliases, or set root_alias in " CONF_PATH);
	if (users_find(conf->root_alias, a, why) < 0) {
		/* Not the sender's mistake. */
		why->kind = FAIL_TEMP;
		return -1;
	}
	if (a->uid == 0)
		return fail_temp(why, "root_alias in " CONF_PATH " names an account with uid 0");
	return 0;
}

void
users_warm(const struct account *a)
{
	gid_t groups[64];
	int n = 64;

	if (!groups_need_module())
		return;
	if (getgrouplist(a->name, a->gid, groups, &n) < 0)
		return; /* more than fit: what was to be loaded is */
}

void
users_clear(struct account *a)
{
	free((void *)(uintptr_t)a->name);
	free((void *)(uintptr_t)a->home);
	free((void *)(uintptr_t)a->shell);
	memset(a, 0, sizeof *a);
}
