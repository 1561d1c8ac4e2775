#include "proc/drop.h"

#include <grp.h>
#include <unistd.h>

#include "proc/groups.h"

static int
drop_prove(const struct account *a, struct fail *why)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (getresuid(&r, &e, &s) < 0 || getresgid(&rg, &eg, &sg) < 0)
		return fail_errno(why, "rights of %s cannot be read back", a->name);
	if (r != a->uid || e != a->uid || s != a->uid || rg != a->gid || eg != a->gid ||
	    sg != a->gid)
		return fail_temp(why, "rights of %s were not taken on", a->name);
	if (setuid(0) == 0 || seteuid(0) == 0 || (a->gid != 0 && setegid(0) == 0))
		return fail_temp(why, "rights of root could be had back from %s", a->name);
	return 0;
}

static int
drop_ids(const struct account *a, struct fail *why)
{
	if (setresgid(a->gid, a->gid, a->gid) < 0)
		return fail_errno(why, "group %lu of %s cannot be set", (unsigned long)a->gid,
		    a->name);
	if (setresuid(a->uid, a->uid, a->uid) < 0)
		return fail_errno(why, "user id %lu of %s cannot be set", (unsigned long)a->uid,
		    a->name);
	return drop_prove(a, why);
}

static int
drop_groups(int rc, const struct account *a, struct fail *why)
{
	return rc < 0 ? fail_errno(why, "groups of %s cannot be set", a->name) : drop_ids(a, why);
}

static int
drop_refuse(const struct account *a, struct fail *why)
{
	return fail_temp(why, "nothing is delivered with root's rights (user %s)", a->name);
}

int
drop_to(const struct account *a, struct fail *why)
{
	if (a->uid == 0)
		return drop_refuse(a, why);
	groups_narrow();
	return drop_groups(initgroups(a->name, a->gid), a, why);
}

int
drop_bare(const struct account *a, struct fail *why)
{
	if (a->uid == 0)
		return drop_refuse(a, why);
	return drop_groups(setgroups(0, NULL), a, why);
}
