/*
 * seen.c - seen:id: did this Message-ID reach this user before?
 *
 * An id is kept for good when the delivery has succeeded (idcache_hold).  Clones belong to the same
 * delivery: what one of its processes asks about is no news from before for the others, and it is
 * the delivery that keeps the id, unless it has ended before its clone.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "base/log.h"
#include "base/str.h"
#include "flow/state.h"
#include "formail/idcache.h"
#include "mail/field.h"

#define SEEN_SIZE 65536       /* bytes: some thousand Message-IDs */

/* Shared by a delivery and its clones. */
struct seen_page {
	atomic_int answer;    /* enum seen_answer: what the first of them that asked was told */
	atomic_bool taken;    /* the delivery has ended, and the mail was taken */
};

char *
seen_path(struct flow *f)
{
	const char *home = interp_get(f->in, "HOME");

	if (!home || !*home || f->d->conf->programs != CONF_PROGRAMS_ANY)
		home = f->d->account->home; /* a restricted recipient writes nowhere else */
	return arena_printf(f->arena, "%s/.bivalve.seen", home);
}

/* keep: a new id is kept when this process's delivery has succeeded. */
static enum seen_answer
seen_ask(struct flow *f, bool keep)
{
	struct bytes id = { NULL, 0 };
	enum idcache_answer answer;
	struct field field;

	if (field_find(f->msg.head, "Message-ID", &field))
		id = bytes_trim(field.value);
	if (id.len == 0)
		return SEEN_NEW;
	answer = (keep ? idcache_ask : idcache_peek)(seen_path(f), SEEN_SIZE, id);
	return answer == IDCACHE_DUPLICATE ? SEEN_BEFORE : SEEN_NEW;
}

void
seen_lines(struct flow *f, struct buf *out)
{
	int said = SEEN_UNASKED;

	if (f->seen == SEEN_UNASKED) {
		f->seen = seen_ask(f, !f->is_clone);
		if (f->seen_page && !atomic_compare_exchange_strong(&f->seen_page->answer, &said,
		    (int)f->seen))
			f->seen = (enum seen_answer)said;
	}
	if (f->seen == SEEN_BEFORE)
		buf_str(out, "yes\n");
}

void
seen_share(struct flow *f)
{
	void *page;

	if (f->seen_page || f->d->trial)
		return;
	page = mmap(NULL, sizeof *f->seen_page, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return;
	f->seen_page = page;
	atomic_store(&f->seen_page->answer, (int)f->seen);
}

void
seen_end(struct flow *f, bool taken)
{
	struct seen_page *page = f->seen_page;
	bool ours;

	if (!page)
		return;
	if (f->is_clone) {
		ours = f->seen == SEEN_NEW && atomic_load(&page->taken);
	} else {
		atomic_store(&page->taken, taken);
		ours = f->seen == SEEN_UNASKED && atomic_load(&page->answer) == SEEN_NEW;
	}
	if (taken && ours)
		seen_ask(f, true);
}

void
seen_leave(struct flow *f)
{
	if (f->seen_page && munmap(f->seen_page, sizeof *f->seen_page) < 0)
		log_warning("seen:id: %s", strerror(errno));
	f->seen_page = NULL;
}
