#include "core/logline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"

#define LOGLINE_ID 64  /* bytes */

/* Together they fit into what log.c takes. */
static const struct logline_row {
	const char *name;
	size_t max;           /* bytes of a text, 0: a number */
	const char *special;  /* bytes of it that are written as \xNN; "=" leaves blanks alone */
	bool address;         /* in angle brackets */
} logline_rows[LOGLINE_KEYS] = {
	[LOGLINE_FROM] = { "from", 320, " <>", true },
	[LOGLINE_TO] = { "to", 320, " <>", true },
	[LOGLINE_CLIENT] = { "client", 128, " <>", false },
	[LOGLINE_MSGID] = { "msgid", 256, " <>", true },
	[LOGLINE_SIZE] = { "size", 0, NULL, false },
	[LOGLINE_PARTS] = { "parts", 0, NULL, false },
	[LOGLINE_SCAN] = { "scan", 32, " <>", false },
	[LOGLINE_VIRUS] = { "virus", 128, " <>", false },
	[LOGLINE_CLASS] = { "class", 64, " <>", false },
	[LOGLINE_RULE] = { "rule", 288, " <>", false },
	[LOGLINE_FOLDER] = { "folder", 256, "=", false },
	[LOGLINE_OUTCOME] = { "outcome", 64, "=", false },
	[LOGLINE_EXIT] = { "exit", 0, NULL, false },
	[LOGLINE_MS] = { "ms", 0, NULL, false },
	[LOGLINE_READ] = { "read_ms", 0, NULL, false },
	[LOGLINE_WAIT] = { "wait_ms", 0, NULL, false },
	[LOGLINE_PARSE] = { "parse_ms", 0, NULL, false },
	[LOGLINE_SCANNING] = { "scan_ms", 0, NULL, false },
	[LOGLINE_RECIPES] = { "recipes_ms", 0, NULL, false },
	[LOGLINE_DELIVER] = { "deliver_ms", 0, NULL, false },
	[LOGLINE_WHY] = { "why", 480, "=", false },
};

const char *
logline_name(enum logline_key key)
{
	return logline_rows[key].name;
}

static struct bytes
logline_first(struct bytes text, size_t max)
{
	struct bytes first = bytes_first(text, max);

	return first.len < text.len ? bytes_first(first, utf8_whole(first)) : text;
}

/* As much of text as takes max bytes in JSON. */
static void
logline_quote(struct buf *out, struct bytes text, size_t max)
{
	const size_t start = out->len;

	text = logline_first(text, max);
	json_quote(out, text);
	while (out->len - start > max + 2) {
		text = logline_first(text, text.len / 2);
		buf_cut(out, start);
		json_quote(out, text);
	}
}

void
logline_begin(struct logline *l, bool json, const char *id)
{
	*l = (struct logline){ .out = BUF_INIT, .json = json };
	if (!json)
		return;
	buf_str(&l->out, "{\"id\":");
	logline_quote(&l->out, bytes_of(id), LOGLINE_ID);
}

static void
logline_key(struct logline *l, enum logline_key key)
{
	if (l->json)
		buf_printf(&l->out, ",\"%s\":", logline_rows[key].name);
	else
		buf_printf(&l->out, "%s%s=", l->out.len ? " " : "", logline_rows[key].name);
}

void
logline_text(struct logline *l, enum logline_key key, const char *value)
{
	const struct logline_row *row = &logline_rows[key];

	logline_key(l, key);
	if (l->json) {
		logline_quote(&l->out, bytes_of(value), row->max);
		return;
	}
	if (row->address)
		buf_byte(&l->out, '<');
	log_value(&l->out, value, row->special, row->max);
	if (row->address)
		buf_byte(&l->out, '>');
}

void
logline_number(struct logline *l, enum logline_key key, long value)
{
	logline_key(l, key);
	buf_printf(&l->out, "%ld", value);
}

void
logline_time(struct logline *l, enum logline_key key, int64_t us)
{
	logline_key(l, key);
	buf_printf(&l->out, "%" PRId64 ".%" PRId64, us / 1000, us % 1000 / 100);
}

void
logline_end(struct logline *l)
{
	if (l->json)
		buf_byte(&l->out, '}');
}

void
logline_clear(struct logline *l)
{
	buf_clear(&l->out);
}

/* A value that JSON has as it stands there: a number, or a word that is none of ours. */
static void
logline_raw(struct logline *l, enum logline_key key, const char *value)
{
	logline_key(l, key);
	log_value(&l->out, value, " <>=", 24);
}

const char *
logline_words(const char *line, struct buf *out)
{
	const char *program = strstr(line, "bivalve");
	const char *json = program ? strchr(program, '{') : NULL;
	struct logline words = { .out = BUF_INIT };
	struct buf value = BUF_INIT;

	buf_cut(out, 0);
	if (!json || !json_find(bytes_of(json), logline_rows[LOGLINE_OUTCOME].name, &value))
		goto out;
	buf_bytes(out, (struct bytes){ line, (size_t)(json - line) });
	buf_cut(&value, 0);
	if (json_find(bytes_of(json), "id", &value) && value.len > 0) {
		log_value(out, value.p, " :", LOGLINE_ID);
		buf_str(out, ": ");
	}
	for (int key = 0; key < LOGLINE_KEYS; key++) {
		buf_cut(&value, 0);
		if (!json_find(bytes_of(json), logline_rows[key].name, &value))
			continue;
		if (logline_rows[key].max)
			logline_text(&words, key, value.p);
		else
			logline_raw(&words, key, value.p);
	}
	buf_bytes(out, buf_view(&words.out));
out:
	logline_clear(&words);
	buf_clear(&value);
	return out->len ? out->p : line;
}
