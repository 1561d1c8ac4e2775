#include "act/dirbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "act/durable.h"
#include "act/place.h"
#include "base/fd.h"
#include "base/log.h"

#define DIRBOX_MODE 0667    /* less the umask */
#define DIRBOX_NEW_MAIL S_IXOTH
#define DIRBOX_NAMES 1000   /* names that may be taken already */

const struct dirbox_kind *
dirbox_kind_of(const char *word)
{
	size_t len = strlen(word);

	if (len >= 2 && word[len - 1] == '.' && word[len - 2] == '/')
		return &mh_kind;
	return len >= 1 && word[len - 1] == '/' ? &maildir_kind : &directory_kind;
}

void
dirbox_strip(const char *word, struct buf *out)
{
	size_t len = strlen(word);

	if (dirbox_kind_of(word) == &mh_kind)
		len--;
	while (len > 1 && word[len - 1] == '/')
		len--;
	buf_add(out, word, len);
}

int
dirbox_open_dir(const struct act_env *env, const char *folder, struct fail *why)
{
	struct place place;
	int fd;

	if (place_find(&place, env, folder, why) < 0)
		return -1;
	fd = place_open_dir(&place, folder, true, why);
	place_clear(&place);
	return fd;
}

void
dirbox_show_new(int folder, int dir)
{
	mode_t mask = umask(077);
	struct stat st;
	int fd;

	umask(mask);
	if ((mask & DIRBOX_NEW_MAIL) || fstat(folder, &st) < 0 || (st.st_mode & DIRBOX_NEW_MAIL)
	    || (folder != dir && (st.st_mode & S_IRWXU) != S_IRWXU))
		return;
	fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && fchmod(fd, (st.st_mode & 07777) | DIRBOX_NEW_MAIL) < 0)
		log_user("no sign of new mail: %s", strerror(errno));
	fd_close(&fd);
}

int
dirbox_open_plain(struct dirbox *b, const struct act_env *env, const char *folder,
    struct fail *why)
{
	b->dir = b->tmp = dirbox_open_dir(env, folder, why);
	buf_str(&b->path, folder);
	if (b->dir < 0)
		return -1;
	dirbox_show_new(b->dir, b->dir);
	return 0;
}

static void
dirbox_init(struct dirbox *b, const struct dirbox_kind *kind, const struct act_env *env)
{
	*b = (struct dirbox){ .kind = kind, .path = BUF_INIT, .dir = -1, .tmp = -1, .number = -1,
		.prefix = env->set->msgprefix };
}

static void
dirbox_clear(struct dirbox *b)
{
	if (b->tmp != b->dir)
		fd_close(&b->tmp);
	fd_close(&b->dir);
	buf_clear(&b->path);
}

/* Writes the message below a temporary name and waits for the disk. */
static int
dirbox_write(struct dirbox *b, const struct emit *e, struct durable *d, size_t *size,
    struct fail *why)
{
	static const struct stat nothing;
	char name[DIRBOX_NAME_SIZE];
	static unsigned count;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(name, sizeof name, "_%lx.%lx.%lx.%x", (unsigned long)now.tv_sec,
	    (unsigned long)now.tv_nsec, (unsigned long)getpid(), count++);
	/* What lies in tmp/ has the form of a message's name, so that readers can tell its age. */
	if (b->tmp != b->dir && b->kind->name(b, &nothing, 0, name) < 0)
		return fail_errno(why, "%s", b->path.p);
	if (durable_begin(d, b->tmp, name, DIRBOX_MODE) < 0)
		return fail_errno(why, "no file can be made for %s", b->path.p);
	if (emit_write(d->fd, e, size) < 0)
		return fail_errno(why, "error while writing to %s", b->path.p);
	if (durable_seal(d) < 0)
		return fail_errno(why, "message for %s cannot be written to disk", b->path.p);
	return 0;
}

static int
dirbox_publish(struct dirbox *b, struct durable *d, char name[DIRBOX_NAME_SIZE],
    struct fail *why)
{
	struct stat st;

	if (fstat(d->fd, &st) < 0)
		return fail_errno(why, "%s", b->path.p);
	for (unsigned i = 0; i < DIRBOX_NAMES; i++) {
		if (b->kind->name(b, &st, i, name) < 0)
			break;
		if (durable_publish(d, b->dir, name) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return fail_errno(why, "message cannot be put into %s", b->path.p);
}

static void
dirbox_note(const struct dirbox *b, const char *name, struct buf *folder)
{
	if (folder->len)
		buf_byte(folder, ' ');
	buf_printf(folder, "%s/%s", strcmp(b->path.p, "/") ? b->path.p : "", name);
}

/* The file again, on another file system: hard links end there. */
static int
dirbox_copy(struct dirbox *b, const struct emit *e, char name[DIRBOX_NAME_SIZE],
    struct fail *why)
{
	struct durable d = DURABLE_INIT;
	size_t size;
	int rc = dirbox_write(b, e, &d, &size, why);

	if (rc == 0)
		rc = dirbox_publish(b, &d, name, why);
	durable_end(&d);
	return rc;
}

/* The first folder's file under a name of the second's own. */
static int
dirbox_link(struct dirbox *b, const struct dirbox *first, const char *first_name,
    const struct emit *e, char name[DIRBOX_NAME_SIZE], struct fail *why)
{
	struct stat st, there;

	if (fstatat(first->dir, first_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return dirbox_copy(b, e, name, why);
	for (unsigned i = 0; i < DIRBOX_NAMES; i++) {
		if (b->kind->name(b, &st, i, name) < 0)
			break;
		if (durable_link(first->dir, first_name, b->dir, name) == 0)
			return 0;
		if (errno == EXDEV || errno == EMLINK)
			return dirbox_copy(b, e, name, why);
		if (errno != EEXIST)
			break;
		/* The same folder named twice has its message already. */
		if (fstatat(b->dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0
		    && there.st_ino == st.st_ino && there.st_dev == st.st_dev)
			return 0;
	}
	return fail_errno(why, "no link can be made in %s", b->path.p);
}

/* The message is safe in the first folder: a further one that cannot be had is told, no more. */
static void
dirbox_also(const struct dirbox *first, const char *first_name, const struct emit *e,
    const struct act_env *env, const char *word, struct buf *folder)
{
	char name[DIRBOX_NAME_SIZE];
	struct buf path = BUF_INIT;
	struct fail why = { 0 };
	struct dirbox b;

	dirbox_init(&b, dirbox_kind_of(word), env);
	b.further = true;
	dirbox_strip(word, &path);
	if (b.kind->open(&b, env, path.p, &why) == 0
	    && dirbox_link(&b, first, first_name, e, name, &why) == 0)
		dirbox_note(&b, name, folder);
	else
		log_user("Skipped \"%s\": %s", word, why.text);
	dirbox_clear(&b);
	buf_clear(&path);
}

int
dirbox_deliver(const struct dirbox_kind *kind, const struct act_env *env,
    const struct act_job *job, struct act_result *res, struct fail *why)
{
	struct durable d = DURABLE_INIT;
	char name[DIRBOX_NAME_SIZE];
	struct buf path = BUF_INIT;
	struct dirbox b;
	struct emit e;
	int rc = -1;

	dirbox_init(&b, kind, env);
	dirbox_strip(job->words[0], &path);
	emit_plan(&e, job, kind->form);
	if (kind->open(&b, env, path.p, why) < 0) {
		/* What becomes no directory procmail takes for a file: LASTFOLDER has it. */
		if (access(path.p, F_OK) < 0)
			buf_bytes(&res->folder, buf_view(&path));
		goto out;
	}
	if (dirbox_write(&b, &e, &d, &res->size, why) < 0
	    || (env->may_commit && env->may_commit(env->ctx, why) < 0)
	    || dirbox_publish(&b, &d, name, why) < 0)
		goto out;
	rc = 0;
	buf_cut(&res->folder, 0);
	dirbox_note(&b, name, &res->folder);
	for (const char *const *w = job->words + 1; *w; w++)
		dirbox_also(&b, name, &e, env, *w, &res->folder);
out:
	durable_end(&d);
	dirbox_clear(&b);
	buf_clear(&path);
	return rc;
}
