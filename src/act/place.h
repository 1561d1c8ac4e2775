/*
 * place.h - where a folder's name leads, found without trusting who else may write there.
 *
 * In a directory that only its owner (the recipient) or root can change, a name means what procmail
 * makes of it, symbolic links included.  In a shared one (the mail spool, /tmp) somebody else may
 * have put it there: nothing is followed, and what is opened must be the recipient's.
 */
#ifndef ACT_PLACE_H
#define ACT_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "act/act.h"

struct place {
	int dir;                  /* the directory that holds name, O_PATH; -1 when closed */
	char name[NAME_MAX + 1];  /* last component; "." for a directory itself */
	bool shared;              /* others may change what is in dir */
	bool world;               /* anybody may */
};

#define PLACE_INIT { -1, "", false, false }

/* Follows path to its last component (through symbolic links where that is safe); it need not
 * exist.  Trailing slashes do not matter.  -1 with why; FAIL_TEMP in all cases. */
int place_find(struct place *p, const struct act_env *env, const char *path, struct fail *why);
void place_clear(struct place *p);

/* Opens the place, making it with mode when it is missing (*made_r). Refuses what is neither a
 * regular file nor a character device; in a shared directory also links and strangers' files. */
int place_open_file(const struct place *p, const char *path, mode_t mode, bool *made_r,
    struct fail *why);
/* May an open file of that kind be written to? 0, or -1 with why. */
int place_check_file(const struct place *p, const char *path, const struct stat *st,
    struct fail *why);
/* Opens the place as a directory, making it when make is set; -1 with why. */
int place_open_dir(const struct place *p, const char *path, bool make, struct fail *why);

#endif
