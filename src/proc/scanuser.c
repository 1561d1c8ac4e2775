#include "proc/scanuser.h"

#include <unistd.h>

#include "proc/drop.h"
#include "proc/users.h"

int
scanuser_become(const struct conf *conf, struct fail *why)
{
	struct account a = { 0 };
	int rc;

	if (geteuid() != 0)
		return 0;
	if (users_find_weak(conf, &a, why) < 0)
		return -1;
	rc = drop_to(&a, why);
	users_clear(&a);
	return rc;
}
