/*
 * directory.c - plain directories: a message is a file named MSGPREFIX and something unique.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "act/dirbox.h"

/* The inode's number is unique while the file lives; after a restored backup it may be not, so
 * further attempts count. */
static int
directory_name(struct dirbox *b, const struct stat *st, unsigned attempt,
    char name[DIRBOX_NAME_SIZE])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz";
	char text[16];
	size_t n = sizeof text;
	uintmax_t ino = st->st_ino;
	int len;

	text[--n] = '\0';
	do
		text[--n] = digits[ino % 62];
	while ((ino /= 62) > 0);
	len = attempt ? snprintf(name, DIRBOX_NAME_SIZE, "%s%s-%u", b->prefix, text + n, attempt)
	    : snprintf(name, DIRBOX_NAME_SIZE, "%s%s", b->prefix, text + n);
	/* MSGPREFIX is part of a name, not a way to other directories. */
	if (len < 0 || len >= DIRBOX_NAME_SIZE || strchr(b->prefix, '/')) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

const struct dirbox_kind directory_kind = { EMIT_FILE, dirbox_open_plain, directory_name };

static int
directory_deliver(const struct act_env *env, const struct act_job *job, struct act_result *res,
    struct fail *why)
{
	return dirbox_deliver(&directory_kind, env, job, res, why);
}

const struct act act_directory = { "directory", directory_deliver };
