/*
 * mh.c - MH folders: a message is a file named by a number.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "act/dirbox.h"
#include "base/fd.h"
#include "base/str.h"

/* The highest number in use, whatever has it: directories and "007" count, gaps are not filled. */
static int
mh_highest(int folder, long *highest)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	long n;

	if (!d) {
		fd_close(&fd);
		return -1;
	}
	*highest = 0;
	while ((e = readdir(d)))
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9'
		    && str_long(e->d_name, 1, LONG_MAX - 1, &n) && n > *highest)
			*highest = n;
	closedir(d);
	return 0;
}

static int
mh_name(struct dirbox *b, const struct stat *st, unsigned attempt, char name[DIRBOX_NAME_SIZE])
{
	(void)st;
	(void)attempt;
	if (b->number < 0 && mh_highest(b->dir, &b->number) < 0)
		return -1;
	snprintf(name, DIRBOX_NAME_SIZE, "%ld", ++b->number);
	return 0;
}

const struct dirbox_kind mh_kind = { EMIT_FILE, dirbox_open_plain, mh_name };

static int
mh_deliver(const struct act_env *env, const struct act_job *job, struct act_result *res,
    struct fail *why)
{
	return dirbox_deliver(&mh_kind, env, job, res, why);
}

const struct act act_mh = { "mh", mh_deliver };
