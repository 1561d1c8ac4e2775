/* layer: proc */
/*
 * test-groups.c - when systemd's module has nothing to say of a user's groups, and how its name goes
 * from the sources.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/groups.h"

static void
test_sources(void **state)
{
	static const struct { const char *text, *sources; } rows[] = {
		{ "group: files systemd\n", "files" },
		{ "# c\npasswd: files systemd\n\n  group:\tfiles   systemd  # systemd\n", "files" },
		{ "group:files systemd", "files" },
		{ "group: files [SUCCESS=merge] systemd\n", "files" },
		{ "group: files [NOTFOUND=return SUCCESS=merge]systemd\n", "files" },
		{ "group: files sss [UNAVAIL=return] ldap systemd\n",
		    "files sss [UNAVAIL=return] ldap" },
		{ "gshadow: files systemd\ngroups: files systemd\n", NULL },
		{ "group: files\n", NULL },
		{ "group: systemd\n", NULL },
		{ "group: [SUCCESS=merge] systemd\n", NULL },
		{ "group: ] systemd\n", NULL },
		{ "group: systemd files\n", NULL },
		{ "group: files systemd [NOTFOUND=return]\n", NULL },
		{ "group: files nosystemd\n", NULL },
		{ "group: files mysystemd\n", NULL },
		{ "group:\n", NULL },
		{ "group\n", NULL },
		{ "# group: files systemd\n", NULL },
		{ "group: files systemd\ninitgroups: files systemd\n", NULL },
		{ "group: files systemd\ngroup: files systemd\n", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = BUF_INIT;
		bool cut = groups_sources(bytes_of(rows[i].text), &out);

		if (cut != (rows[i].sources != NULL)
		    || strcmp(out.p, cut ? rows[i].sources : "") != 0)
			fail_msg("\"%s\": %s, \"%s\"", rows[i].text, cut ? "cut" : "left", out.p);
		buf_clear(&out);
	}
}

/* ---- a tree of directories ---- */

static char root[] = "/tmp/bivalve-groups.XXXXXX";

/* The file below root, with the directories that lead to it. */
static void
put(const char *file)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", root, file);
	for (char *p = path + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
	close(creat(path, 0644));
}

static int
take_away(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	return at->level > 0 ? remove(path) : 0;
}

static void
empty(void)
{
	assert_int_equal(nftw(root, take_away, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static int
make_root(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
}

static int
remove_root(void **state)
{
	(void)state;
	empty();
	return rmdir(root);
}

static void
test_services(void **state)
{
	static const char *const knowing[] = { "io.systemd.Multiplexer", "io.systemd.Home" };
	char path[128];

	(void)state;
	assert_false(groups_systemd_knows(root));
	put("etc/userdb/.hidden");
	put("run/systemd/userdb/.hidden");
	put("run/systemd/userdb/io.systemd.DynamicUser");
	put("run/systemd/userdb/io.systemd.NameServiceSwitch");
	assert_false(groups_systemd_knows(root));
	for (size_t i = 0; i < sizeof knowing / sizeof *knowing; i++) {
		snprintf(path, sizeof path, "run/systemd/userdb/%s", knowing[i]);
		put(path);
		assert_true(groups_systemd_knows(root));
		empty();
		assert_false(groups_systemd_knows(root));
	}
}

static void
test_files(void **state)
{
	static const char *const dirs[] = { "etc/userdb", "run/userdb", "run/host/userdb",
		"usr/local/lib/userdb", "usr/lib/userdb", "lib/userdb" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		snprintf(path, sizeof path, "%s/a:b.membership", dirs[i]);
		put(path);
		assert_true(groups_systemd_knows(root));
		empty();
		assert_false(groups_systemd_knows(root));
	}
}

/* What cannot be looked at may hold anything. */
static void
test_doubt(void **state)
{
	(void)state;
	put("etc/userdb");
	assert_true(groups_systemd_knows(root));
	empty();
	assert_false(groups_systemd_knows(root));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_doubt),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
