#include "proc/scanuser.h"

#include <unistd.h>

#include "proc/drop.h"
#include "proc/users.h"

static int
scanuser_drop(int found, struct account *a, struct fail *why)
{
	int rc = found < 0 ? -1 : drop_to(a, why);

	users_clear(a);
	return rc;
}

int
scanuser_become(const struct conf *conf, struct fail *why)
{
	struct account a = { 0 };

	if (geteuid() != 0)
		return 0;
	return scanuser_drop(users_find_weak(conf, &a, why), &a, why);
}

int
scanuser_nobody(struct fail *why)
{
	struct account a = { 0 };

	if (geteuid() != 0)
		return 0;
	return scanuser_drop(users_find("nobody", &a, why), &a, why);
}
