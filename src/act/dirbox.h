/*
 * dirbox.h - folders that keep one message a file: what Maildir, MH and plain directories share.
 *
 * A recipe may name several: the first decides the form, the others get hard links to its file.
 */
#ifndef ACT_DIRBOX_H
#define ACT_DIRBOX_H

#include <limits.h>
#include <sys/stat.h>

#include "act/act.h"
#include "act/emit.h"

struct dirbox_kind;

struct dirbox {
	const struct dirbox_kind *kind;
	struct buf path;   /* what stands before "/name" in LASTFOLDER */
	int dir;           /* where messages appear; O_PATH */
	int tmp;           /* where they are written; may be dir */
	long number;       /* MH: highest number so far */
	const char *prefix;
	bool further;      /* gets a link to the first folder's message */
};

#define DIRBOX_NAME_SIZE (NAME_MAX + 1)

struct dirbox_kind {
	enum emit_form form;
	/* Opens b->dir and b->tmp below folder, making what is missing. */
	int (*open)(struct dirbox *b, const struct act_env *env, const char *folder,
	    struct fail *why);
	/* The name for the file st describes; attempt counts names that were taken. */
	int (*name)(struct dirbox *b, const struct stat *st, unsigned attempt,
	    char name[DIRBOX_NAME_SIZE]);
};

extern const struct dirbox_kind maildir_kind, mh_kind, directory_kind;

/* Delivers job to job->words, the first of which is of that kind. */
int dirbox_deliver(const struct dirbox_kind *kind, const struct act_env *env,
    const struct act_job *job, struct act_result *res, struct fail *why);

/* The kind that the spelling of a folder's name says. */
const struct dirbox_kind *dirbox_kind_of(const char *word);
/* The folder's name without the "/" or "/." that only says its kind. */
void dirbox_strip(const char *word, struct buf *out);
/* Opens folder as a directory (O_PATH), made if missing. -1 with why. */
int dirbox_open_dir(const struct act_env *env, const char *folder, struct fail *why);
/* procmail's sign of new mail on a directory: the folder's mode and o+x, unless the folder has that
 * or the umask forbids it. In a Maildir tmp/ gets it, where the owner's rights are whole. */
void dirbox_show_new(int folder, int dir);
/* Opens b's folder where files are made in place, under no name, and shows new mail on it. */
int dirbox_open_plain(struct dirbox *b, const struct act_env *env, const char *folder,
    struct fail *why);

#endif
