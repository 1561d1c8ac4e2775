#include "recipe/verb.h"

#include <string.h>

#include "base/str.h"

static const struct verb_info verbs[VERB_COUNT] = {
	[VERB_DROP] = { "drop", true, false, false },
	[VERB_QUARANTINE] = { "quarantine", true, false, false },
	[VERB_REJECT] = { "reject", true, false, false },
	[VERB_DEFER] = { "defer", true, false, false },
	[VERB_TAG] = { "tag", false, true, true },
	[VERB_ADD] = { "add", false, true, true },
	[VERB_REMOVE] = { "remove", false, true, true },
	[VERB_SUBJECT] = { "subject", false, true, false },
	[VERB_STRIP] = { "strip", false, false, false },
	[VERB_BLOCKLIST] = { "blocklist", false, false, false },
	[VERB_FLATTEN] = { "flatten", false, false, false },
};

const struct verb_info *
verb_info(enum verb v)
{
	return v >= 0 && v < VERB_COUNT ? &verbs[v] : NULL;
}

enum verb
verb_find(struct bytes line, struct bytes *text_r, const char **near_r)
{
	size_t n = 0;

	while (n < line.len && !str_is_space(line.p[n]))
		n++;
	*text_r = bytes_trim(bytes_from(line, n));
	*near_r = NULL;
	for (int i = 0; i < VERB_COUNT; i++) {
		if (bytes_is(bytes_first(line, n), verbs[i].name))
			return (enum verb)i;
		if (n > 1 && strncmp(verbs[i].name, line.p, 2) == 0)
			*near_r = verbs[i].name;
	}
	return VERB_NONE;
}
