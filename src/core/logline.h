/*
 * logline.h - the one line that the log has of each delivery, as words or as JSON: which keys, in
 * which order, and how long a value may be.
 *
 * Strangers and users choose many of the values: none can look like another key, end the line, or
 * push a later key off it.
 */
#ifndef CORE_LOGLINE_H
#define CORE_LOGLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* In the order of the line. */
enum logline_key {
	LOGLINE_FROM, LOGLINE_TO, LOGLINE_CLIENT, LOGLINE_MSGID, LOGLINE_SIZE, LOGLINE_PARTS,
	LOGLINE_SCAN, LOGLINE_VIRUS, LOGLINE_CLASS, LOGLINE_RULE, LOGLINE_FOLDER,
	LOGLINE_OUTCOME, LOGLINE_EXIT, LOGLINE_MS, LOGLINE_READ, LOGLINE_WAIT, LOGLINE_PARSE,
	LOGLINE_SCANNING, LOGLINE_RECIPES, LOGLINE_DELIVER, LOGLINE_WHY, LOGLINE_KEYS
};

struct logline {
	struct buf out;
	bool json;
};

/* id: the MTA's queue id. It is the log's context in words (base/log.h), a member in JSON. */
void logline_begin(struct logline *l, bool json, const char *id);
void logline_text(struct logline *l, enum logline_key key, const char *value);
void logline_number(struct logline *l, enum logline_key key, long value);
/* Written as milliseconds, to a tenth. */
void logline_time(struct logline *l, enum logline_key key, int64_t us);
void logline_end(struct logline *l);
void logline_clear(struct logline *l);

const char *logline_name(enum logline_key key);

/* A line of the log, as a program wrote it, in words: line itself, or what its JSON says, in out.
 * What stands before it, the time and the program's name, is kept. */
const char *logline_words(const char *line, struct buf *out);

#endif
