/*
 * mh.c - MH folders: a message is a file named by a number.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "act/dirbox.h"
#include "base/fd.h"

/* The highest number in use, whatever has it: directories, "007" and "+7" count, gaps are not
 * filled. In a folder that we may write to, but not read, the numbers are tried from 1 on. */
static int
mh_highest(int folder, long *highest)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	char *end;

	if (!d) {
		fd_close(&fd);
		if (errno != EACCES)
			return -1;
		*highest = 0;
		return 0;
	}
	*highest = 0;
	while ((e = readdir(d))) {
		long n = strtol(e->d_name, &end, 10);

		if (!*end && n > *highest && n < LONG_MAX)
			*highest = n;
	}
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
