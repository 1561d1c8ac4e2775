#include "scan/realname.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/names.h"

#define REALNAME_LENGTH_MAX 255  /* longer ones stay: what is compared takes their product */

/* libclamav's name for a parameter that came in pieces (RFC 2231, 3). */
#define REALNAME_FAILURE "rfc2231failure"

struct realname_one {
	unsigned char digest[DIGEST_SIZE];
	char *shown, *real;     /* real: NULL as long as no part is known */
	bool doubtful;
};

struct realname {
	struct realname_one *one;
	size_t n, room;
	bool sorted;
	struct names *names;    /* of the parts, as they are; NULL: none yet */
};

struct realname *
realname_new(void)
{
	return mem_zero(sizeof(struct realname));
}

void
realname_free(struct realname **r)
{
	for (size_t i = 0; *r && i < (*r)->n; i++) {
		free((*r)->one[i].shown);
		free((*r)->one[i].real);
	}
	if (*r) {
		free((*r)->one);
		if ((*r)->names)
			names_free(&(*r)->names);
	}
	free(*r);
	*r = NULL;
}

static bool
realname_is_ascii(const char *name)
{
	while (*name && (unsigned char)*name < 0x80)
		name++;
	return *name == '\0';
}

/* Other signs of ASCII than these may have become a _. */
static bool
realname_same(char real, char shown)
{
	return real == shown || (real != '.' && real != '/' && !str_is_alnum(real));
}

/* A run of letters that are not ASCII can have become anything but a dot or a slash: there the
 * extension begins, or another name. */
bool
realname_fits(const char *real, const char *shown)
{
	const char *run = NULL, *again = shown;

	if (strcmp(shown, REALNAME_FAILURE) == 0)
		return true;
	while (*shown || *real) {
		if ((unsigned char)*real >= 0x80) {
			while ((unsigned char)*real >= 0x80)
				real++;
			run = real;
			again = shown;
		} else if (*real && *shown && realname_same(*real, *shown)) {
			real++;
			shown++;
		} else if (run && *again && *again != '.' && *again != '/') {
			real = run;
			shown = ++again;
		} else {
			return false;
		}
	}
	return true;
}

void
realname_shown(struct realname *r, const unsigned char digest[DIGEST_SIZE], const char *shown)
{
	struct realname_one *one;

	if (strlen(shown) > REALNAME_LENGTH_MAX || r->n >= NAMES_MAX)
		return;
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 16;
		r->one = mem_resize(r->one, r->room * sizeof *r->one);
	}
	one = &r->one[r->n++];
	*one = (struct realname_one){ .shown = mem_string(shown) };
	memcpy(one->digest, digest, sizeof one->digest);
	r->sorted = false;
}

static int
realname_by_digest(const void *a, const void *b)
{
	return memcmp(((const struct realname_one *)a)->digest,
	    ((const struct realname_one *)b)->digest, DIGEST_SIZE);
}

/* The first of those with that digest; NULL for none. */
static struct realname_one *
realname_find(struct realname *r, struct bytes part, const char *behind)
{
	struct realname_one key, *found;

	if (!digest_both(part, bytes_of(behind), key.digest))
		return NULL;
	if (!r->sorted)
		qsort(r->one, r->n, sizeof *r->one, realname_by_digest);
	r->sorted = true;
	found = bsearch(&key, r->one, r->n, sizeof *r->one, realname_by_digest);
	while (found && found > r->one && realname_by_digest(found - 1, &key) == 0)
		found--;
	return found;
}

/* The same bytes may be there more than once, each time under another name. */
static void
realname_note(const struct realname *r, struct realname_one *one, const char *name)
{
	const struct realname_one *first = one;

	for (; one < r->one + r->n && realname_by_digest(one, first) == 0; one++) {
		if (!realname_fits(name, one->shown))
			continue;
		if (one->real && strcmp(one->real, name) != 0)
			one->doubtful = true;
		else if (!one->real)
			one->real = mem_string(name);
	}
}

void
realname_part(struct realname *r, struct bytes part, const char *name)
{
	static const char *const behind[] = { "", "\n", "\r\n" };

	if (r->n == 0 || !*name)
		return;
	if (!r->names)
		r->names = names_new();
	names_add(r->names, bytes_of(name));
	if (realname_is_ascii(name) || strlen(name) > REALNAME_LENGTH_MAX)
		return;
	for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
		struct realname_one *one = realname_find(r, part, behind[i]);

		if (one)
			realname_note(r, one, name);
	}
}

/* ---- the lines ---- */

static int
realname_by_shown(const void *a, const void *b)
{
	const struct realname_one *x = *(const struct realname_one *const *)a;
	const struct realname_one *y = *(const struct realname_one *const *)b;

	return strcmp(x->shown, y->shown);
}

/* Those of known to be used, in order; returns their number.  Not what is another part's name, nor
 * what stands for two, of which one may be unknown. */
static size_t
realname_sure(const struct realname *r, const struct realname_one **known)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < r->n; i++)
		known[n++] = &r->one[i];
	qsort(known, n, sizeof *known, realname_by_shown);
	for (size_t i = 0, next; i < n; i = next) {
		bool sure = true;

		for (next = i; next < n && realname_by_shown(&known[i], &known[next]) == 0; next++)
			sure = sure && known[next]->real && !known[next]->doubtful
			    && strcmp(known[next]->real, known[i]->real) == 0;
		if (sure && names_add(r->names, bytes_of(known[i]->shown)))
			known[kept++] = known[i];
	}
	return kept;
}

static void
realname_line(const struct realname_one *const *known, size_t n, struct bytes line,
    struct buf *out)
{
	char first[REALNAME_LENGTH_MAX + 1];
	const struct realname_one key = { .shown = first }, *k = &key;
	const struct realname_one *const *found = NULL;
	const char *slash = memchr(line.p, '/', line.len);
	size_t len = slash ? (size_t)(slash - line.p) : line.len;

	if (len < sizeof first) {
		memcpy(first, line.p, len);
		first[len] = '\0';
		found = bsearch(&k, known, n, sizeof *known, realname_by_shown);
	}
	if (found)
		buf_str(out, (*found)->real);
	buf_bytes(out, found ? bytes_from(line, len) : line);
}

void
realname_apply(const struct realname *r, struct report *report)
{
	struct buf old = report->lines[REPORT_SCAN_NAME], line = BUF_INIT;
	const struct realname_one **known;
	struct bytes rest = buf_view(&old), was;
	struct names *seen;
	size_t n;

	if (!r->names)
		return;
	known = mem_array(r->n, sizeof *known);
	n = realname_sure(r, known);
	if (n > 0) {
		seen = names_new();
		report->lines[REPORT_SCAN_NAME] = (struct buf)BUF_INIT;
		while (bytes_line(&rest, &was)) {
			buf_cut(&line, 0);
			realname_line(known, n, was, &line);
			if (names_add(seen, buf_view(&line)))
				report_add(report, REPORT_SCAN_NAME, buf_view(&line));
		}
		names_free(&seen);
		buf_clear(&line);
		buf_clear(&old);
	}
	free(known);
}
