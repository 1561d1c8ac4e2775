#include "mime/defect.h"

#include <string.h>

#include "base/str.h"
#include "mime/parts.h"

static const char *const defect_names[DEFECTS] = {
	[DEFECT_DUPLICATE_CONTENT_TYPE] = "duplicate-content-type",
	[DEFECT_DUPLICATE_TRANSFER_ENCODING] = "duplicate-transfer-encoding",
	[DEFECT_DUPLICATE_DISPOSITION] = "duplicate-disposition",
	[DEFECT_DUPLICATE_PARAMETER] = "duplicate-parameter",
	[DEFECT_UNKNOWN_TRANSFER_ENCODING] = "unknown-transfer-encoding",
	[DEFECT_ENCODED_COMPOSITE] = "encoded-composite",
	[DEFECT_INVALID_CONTENT_TYPE] = "invalid-content-type",
	[DEFECT_MISSING_BOUNDARY] = "missing-boundary",
	[DEFECT_EMPTY_MULTIPART] = "empty-multipart",
	[DEFECT_NO_CLOSING_BOUNDARY] = "no-closing-boundary",
	[DEFECT_PART_IN_PREAMBLE] = "part-in-preamble",
	[DEFECT_PART_IN_EPILOGUE] = "part-in-epilogue",
	[DEFECT_INVALID_HEADER_LINE] = "invalid-header-line",
	[DEFECT_NUL_IN_HEADER] = "nul-in-header",
	[DEFECT_BARE_CR] = "bare-cr",
	[DEFECT_BASE64_JUNK] = "base64-junk",
	[DEFECT_BASE64_AFTER_PADDING] = "base64-after-padding",
	[DEFECT_MESSAGE_PARTIAL] = "message-partial",
	[DEFECT_TOO_DEEP] = "too-deep",
	[DEFECT_TOO_MANY_PARTS] = "too-many-parts",
	[DEFECT_TOO_MUCH_TEXT] = "too-much-text",
	[DEFECT_NO_MESSAGE] = "no-message",
};

const char *
defect_name(enum defect d)
{
	return defect_names[d];
}

/* GMime warns of much that is common; only what splits readers counts. */
void
defect_warning(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer defects)
{
	struct defects *d = defects;

	(void)offset;
	(void)item;
	switch (code) {
	case GMIME_CRIT_CONFLICTING_PARAMETER:
		d->seen[DEFECT_DUPLICATE_PARAMETER] = true;
		break;
	case GMIME_WARN_INVALID_CONTENT_TYPE:
		d->seen[DEFECT_INVALID_CONTENT_TYPE] = true;
		break;
	case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
		d->seen[DEFECT_MISSING_BOUNDARY] = true;
		break;
	case GMIME_WARN_MALFORMED_MULTIPART:
		d->seen[DEFECT_EMPTY_MULTIPART] = true;
		break;
	case GMIME_WARN_TRUNCATED_MESSAGE:
		d->truncated = true;
		break;
	case GMIME_CRIT_INVALID_HEADER_NAME:
		d->seen[DEFECT_INVALID_HEADER_LINE] = true;
		break;
	case GMIME_CRIT_NESTING_OVERFLOW:
		d->seen[DEFECT_TOO_DEEP] = true;
		break;
	default:
		break;
	}
}

void
defect_check_head(struct defects *d, struct bytes head)
{
	if (memchr(head.p, '\0', head.len))
		d->seen[DEFECT_NUL_IN_HEADER] = true;
	for (size_t i = 0; i + 1 < head.len; i++)
		if (head.p[i] == '\r' && head.p[i + 1] != '\n')
			d->seen[DEFECT_BARE_CR] = true;
}

static void
defect_check_encoding(void *context, struct bytes value)
{
	static const char *const known[] = {
		"7bit", "8bit", "binary", "base64", "quoted-printable", NULL
	};
	struct defects *d = context;

	value = bytes_trim(value);
	for (size_t i = 0; known[i]; i++)
		if (bytes_equal_nocase(value, bytes_of(known[i])))
			return;
	d->seen[DEFECT_UNKNOWN_TRANSFER_ENCODING] = true;
}

static void
defect_check_composite(void *context, struct bytes value)
{
	struct defects *d = context;

	value = bytes_trim(value);
	if (bytes_equal_nocase(value, bytes_of("base64")) ||
	    bytes_equal_nocase(value, bytes_of("quoted-printable")))
		d->seen[DEFECT_ENCODED_COMPOSITE] = true;
}

void
defect_check_part(struct defects *d, GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);

	if (parts_fields(object, "Content-Type", NULL, NULL) > 1)
		d->seen[DEFECT_DUPLICATE_CONTENT_TYPE] = true;
	if (parts_fields(object, "Content-Disposition", NULL, NULL) > 1)
		d->seen[DEFECT_DUPLICATE_DISPOSITION] = true;
	if (parts_fields(object, "Content-Transfer-Encoding", defect_check_encoding, d) > 1)
		d->seen[DEFECT_DUPLICATE_TRANSFER_ENCODING] = true;
	if (g_mime_content_type_is_type(type, "multipart", "*") ||
	    g_mime_content_type_is_type(type, "message", "*"))
		parts_fields(object, "Content-Transfer-Encoding", defect_check_composite, d);
	if (g_mime_content_type_is_type(type, "message", "partial"))
		d->seen[DEFECT_MESSAGE_PARTIAL] = true;
}

/* Outside the delimiters stands a line for old programs at most, no field of a part. */
static bool
defect_has_part(const char *text)
{
	struct bytes rest = bytes_of(text), line;

	while (bytes_line(&rest, &line))
		if (bytes_starts_nocase(line, "content-type:") ||
		    bytes_starts_nocase(line, "content-transfer-encoding:") ||
		    bytes_starts_nocase(line, "content-disposition:"))
			return true;
	return false;
}

void
defect_check_outside(struct defects *d, GMimeMultipart *multi)
{
	if (d->truncated)
		d->seen[DEFECT_NO_CLOSING_BOUNDARY] = true;
	if (defect_has_part(g_mime_multipart_get_prologue(multi)))
		d->seen[DEFECT_PART_IN_PREAMBLE] = true;
	if (defect_has_part(g_mime_multipart_get_epilogue(multi)))
		d->seen[DEFECT_PART_IN_EPILOGUE] = true;
}
