#include "proc/groups.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"

#if defined(__GLIBC__) && !defined(__UCLIBC__)
#include <nss.h>
#endif

#define GROUPS_NSSWITCH "/etc/nsswitch.conf"
#define GROUPS_NSSWITCH_MAX 65536
#define GROUPS_SYSTEMD "systemd"
#define GROUPS_SERVICES "/run/systemd/userdb"
#define GROUPS_BUILT_IN "files"  /* the one source that the C library has in itself */
#define GROUPS_PATH_MAX 512  /* bytes, with a root of tests before it */
#define GROUPS_SOURCES 256   /* bytes of a list of sources */
#define GROUPS_FRESH 2000    /* ms */

/* Where files of memberships may be (systemd's userdb-dropin.h). */
static const char *const groups_dirs[] = {
	"/etc/userdb", "/run/userdb", "/run/host/userdb", "/usr/local/lib/userdb",
	"/usr/lib/userdb", "/lib/userdb",
};

/* Services there that have none: the one of units with DynamicUser= says so to every question, and
 * the other one asks the name service, which the module keeps from going round. */
static const char *const groups_mute[] = {
	"io.systemd.DynamicUser", "io.systemd.NameServiceSwitch",
};

/* ---- what systemd can know ---- */

static bool
groups_is_mute(const char *service)
{
	for (size_t i = 0; i < sizeof groups_mute / sizeof *groups_mute; i++)
		if (strcmp(service, groups_mute[i]) == 0)
			return true;
	return false;
}

/* Anything in it, but names that begin with a dot and, among services, those that have nothing to
 * say? A directory that cannot be looked at may hold something. */
static bool
groups_dir_knows(const char *root, const char *path, bool services)
{
	char room[GROUPS_PATH_MAX];
	const struct dirent *entry;
	bool knows = false;
	DIR *d;

	if (snprintf(room, sizeof room, "%s%s", root, path) >= (int)sizeof room)
		return true;
	d = opendir(room);
	if (!d)
		return errno != ENOENT;
	errno = 0;
	while (!knows && (entry = readdir(d)))
		knows = entry->d_name[0] != '.' && !(services && groups_is_mute(entry->d_name));
	knows = knows || errno != 0;
	closedir(d);
	return knows;
}

bool
groups_systemd_knows(const char *root)
{
	for (size_t i = 0; i < sizeof groups_dirs / sizeof *groups_dirs; i++)
		if (groups_dir_knows(root, groups_dirs[i], false))
			return true;
	return groups_dir_knows(root, GROUPS_SERVICES, true);
}

/* ---- nsswitch.conf(5) ---- */

/* "NAME:" and what stands behind it up to a comment. */
static bool
groups_line(struct bytes line, const char *name, struct bytes *rest)
{
	const char *comment = line.len ? memchr(line.p, '#', line.len) : NULL;

	if (comment)
		line = bytes_first(line, (size_t)(comment - line.p));
	line = bytes_trim(line);
	if (!bytes_starts(line, name))
		return false;
	line = bytes_trim(bytes_from(line, strlen(name)));
	if (line.len == 0 || line.p[0] != ':')
		return false;
	*rest = bytes_trim(bytes_from(line, 1));
	return true;
}

/* "files [SUCCESS=merge] systemd" becomes "files": what is to be done behind the last one is told
 * by nothing. False: systemd is not the last, or not after another one. */
static bool
groups_cut(struct bytes *sources)
{
	const size_t word = strlen(GROUPS_SYSTEMD);
	struct bytes s = *sources;

	if (s.len <= word || memcmp(s.p + s.len - word, GROUPS_SYSTEMD, word) != 0)
		return false;
	s = bytes_first(s, s.len - word);
	if (!str_is_space(s.p[s.len - 1]) && s.p[s.len - 1] != ']')
		return false;
	s = bytes_trim(s);
	if (s.len > 0 && s.p[s.len - 1] == ']') {
		while (s.len > 0 && s.p[s.len - 1] != '[')
			s.len--;
		s = bytes_trim(bytes_first(s, s.len > 0 ? s.len - 1 : 0));
	}
	*sources = s;
	return s.len > 0;
}

bool
groups_sources(struct bytes nsswitch, struct buf *out)
{
	struct bytes line, rest, found = { 0 };
	size_t lines = 0;

	while (bytes_line(&nsswitch, &line)) {
		if (groups_line(line, "initgroups", &rest))
			return false;
		if (groups_line(line, "group", &rest)) {
			found = rest;
			lines++;
		}
	}
	if (lines != 1 || !groups_cut(&found))
		return false;
	buf_bytes(out, found);
	return true;
}

/* ---- what this process and those that it forks go by ---- */

static struct {
	int64_t looked;                  /* clock_ms(); 0 never */
	char sources[GROUPS_SOURCES];    /* "" all of them */
} groups_known;

void
groups_look(void)
{
	struct buf text = BUF_INIT, sources = BUF_INIT;
	const int64_t now = clock_ms();

	if (groups_known.looked && now - groups_known.looked < GROUPS_FRESH)
		return;
	groups_known.looked = now;
	groups_known.sources[0] = '\0';
	if (fd_read_file(GROUPS_NSSWITCH, GROUPS_NSSWITCH_MAX, &text) == 0
	    && groups_sources(buf_view(&text), &sources) && sources.len < GROUPS_SOURCES
	    && !groups_systemd_knows(""))
		snprintf(groups_known.sources, GROUPS_SOURCES, "%s", sources.p);
	buf_clear(&sources);
	buf_clear(&text);
}

void
groups_narrow(void)
{
	groups_look();
#if defined(__GLIBC__) && !defined(__UCLIBC__)
	if (*groups_known.sources)
		__nss_configure_lookup("group", groups_known.sources);
#endif
}

bool
groups_need_module(void)
{
	groups_look();
	return strcmp(groups_known.sources, GROUPS_BUILT_IN) != 0;
}
