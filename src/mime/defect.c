#include "mime/defect.h"

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
	[DEFECT_AMBIGUOUS_BOUNDARY] = "ambiguous-boundary",
	[DEFECT_MALFORMED_BOUNDARY] = "malformed-boundary",
	[DEFECT_STRAY_BOUNDARY] = "stray-boundary",
	[DEFECT_NESTED_BOUNDARIES] = "nested-boundaries",
	[DEFECT_AMBIGUOUS_DELIMITER] = "ambiguous-delimiter",
	[DEFECT_DELIMITER_IN_HEADER] = "delimiter-in-header",
	[DEFECT_MALFORMED_FIELD] = "malformed-mime-field",
	[DEFECT_COMMENT_IN_FIELD] = "comment-in-mime-field",
	[DEFECT_MALFORMED_HEADER_END] = "malformed-header-end",
	[DEFECT_HEADER_IN_BODY] = "header-in-body",
	[DEFECT_BASE64_PADDING] = "base64-padding",
	[DEFECT_MALFORMED_QUOTED] = "malformed-quoted-printable",
	[DEFECT_UNDECLARED_ENCODING] = "undeclared-encoding",
	[DEFECT_INLINE_ENCODING] = "inline-encoding",
	[DEFECT_CONFLICTING_NAMES] = "conflicting-file-names",
	[DEFECT_DECEPTIVE_NAME] = "deceptive-file-name",
	[DEFECT_DISGUISED_PROGRAM] = "disguised-program",
};

const char *
defect_name(enum defect d)
{
	return defect_names[d];
}

bool
defect_any(const struct defects *d)
{
	for (int i = 0; i < DEFECTS; i++)
		if (d->seen[i])
			return true;
	return d->odd;
}
