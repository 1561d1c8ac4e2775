#include "scan/trail.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/names.h"

struct trail {
	struct report *report;
	struct names *names;
	struct {
		char *path;  /* "" when nothing on the way has a name */
		bool begun;  /* being unpacked; what the cache knows is only announced */
	} level[TRAIL_DEPTH_MAX];
	size_t depth;
	const char *root;
};

struct trail *
trail_new(struct report *report)
{
	struct trail *trail = mem_zero(sizeof *trail);

	trail->report = report;
	trail->names = names_new();
	trail->root = "";
	return trail;
}

static void
trail_rise(struct trail *trail, size_t depth)
{
	while (trail->depth > depth)
		free(trail->level[--trail->depth].path);
}

void
trail_free(struct trail **trail)
{
	if (!*trail)
		return;
	trail_rise(*trail, 0);
	names_free(&(*trail)->names);
	free(*trail);
	*trail = NULL;
}

void
trail_start(struct trail *trail, const char *name)
{
	trail_rise(trail, 0);
	trail->root = name;
}

/* libclamav's own names for what has none: pieces of mail, and temporary files. */
static bool
trail_is_name(const char *name)
{
	static const char *const inner[] = {
		"mixedtextportion", "textportion", "textpart", "attachment"
	};
	struct bytes n = bytes_of(name);

	if (n.len == 0)
		return false;
	for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
		if (bytes_is(n, inner[i]))
			return false;
	return !bytes_starts(n, "clamav-") || !bytes_is(bytes_from(n, n.len - 4), ".tmp");
}

/* Yours to free. Of a path that is too long the end is kept: that is what people look at, and where
 * the extension stands. */
static char *
trail_join(const char *above, const char *name)
{
	struct buf path = BUF_INIT;
	char *text;

	buf_printf(&path, "%s%s%s", above, *above && *name ? "/" : "", name);
	text = path.len > NAMES_LENGTH_MAX
	    ? mem_string(path.p + path.len - NAMES_LENGTH_MAX) : mem_string(path.p);
	buf_clear(&path);
	return text;
}

/* A name to report, unless it was seen. One that cannot be remembered may be the one that a recipe
 * asks for: the message is not wholly looked into. */
static void
trail_report(struct trail *trail, const char *path)
{
	if (names_add(trail->names, bytes_of(path)))
		report_add(trail->report, REPORT_SCAN_NAME, bytes_of(path));
	else if (names_full(trail->names))
		trail->report->cut = true;
}

static void
trail_push(struct trail *trail, char *path)
{
	trail->level[trail->depth].path = path;
	trail->level[trail->depth++].begun = false;
}

const char *
trail_announce(struct trail *trail, size_t depth, const char *name)
{
	const char *above;
	char *path;

	if (depth >= TRAIL_DEPTH_MAX)
		depth = TRAIL_DEPTH_MAX - 1;
	trail_rise(trail, depth);
	/* A level that was not announced goes by its parent's name. */
	while (trail->depth < depth)
		trail_push(trail,
		    mem_string(trail->depth > 0 ? trail->level[trail->depth - 1].path : ""));
	above = depth > 0 ? trail->level[depth - 1].path : "";
	if (depth == 0)
		name = trail->root; /* libclamav does not hand it back */
	path = trail_join(above, trail_is_name(name) ? name : "");
	if (trail_is_name(name))
		trail_report(trail, path);
	trail_push(trail, path);
	return *above || !*path ? NULL : path;
}

void
trail_begin(struct trail *trail)
{
	if (trail->depth > 0)
		trail->level[trail->depth - 1].begun = true;
}

/* The depth just above the innermost object that is being unpacked, 0 if none is. */
static size_t
trail_inside(const struct trail *trail)
{
	size_t i = trail->depth;

	while (i > 0 && !trail->level[i - 1].begun)
		i--;
	return i;
}

void
trail_end(struct trail *trail)
{
	size_t inside = trail_inside(trail);

	trail_rise(trail, inside > 0 ? inside - 1 : 0);
}

void
trail_list(struct trail *trail, const char *name)
{
	size_t inside = trail_inside(trail);
	const char *above = inside > 0 ? trail->level[inside - 1].path : "", *last;
	char *path;

	if (!trail_is_name(name))
		return;
	path = trail_join(above, name);
	trail_report(trail, path);
	free(path);
	/* It will be announced by its last component: that is no second name. */
	last = strrchr(name, '/');
	path = trail_join(above, last ? last + 1 : name);
	names_add(trail->names, bytes_of(path));
	free(path);
}
