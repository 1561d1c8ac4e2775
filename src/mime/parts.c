#include "mime/parts.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "core/words.h"
#include "mime/mime.h"
#include "mime/split.h"
#include "mime/weigh.h"

static void
parts_library(void)
{
	static bool ready;

	if (!ready)
		g_mime_init();
	ready = true;
}

/* An mbox or MTA line in front of the header is no field; GMime would take it for a broken one, and
 * give up at a line that continues it. */
static struct bytes
parts_skip_from(struct bytes text)
{
	struct bytes rest = text;
	struct split_field field;

	if ((bytes_starts(text, "From ") || bytes_starts(text, ">From ")) &&
	    split_field_next(&rest, &field))
		return rest;
	return text;
}

GMimeMessage *
parts_parse(struct bytes text, GMimeParserWarningFunc warn, void *context, bool *too_heavy_r)
{
	GMimeParserOptions *options;
	GMimeMessage *message;
	GMimeParser *parser;
	GMimeStream *stream;
	GByteArray *array;

	parts_library();
	text = parts_skip_from(text);
	*too_heavy_r = text.len > G_MAXUINT32 || weigh_is_too_heavy(text);
	if (text.len == 0 || *too_heavy_r)
		return NULL;
	/* The array wraps our bytes and never owns them: nothing writes to the stream, and the
	 * parts are windows on it. */
	array = g_byte_array_new_take((guint8 *)(uintptr_t)text.p, text.len);
	stream = g_mime_stream_mem_new_with_byte_array(array);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	options = g_mime_parser_options_new();
	if (warn)
		g_mime_parser_options_set_warning_callback(options, warn, context);
	message = g_mime_parser_construct_message(parser, options);
	g_mime_parser_options_free(options);
	g_object_unref(parser);
	g_object_unref(stream);
	/* The array must live as long as the windows do. */
	if (message)
		g_object_set_data(G_OBJECT(message), "bivalve-bytes", array);
	else
		g_byte_array_free(array, FALSE);
	return message;
}

void
parts_unref(GMimeMessage **message)
{
	GByteArray *array;

	if (!*message)
		return;
	array = g_object_get_data(G_OBJECT(*message), "bivalve-bytes");
	g_object_unref(*message);
	g_byte_array_free(array, FALSE);
	*message = NULL;
}

static void
parts_visit(struct parts_walk *walk, GMimeObject *object, int depth)
{
	if (!object || walk->stop)
		return;
	if (depth >= MIME_DEPTH_MAX) {
		walk->too_deep = true;
		return;
	}
	if (walk->count >= MIME_PARTS_MAX) {
		walk->too_many = true;
		return;
	}
	walk->count++;
	walk->fn(walk, object, depth);
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));

		if (inner)
			parts_visit(walk, g_mime_message_get_mime_part(inner), depth + 1);
	} else if (GMIME_IS_MULTIPART(object)) {
		GMimeMultipart *multi = GMIME_MULTIPART(object);
		int n = g_mime_multipart_get_count(multi);

		for (int i = 0; i < n && !walk->stop && !walk->too_many; i++)
			parts_visit(walk, g_mime_multipart_get_part(multi, i), depth + 1);
	}
}

void
parts_walk(struct parts_walk *walk, GMimeMessage *message, int depth)
{
	if (message)
		parts_visit(walk, g_mime_message_get_mime_part(message), depth);
}

struct bytes
parts_raw(GMimePart *part, struct buf *copy)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = content ? g_mime_data_wrapper_get_stream(content) : NULL;
	GByteArray *array;
	gint64 end;

	if (!stream)
		return (struct bytes){ "", 0 };
	if (GMIME_IS_STREAM_MEM(stream)) {
		array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
		end = stream->bound_end < 0 ? (gint64)array->len : stream->bound_end;
		if (stream->bound_start >= 0 && stream->bound_start <= end && end <= array->len)
			return (struct bytes){ (const char *)array->data + stream->bound_start,
				(size_t)(end - stream->bound_start) };
	}
	buf_cut(copy, 0);
	g_mime_stream_reset(stream);
	for (;;) {
		ssize_t n = g_mime_stream_read(stream, buf_room(copy, 65536), 65536);

		if (n <= 0)
			return buf_view(copy);
		buf_grew(copy, (size_t)n);
	}
}

bool
parts_decode(GMimePart *part, struct bytes raw, struct buf *out)
{
	GMimeContentEncoding encoding = g_mime_part_get_content_encoding(part);
	GMimeEncoding state;

	buf_cut(out, 0);
	if (encoding != GMIME_CONTENT_ENCODING_BASE64 &&
	    encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE &&
	    encoding != GMIME_CONTENT_ENCODING_UUENCODE)
		return false;
	g_mime_encoding_init_decode(&state, encoding);
	buf_grew(out, g_mime_encoding_step(&state, raw.p, raw.len,
	    buf_room(out, g_mime_encoding_outlen(&state, raw.len))));
	return true;
}

int
parts_fields(GMimeObject *object, const char *name, parts_field_fn *fn, void *context)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	int n = g_mime_header_list_get_count(list), found = 0;

	for (int i = 0; i < n; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *value;

		if (strcasecmp(g_mime_header_get_name(header), name) != 0)
			continue;
		value = g_mime_header_get_raw_value(header);
		found++;
		if (fn && value)
			fn(context, bytes_of(value));
	}
	return found;
}

static void
parts_add_filename(void *context, struct bytes value)
{
	words_parameter_all(value, "filename", context);
}

static void
parts_add_name(void *context, struct bytes value)
{
	words_parameter_all(value, "name", context);
}

void
parts_names(GMimeObject *object, struct buf *out)
{
	parts_fields(object, "Content-Disposition", parts_add_filename, out);
	parts_fields(object, "Content-Type", parts_add_name, out);
}
