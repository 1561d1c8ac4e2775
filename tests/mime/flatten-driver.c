/*
 * flatten-driver - flattens messages without a delivery around it.
 *
 *	flatten-driver FILE...
 *
 * Writes FILE.flat for each, and FILE.tree: what GMime sees in it, a line for each part, "DEPTH TYPE
 * BYTES NAME", where BYTES is a sum over the decoded content (0 for what has parts).  Says on
 * standard output which of them, flattened again, are not the same, and which are not flat.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"
#include "mime/flatten.h"
#include "mime/mime.h"
#include "mime/parts.h"

static bool
driver_reading(void *context, struct bytes object, const char *name)
{
	struct flatten *f = context;

	if (flatten_lacks(f, object))
		flatten_add(f, object, name);
	return true;
}

static bool
driver_has_defects(struct mime *mime)
{
	struct report report;
	bool has;

	report_init(&report);
	mime_report(mime, &report);
	has = report.lines[REPORT_MIME_DEFECT].len > 0;
	report_clear(&report);
	return has;
}

/* Unless always: a message without defects stays as it is, as @flatten has it. */
static void
driver_flatten(struct bytes text, bool always, struct buf *out)
{
	struct mime *mime = mime_open(text);
	struct flatten *f;
	struct patch patch;
	bool over;

	if (!always && !driver_has_defects(mime)) {
		buf_bytes(out, text);
		mime_close(&mime);
		return;
	}
	f = flatten_new(text);
	patch_init(&patch);
	mime_readings(mime, driver_reading, f);
	flatten_added(f, &over);
	if (over)
		flatten_add_original(f);
	flatten_patch(f, &patch);
	patch_apply(&patch, text, out);
	patch_clear(&patch);
	flatten_free(&f);
	mime_close(&mime);
}

static void
driver_part(struct parts_walk *walk, GMimeObject *object, int depth)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	char *name = g_mime_content_type_get_mime_type(type);
	struct buf copy = BUF_INIT, decoded = BUF_INIT, names = BUF_INIT;
	unsigned long sum = 0;
	struct bytes b = { "", 0 };

	if (GMIME_IS_PART(object)) {
		b = parts_raw(GMIME_PART(object), &copy);
		if (parts_decode(GMIME_PART(object), b, &decoded))
			b = buf_view(&decoded);
	}
	for (size_t i = 0; i < b.len; i++)
		sum = sum * 31 + (unsigned char)b.p[i] + 1;
	parts_names(object, &names);
	fprintf(walk->context, "%d %s %zu-%08lx %s", depth, name, b.len, sum & 0xffffffff,
	    names.len ? names.p : "\n");
	g_free(name);
	buf_clear(&copy);
	buf_clear(&decoded);
	buf_clear(&names);
}

static int
driver_file(const char *path)
{
	struct buf text = BUF_INIT, flat = BUF_INIT, again = BUF_INIT;
	char name[4096];
	GMimeMessage *message;
	bool heavy;
	FILE *f;

	if (fd_read_file(path, 1u << 30, &text) < 0)
		return 1;
	driver_flatten(buf_view(&text), true, &flat);
	driver_flatten(buf_view(&flat), false, &again);
	snprintf(name, sizeof name, "%s.flat", path);
	f = fopen(name, "w");
	fwrite(flat.p, 1, flat.len, f);
	fclose(f);
	snprintf(name, sizeof name, "%s.tree", path);
	f = fopen(name, "w");
	message = parts_parse(buf_view(&flat), NULL, NULL, &heavy);
	parts_walk(&(struct parts_walk){ .fn = driver_part, .context = f }, message, 0);
	parts_unref(&message);
	fclose(f);
	if (!flatten_is_flat(buf_view(&flat)))
		printf("not flat: %s\n", path);
	if (flat.len != again.len || memcmp(flat.p, again.p, flat.len) != 0)
		printf("not the same again: %s\n", path);
	buf_clear(&text);
	buf_clear(&flat);
	buf_clear(&again);
	return 0;
}

int
main(int argc, char **argv)
{
	int rc = 0;

	for (int i = 1; i < argc; i++)
		rc |= driver_file(argv[i]);
	return rc;
}
