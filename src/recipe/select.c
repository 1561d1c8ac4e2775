#include "recipe/select.h"

#include <string.h>

static const struct selector_info selectors[SELECT_COUNT] = {
	[SELECT_HEADER] = { "header:", true, false, false },
	[SELECT_ADDRESS] = { "address:", true, false, false },
	[SELECT_MIME_TYPE] = { "mime:type", false, false, true },
	[SELECT_MIME_NAME] = { "mime:name", false, false, true },
	[SELECT_MIME_TEXT] = { "mime:text", false, false, true },
	[SELECT_MIME_DEFECT] = { "mime:defect", false, false, true },
	[SELECT_SCAN_VIRUS] = { "scan:virus", false, true, false },
	[SELECT_SCAN_STATUS] = { "scan:status", false, true, false },
	[SELECT_SCAN_CLASS] = { "scan:class", false, true, false },
	[SELECT_SCAN_FINDING] = { "scan:finding", false, true, false },
	[SELECT_SCAN_NAME] = { "scan:name", false, true, false },
	[SELECT_SCAN_TYPE] = { "scan:type", false, true, false },
	[SELECT_ENVELOPE_FROM] = { "envelope:from", false, false, false },
	[SELECT_ENVELOPE_TO] = { "envelope:to", false, false, false },
	[SELECT_ENVELOPE_DETAIL] = { "envelope:detail", false, false, false },
	[SELECT_ENVELOPE_CLIENT] = { "envelope:client", false, false, false },
	[SELECT_DNS] = { "dns:", true, false, false },
	[SELECT_RHS] = { "rhs:", true, false, false },
	[SELECT_MX_BOGUS] = { "mx:bogus", false, false, false },
	[SELECT_MAP] = { "map:", true, false, false },
	[SELECT_SEEN_ID] = { "seen:id", false, false, false },
};

const struct selector_info *
select_info(enum selector s)
{
	return s >= 0 && s < SELECT_COUNT ? &selectors[s] : NULL;
}

/* Who shares his first part with a selector, as "scan:viruss", is meant to be the one with which he
 * shares most. */
static const char *
select_near(struct bytes word)
{
	const char *colon = memchr(word.p, ':', word.len), *nearest = NULL;
	size_t most = colon ? (size_t)(colon - word.p) : 0;

	for (int i = 0; colon && i < SELECT_COUNT; i++) {
		const char *name = selectors[i].prefix;
		size_t n = 0;

		while (n < word.len && name[n] == word.p[n])
			n++;
		if (n > most) {
			most = n;
			nearest = name;
		}
	}
	return nearest;
}

enum selector
select_find(struct bytes word, struct bytes *arg_r, const char **near_r)
{
	if (near_r)
		*near_r = NULL;
	for (int i = 0; i < SELECT_COUNT; i++) {
		const struct selector_info *s = &selectors[i];

		if (!bytes_starts(word, s->prefix))
			continue;
		*arg_r = bytes_from(word, strlen(s->prefix));
		if (s->takes_argument ? arg_r->len > 0 : arg_r->len == 0)
			return (enum selector)i;
	}
	if (near_r)
		*near_r = select_near(word);
	return SELECT_NONE;
}
