#include "mime/mime.h"

#include <libxml/xmlversion.h>

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/names.h"
#include "mime/base64.h"
#include "mime/blobs.h"
#include "mime/check.h"
#include "mime/defect.h"
#include "mime/parts.h"
#include "mime/readings.h"
#include "mime/split.h"
#include "mime/text.h"
#include "mime/views.h"

struct mime {
	struct bytes bytes;
	GMimeMessage *message;
	struct split *split;
	struct defects defects;
	bool too_heavy;          /* GMime was not asked */
	const char *encrypted;
};

/* GMime warns of much that is common; the rest check.h finds. */
static void
mime_warning(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer defects)
{
	struct defects *d = defects;

	(void)offset;
	(void)item;
	if (code == GMIME_CRIT_NESTING_OVERFLOW)
		d->seen[DEFECT_TOO_DEEP] = true;
	else if (code == GMIME_WARN_MALFORMED_MULTIPART ||
	    code == GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY)
		d->odd = true;
}

struct mime *
mime_open(struct bytes message)
{
	struct mime *m = mem_zero(sizeof *m);

	m->bytes = message;
	m->message = parts_parse(message, mime_warning, &m->defects, &m->too_heavy);
	m->split = split_new(message, &split_main);
	check_message(&m->defects, m->split);
	m->defects.seen[DEFECT_TOO_MANY_PARTS] |= m->too_heavy;
	if (!m->message)
		m->defects.seen[DEFECT_NO_MESSAGE] = true;
	return m;
}

void
mime_close(struct mime **m)
{
	if (!*m)
		return;
	parts_unref(&(*m)->message);
	split_free(&(*m)->split);
	free(*m);
	*m = NULL;
}

static void
mime_count_object(struct parts_walk *walk, GMimeObject *object, int depth)
{
	(void)walk;
	(void)object;
	(void)depth;
}

unsigned
mime_parts(const struct mime *m)
{
	struct parts_walk walk = { .fn = mime_count_object };

	parts_walk(&walk, m->message, 0);
	return (unsigned)walk.count;
}

bool
mime_is_ambiguous(const struct mime *m)
{
	return defect_any(&m->defects);
}

struct mime_describe {
	struct mime *mime;
	struct report *report;
	struct names *names;       /* told already */
	struct buf raw, decoded, text;
};

static void
mime_add_type(struct mime_describe *d, GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	char *name = type ? g_mime_content_type_get_mime_type(type) : NULL;

	if (!name)
		return;
	for (char *p = name; *p; p++)
		*p = str_lower(*p);
	report_add(d->report, REPORT_MIME_TYPE, bytes_of(name));
	g_free(name);
}

static void
mime_add_names(struct mime_describe *d, GMimeObject *object)
{
	struct bytes rest, line;

	buf_cut(&d->text, 0);
	parts_names(object, &d->text);
	rest = buf_view(&d->text);
	while (bytes_line(&rest, &line))
		if (names_add(d->names, line))
			report_add(d->report, REPORT_MIME_NAME, line);
	d->report->cut |= names_full(d->names);
}

static void
mime_add_content(struct mime_describe *d, GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	bool text = type && g_mime_content_type_is_type(type, "text", "*");
	bool base64 = g_mime_part_get_content_encoding(part) == GMIME_CONTENT_ENCODING_BASE64;
	struct bytes raw, content;

	if (!text)
		return;
	raw = parts_raw(part, &d->raw);
	if (base64) {
		buf_cut(&d->decoded, 0);
		base64_decode_as(raw, BASE64_RESTART, &d->decoded);
		content = buf_view(&d->decoded);
	} else {
		content = parts_decode(part, raw, &d->decoded) ? buf_view(&d->decoded) : raw;
	}
	buf_cut(&d->text, 0);
	if (!text_visible(part, content, &d->text))
		d->report->cut = true;
	report_add_text(d->report, REPORT_MIME_TEXT, buf_view(&d->text));
}

static void
mime_describe_object(struct parts_walk *walk, GMimeObject *object, int depth)
{
	struct mime_describe *d = walk->context;

	(void)depth;
	mime_add_type(d, object);
	mime_add_names(d, object);
	if (GMIME_IS_PART(object))
		mime_add_content(d, GMIME_PART(object));
}

void
mime_report(struct mime *m, struct report *r)
{
	struct mime_describe d = { m, r, names_new(), BUF_INIT, BUF_INIT, BUF_INIT };
	struct parts_walk walk = { .fn = mime_describe_object, .context = &d };

	parts_walk(&walk, m->message, 0);
	m->defects.seen[DEFECT_TOO_DEEP] |= walk.too_deep;
	m->defects.seen[DEFECT_TOO_MANY_PARTS] |= walk.too_many;
	m->defects.seen[DEFECT_TOO_MUCH_TEXT] |= r->cut;
	for (int i = 0; i < DEFECTS; i++)
		if (m->defects.seen[i])
			report_add(r, REPORT_MIME_DEFECT, bytes_of(defect_name(i)));
	names_free(&d.names);
	buf_clear(&d.raw);
	buf_clear(&d.decoded);
	buf_clear(&d.text);
}

bool
mime_readings(struct mime *m, mime_reading_fn *fn, void *context)
{
	struct blobs *blobs = blobs_new(m->bytes.len, fn, context);
	bool all = readings_each(m->message, blobs, &m->encrypted) && !m->too_heavy;

	if (defect_any(&m->defects))
		all &= views_give(m->bytes, &m->defects, blobs);
	blobs_free(&blobs);
	return all;
}

const char *
mime_encrypted(const struct mime *m)
{
	return m->encrypted;
}

void
mime_libraries(struct buf *out)
{
	buf_printf(out, "GMime %u.%u.%u\nlibxml2 %s\n", gmime_major_version, gmime_minor_version,
	    gmime_micro_version, LIBXML_DOTTED_VERSION);
}
