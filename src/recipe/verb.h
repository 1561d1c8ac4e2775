/*
 * verb.h - the table of verbs: action lines that begin with @.
 */
#ifndef RECIPE_VERB_H
#define RECIPE_VERB_H

#include <stdbool.h>

#include "base/bytes.h"

enum verb {
	VERB_NONE = -1,
	VERB_DROP, VERB_QUARANTINE, VERB_REJECT, VERB_DEFER,   /* end processing */
	VERB_TAG, VERB_ADD, VERB_REMOVE, VERB_SUBJECT,         /* act like a filter */
	VERB_STRIP, VERB_FLATTEN,                              /* and change the body */
	VERB_BLOCKLIST,                                        /* leaves the message alone */
	VERB_COUNT
};

struct verb_info {
	const char *name;       /* without @ */
	bool ends;              /* ends processing */
	bool needs_text;        /* an empty text is an error of the rcfile */
	bool field;             /* text is "Name: value" (or "Name" for remove) */
};

const struct verb_info *verb_info(enum verb v);
/* line: the action line behind the @, up to its end; text_r gets what follows the name, trimmed. */
enum verb verb_find(struct bytes line, struct bytes *text_r, const char **near_r);

#endif
