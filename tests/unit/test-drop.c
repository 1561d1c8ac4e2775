/* layer: proc */
/*
 * test-drop.c - rights are given up for good, or nothing goes on: a kernel, a security module or a
 * library that fails or lies at any step.  The calls are those below, so nobody needs to be root.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <unistd.h>

#include "proc/drop.h"

enum lie {
	LIE_NONE, LIE_GROUPS, LIE_GID, LIE_UID, LIE_READ_UID, LIE_READ_GID, LIE_UID_KEPT,
	LIE_UID_SAVED, LIE_GID_KEPT, LIE_GID_SAVED, LIE_SETUID, LIE_SETEUID, LIE_SETEGID, LIES
};

static enum lie lie;
static struct {
	uid_t uid[3];
	gid_t gid[3];
	bool groups_gone;
} now;

static int
refused(enum lie which)
{
	errno = EAGAIN; /* as setresuid(2) says at the limit of processes */
	return lie == which ? -1 : 0;
}

int
initgroups(const char *user, gid_t group)
{
	(void)user;
	(void)group;
	now.groups_gone = refused(LIE_GROUPS) == 0;
	return refused(LIE_GROUPS);
}

int
setgroups(size_t n, const gid_t *groups)
{
	(void)groups;
	assert_int_equal(n, 0);
	now.groups_gone = refused(LIE_GROUPS) == 0;
	return refused(LIE_GROUPS);
}

int
setresgid(gid_t r, gid_t e, gid_t s)
{
	/* Later there would be no right to. */
	assert_true(now.groups_gone);
	assert_int_equal(now.uid[1], 0);
	if (refused(LIE_GID) < 0)
		return -1;
	if (lie == LIE_GID_KEPT)
		return 0;
	now.gid[0] = r;
	now.gid[1] = e;
	now.gid[2] = lie == LIE_GID_SAVED ? 0 : s;
	return 0;
}

int
setresuid(uid_t r, uid_t e, uid_t s)
{
	if (refused(LIE_UID) < 0)
		return -1;
	if (lie == LIE_UID_KEPT)
		return 0;
	now.uid[0] = r;
	now.uid[1] = e;
	now.uid[2] = lie == LIE_UID_SAVED ? 0 : s;
	return 0;
}

int
getresuid(uid_t *r, uid_t *e, uid_t *s)
{
	*r = now.uid[0];
	*e = now.uid[1];
	*s = now.uid[2];
	return refused(LIE_READ_UID);
}

int
getresgid(gid_t *r, gid_t *e, gid_t *s)
{
	*r = now.gid[0];
	*e = now.gid[1];
	*s = now.gid[2];
	return refused(LIE_READ_GID);
}

int
setuid(uid_t uid)
{
	assert_int_equal(uid, 0);
	return lie == LIE_SETUID ? 0 : -1;
}

int
seteuid(uid_t uid)
{
	assert_int_equal(uid, 0);
	return lie == LIE_SETEUID ? 0 : -1;
}

int
setegid(gid_t gid)
{
	assert_int_equal(gid, 0);
	return lie == LIE_SETEGID ? 0 : -1;
}

typedef int drop_fn(const struct account *a, struct fail *why);

static int
drop(drop_fn *fn, const struct account *a, enum lie which, struct fail *why)
{
	memset(&now, 0, sizeof now);
	fail_clear(why);
	lie = which;
	return fn(a, why);
}

static void
test_every_step(void **state)
{
	static drop_fn *const ways[] = { drop_to, drop_bare };
	const struct account anna = { "anna", "/", "/bin/sh", 1000, 1000 };
	struct fail why = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(drop(ways[i], &anna, LIE_NONE, &why), 0);
		assert_int_equal(now.uid[0] + now.uid[1] + now.uid[2], 3000);
		for (int l = LIE_GROUPS; l < LIES; l++) {
			assert_int_equal(drop(ways[i], &anna, (enum lie)l, &why), -1);
			assert_int_equal(why.kind, FAIL_TEMP);
			assert_non_null(strstr(why.text, "anna"));
		}
	}
}

/* What failed is not gone on with. */
static void
test_stops(void **state)
{
	const struct account anna = { "anna", "/", "/bin/sh", 1000, 1000 };
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(drop(drop_to, &anna, LIE_GROUPS, &why), -1);
	assert_int_equal(now.gid[0], 0);
	assert_int_equal(drop(drop_to, &anna, LIE_GID, &why), -1);
	assert_int_equal(now.uid[0], 0);
}

/* Group 0 alone is no right of root's that could be had back. */
static void
test_group_of_root(void **state)
{
	const struct account account = { "operator", "/", "/bin/sh", 1000, 0 };
	const struct account root = { "root", "/root", "/bin/sh", 0, 0 };
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(drop(drop_to, &account, LIE_SETEGID, &why), 0);
	assert_int_equal(drop(drop_bare, &root, LIE_NONE, &why), -1);
	assert_false(now.groups_gone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_step), cmocka_unit_test(test_stops),
		cmocka_unit_test(test_group_of_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
