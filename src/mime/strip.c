#include "mime/strip.h"

#include <string.h>

#include "base/str.h"
#include "mime/encode.h"

/* The message's own way to end a line: what its first line does. */
static const char *
strip_eol(struct bytes text)
{
	const char *lf = text.len ? memchr(text.p, '\n', text.len) : NULL;

	return lf && lf > text.p && lf[-1] == '\r' ? "\r\n" : "\n";
}

/* True for the header of a message, whole or nested: it has more to say than what its body is. */
static bool
strip_is_message_root(const struct split *s, int entity)
{
	int parent = s->entities[entity].parent;

	return parent < 0 || s->entities[parent].kind == SPLIT_MESSAGE;
}

static bool
strip_ends_line(struct bytes text, size_t at)
{
	return at == 0 || text.p[at - 1] == '\n' || text.p[at - 1] == '\r';
}

/* Might any program take this line of a header for one that says what the body is? */
static bool
strip_is_structural(const struct split_field *f)
{
	struct bytes name = bytes_trim(f->all);

	return bytes_starts_nocase(name, "content-") || bytes_starts_nocase(name, "mime-version");
}

static void
strip_fields(const char *eol, bool plain, struct buf *out)
{
	buf_printf(out, "Content-Type: text/plain; charset=%s%s", plain ? "us-ascii" : "utf-8",
	    eol);
	buf_printf(out, "Content-Transfer-Encoding: %s%s", plain ? "7bit" : "quoted-printable",
	    eol);
	buf_printf(out, "Content-Disposition: inline%s", eol);
}

/* Line ends of the message's own kind, none at the end. */
static void
strip_text(struct bytes text, const char *eol, struct buf *out)
{
	struct bytes line;

	text = bytes_trim(text);
	while (bytes_line(&text, &line)) {
		buf_bytes(out, line);
		if (text.len)
			buf_str(out, eol);
	}
}

/* The fields of a message's header that stay, where they are. False: the last has no line end. */
static bool
strip_head(const struct split *s, int entity, struct patch *out)
{
	struct bytes rest = split_head(s, entity);
	struct split_field f;
	bool whole = true;

	/* A line that is no field goes, too: with another idea of where the header ends, it is
	 * the beginning of the body. */
	while (split_field_next(&rest, &f))
		if (f.name.len > 0 && !strip_is_structural(&f)) {
			patch_copy(out, (size_t)(f.all.p - s->text.p), f.all.len);
			whole = f.all.p[f.all.len - 1] == '\n';
		}
	return whole;
}

/* A header around it that has no end would take in what follows. */
static void
strip_end_head(const struct split *s, const struct split_entity *around, const char *eol,
    struct patch *out)
{
	char last = around->body > 0 ? s->text.p[around->body - 1] : '\n';

	if (last != '\n') /* a CR alone ends a line only where the message ends */
		patch_add(out, bytes_of(last == '\r' ? "\n" : eol));
	if (around->body == around->head_end)
		patch_add(out, bytes_of(eol));
}

static void
strip_replace(const struct split *s, const struct strip_note *note, const char *eol,
    struct patch *out)
{
	const struct split_entity *e = &s->entities[note->entity];
	struct buf text = BUF_INIT, fresh = BUF_INIT;
	bool plain;

	strip_text(note->text, eol, &text);
	plain = encode_is_plain(buf_view(&text), eol);
	if (strip_is_message_root(s, note->entity)) {
		if (e->parent >= 0)
			strip_end_head(s, &s->entities[e->parent], eol, out);
		if (!strip_head(s, note->entity, out))
			buf_str(&fresh, eol);
		buf_printf(&fresh, "MIME-Version: 1.0%s", eol);
	} else if (!strip_ends_line(s->text, e->begin)) {
		buf_str(&fresh, eol);
	}
	strip_fields(eol, plain, &fresh);
	buf_str(&fresh, eol);
	if (plain)
		buf_bytes(&fresh, buf_view(&text));
	else
		encode_quoted(buf_view(&text), eol, &fresh);
	/* The line end in front of a delimiter belongs to the delimiter, if it has one. */
	if (e->end == s->text.len || (s->text.p[e->end] != '\n' && s->text.p[e->end] != '\r'))
		buf_str(&fresh, eol);
	patch_add(out, buf_view(&fresh));
	buf_clear(&text);
	buf_clear(&fresh);
}

static bool
strip_is_within(const struct split *s, int entity, int outer)
{
	while (entity > outer)
		entity = s->entities[entity].parent;
	return entity == outer;
}

void
strip_patch(const struct split *s, const struct strip_note *notes, int n, struct patch *out)
{
	const char *eol = strip_eol(s->text);
	int last = -1;
	size_t at = 0;

	for (int i = 0; i < n; i++) {
		const struct split_entity *e = &s->entities[notes[i].entity];

		if (last >= 0 && strip_is_within(s, notes[i].entity, last))
			continue;
		last = notes[i].entity;
		patch_copy(out, at, e->begin - at);
		strip_replace(s, &notes[i], eol, out);
		at = e->end;
	}
	patch_copy(out, at, s->text.len - at);
}

void
strip_type(const struct split *s, int entity, struct buf *out)
{
	int parent = s->entities[entity].parent;
	struct split_field f;

	if (split_field_find(split_head(s, entity), "Content-Type", false, &f))
		split_type(f.value, out);
	else if (parent >= 0 && s->entities[parent].digest)
		buf_str(out, "message/rfc822");
	else
		buf_str(out, "text/plain");
}

/* What is signed: this entity and all in it, or, by DKIM, the message. */
static const char *
strip_signature(const struct split *s, int entity, struct bytes type)
{
	struct split_field f;

	if (bytes_is(type, "multipart/signed")) {
		split_field_find(split_head(s, entity), "Content-Type", false, &f);
		for (; f.value.len > 0; f.value = bytes_from(f.value, 1))
			if (bytes_starts_nocase(f.value, "pgp"))
				return "OpenPGP";
		return "S/MIME";
	}
	if (bytes_is(type, "application/pkcs7-mime") ||
	    bytes_is(type, "application/x-pkcs7-mime"))
		return "S/MIME";
	if (strip_is_message_root(s, entity) &&
	    split_field_find(split_head(s, entity), "DKIM-Signature", false, &f))
		return "DKIM";
	return NULL;
}

bool
strip_list(const struct split *s, struct report *r)
{
	struct buf line = BUF_INIT, type = BUF_INIT;

	for (int i = 0; i < s->count; i++) {
		const struct split_entity *e = &s->entities[i];
		const char *signature;

		buf_cut(&type, 0);
		strip_type(s, i, &type);
		buf_cut(&line, 0);
		buf_printf(&line, "p %d %d %zu %s", i, e->parent, e->end - e->body, type.p);
		report_add(r, REPORT_PART, buf_view(&line));
		signature = strip_signature(s, i, buf_view(&type));
		buf_cut(&line, 0);
		buf_printf(&line, "s %d %s", i, signature ? signature : "");
		if (signature)
			report_add(r, REPORT_PART, buf_view(&line));
	}
	buf_clear(&line);
	buf_clear(&type);
	return !r->cut;
}
