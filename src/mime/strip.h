/*
 * strip.h - takes parts out of a message and puts a note in the place of each; every other byte
 * stays as it came.
 */
#ifndef MIME_STRIP_H
#define MIME_STRIP_H

#include "base/bytes.h"
#include "core/patch.h"
#include "core/report.h"
#include "mime/split.h"

struct strip_note {
	int entity;         /* of the split */
	struct bytes text;  /* UTF-8, lines ended by LF */
};

/* notes: ordered by entity, each once.  A part becomes a text/plain part with the note.  Of a
 * message, the whole one or a nested one, the fields stay that say nothing about its body.  A note
 * for what lies in a part that has one itself is left out. */
void strip_patch(const struct split *s, const struct strip_note *notes, int n, struct patch *out);

/* The lines "p" and "s" of REPORT_PART. False: they did not fit. */
bool strip_list(const struct split *s, struct report *r);
/* Appends "type/subtype" of an entity, as the main view has it. */
void strip_type(const struct split *s, int entity, struct buf *out);

#endif
