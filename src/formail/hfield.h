/*
 * hfield.h - a header as formail sees it: a list of fields, each with its continuation lines.
 */
#ifndef FORMAIL_HFIELD_H
#define FORMAIL_HFIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/mem.h"

struct hfield {
	struct bytes text;    /* name, contents, the final LF */
	size_t name;          /* length of the name: colon included, or "From " */
	bool gone;            /* taken out of the header; later loops pass over it */
};

struct hfields {
	struct arena *arena;  /* where texts of our own making live */
	bool zap;             /* -z: a single blank is no value */
	struct hfield *list;
	size_t count, room;
};

void hfields_clear(struct hfields *h);
void hfields_add(struct hfields *h, struct bytes text, size_t name);
/* Adds name, contents and an LF; name may bring the first of the contents behind its colon. */
void hfields_put(struct hfields *h, const char *name, struct bytes contents);
/* Drops what is gone, keeping the order. */
void hfields_sweep(struct hfields *h);

/* The value of the first field of that name, or of the last that has any.  It begins with a blank,
 * which is put there when there is none; empty when there is no such field. */
enum hfield_which { HFIELD_FIRST, HFIELD_LAST };
struct bytes hfields_value(struct hfields *h, const char *name, enum hfield_which which);

/* Reads the header that text begins with; *used is where the body begins, *ended whether an empty
 * line stands before it.  False when the end of text came before the end of the header, so that
 * what follows text may belong to it. */
bool hfields_read(struct hfields *h, struct bytes text, size_t *used, bool *ended);

/* Length of the name (colon included, blanks before the colon not) that text begins with and,
 * in *contents, where its contents begin; 0: no field. */
size_t hfield_name(struct bytes text, size_t *contents);
bool hfield_is(const struct hfield *f, const char *name);   /* name with its colon, or "From " */
bool hfield_is_from_line(const struct hfield *f);
bool hfield_is_blank(char c);                                /* a blank or a tab */
/* The contents with the blanks around them, with and without the final LF. */
struct bytes hfield_contents(const struct hfield *f);
struct bytes hfield_value(const struct hfield *f);
/* Replaces the first old bytes of the text by name, which ends at the new name's end. */
void hfield_rename(struct hfields *h, struct hfield *f, size_t old, struct bytes name);
/* -c: every LF but the last becomes a blank. */
void hfield_concatenate(struct hfields *h, struct hfield *f);
/* -z: puts a blank between a colon and what stands right behind it. */
void hfield_space(struct hfields *h, struct hfield *f);
/* -z: a field with nothing, or with a single blank, in it is gone. */
void hfield_zap(struct hfield *f);

#endif
