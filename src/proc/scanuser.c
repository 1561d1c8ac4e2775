#include "proc/scanuser.h"

#include <string.h>
#include <unistd.h>

#include "proc/drop.h"
#include "proc/users.h"

int
scanuser_become(const struct conf *conf, struct fail *why)
{
	struct account a = { 0 };
	struct fail none = { 0 };
	int rc;

	if (geteuid() != 0)
		return 0;
	rc = users_find(conf->scan_user, &a, &none);
	if (rc < 0 && none.kind == FAIL_NOUSER && strcmp(conf->scan_user, "bivalve") == 0) {
		fail_clear(&none);
		rc = users_find("nobody", &a, &none); /* not installed yet: as safe, less apart */
	}
	if (rc < 0)
		return fail_temp(why, "scan_user %s: %s", conf->scan_user, none.text);
	rc = drop_to(&a, why);
	users_clear(&a);
	return rc;
}
