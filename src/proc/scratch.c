#include "proc/scratch.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/log.h"
#include "proc/users.h"

/* Both as they are without links; what does not exist is below nothing. */
static bool
scratch_is_below(const char *path, const char *dir)
{
	char *real = realpath(path, NULL), *above = realpath(dir, NULL);
	size_t n = above ? strlen(above) : 0;
	bool below = real && above && strncmp(real, above, n) == 0 &&
	    (real[n] == '/' || real[n] == '\0' || n == 1);

	free(real);
	free(above);
	return below;
}

static int
scratch_mount(const struct conf *conf, const struct account *a)
{
	char options[128];

	snprintf(options, sizeof options, "mode=0700,uid=%lu,gid=%lu,size=%ldm",
	    (unsigned long)a->uid, (unsigned long)a->gid, conf->temp_memory);
	if (unshare(CLONE_NEWNS) < 0)
		return -1;
	/* What is mounted outside later on shall show here, and nothing of ours there. */
	if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return -1;
	return mount("bivalve", conf->temp_dir, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options);
}

void
scratch_make(const struct conf *conf, const char *scanner)
{
	struct account a = { 0 };
	struct fail why = { 0 };

	if (conf->temp_memory == 0 || geteuid() != 0 ||
	    scratch_is_below(conf->database, conf->temp_dir) ||
	    scratch_is_below(scanner, conf->temp_dir))
		return;
	if (users_find_weak(conf, &a, &why) < 0) {
		log_error("%s", why.text);
		return;
	}
	if (scratch_mount(conf, &a) < 0)
		log_warning("no file system in memory for scanners on %s (temp_memory in "
		    "bivalve.conf): %s; they use the directory", conf->temp_dir, strerror(errno));
	users_clear(&a);
}
