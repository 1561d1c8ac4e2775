/*
 * fuzz-mime.c - a message of any bytes taken apart: the mime: selectors, and every reading.
 */
#include "core/report.h"
#include "core/words.h"
#include "fuzz.h"
#include "mime/mime.h"

static bool
reading(void *context, struct bytes object, const char *name)
{
	size_t *total = context;

	/* Every byte must be there to be read. */
	for (size_t i = 0; i < object.len; i += 64)
		*total += (unsigned char)object.p[i];
	*total += strlen(name);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mime *m = mime_open(fuzz_bytes(data, size));
	struct report r;
	size_t total = 0;

	report_init(&r);
	mime_report(m, &r);
	for (int i = 0; i < REPORT_KEYS; i++) {
		struct bytes b = buf_view(&r.lines[i]);

		fuzz_check(!b.len || (b.p[b.len - 1] == '\n' && !memchr(b.p, '\0', b.len)));
	}
	fuzz_check(words_is_utf8(buf_view(&r.lines[REPORT_MIME_TEXT])));
	fuzz_check(words_is_utf8(buf_view(&r.lines[REPORT_MIME_NAME])));
	mime_readings(m, reading, &total);
	report_clear(&r);
	mime_close(&m);
	return 0;
}
