#include "mime/weigh.h"

#include "base/str.h"

struct weigh {
	size_t lines;
	bool taken_apart;    /* the present field is one that GMime takes apart */
	size_t groups, pieces;
	unsigned long long cost;
};

static bool
weigh_is_taken_apart(struct bytes name)
{
	static const char *const names[] = {
		"from", "sender", "reply-to", "to", "cc", "bcc", "content-type",
		"content-disposition", NULL
	};

	if (bytes_starts_nocase(name, "resent-"))
		name = bytes_from(name, sizeof "resent-" - 1);
	for (size_t i = 0; names[i]; i++)
		if (bytes_equal_nocase(bytes_trim(name), bytes_of(names[i])))
			return true;
	return false;
}

static void
weigh_pieces(struct weigh *w, struct bytes line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] != ':' && line.p[i] != ';' && line.p[i] != ',')
			continue;
		w->groups += line.p[i] == ':';
		w->cost += 2 * w->pieces++ + 1; /* 1, 3, 5 ...: the sum is a square */
	}
}

static void
weigh_line(struct weigh *w, struct bytes line)
{
	const char *colon = line.len ? memchr(line.p, ':', line.len) : NULL;
	struct bytes name = bytes_first(line, colon ? (size_t)(colon - line.p) : 0);

	if (line.len && (line.p[0] == ' ' || line.p[0] == '\t')) {
		if (w->taken_apart)
			weigh_pieces(w, line);
		return;
	}
	w->taken_apart = colon && weigh_is_taken_apart(name);
	w->groups = w->pieces = 0;
	w->lines += colon != NULL;
	if (bytes_starts(line, "--"))
		w->lines += 2;
	if (w->taken_apart)
		weigh_pieces(w, line);
}

bool
weigh_is_too_heavy(struct bytes text)
{
	const unsigned long long cost_max = 1ULL * WEIGH_PIECES_MAX * WEIGH_PIECES_MAX;
	struct weigh w = { 0 };
	struct bytes line;

	while (bytes_line(&text, &line)) {
		weigh_line(&w, line);
		if (w.lines > WEIGH_LINES_MAX || w.groups > WEIGH_GROUPS_MAX || w.cost > cost_max)
			return true;
	}
	return false;
}
