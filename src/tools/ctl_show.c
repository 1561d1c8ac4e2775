/*
 * ctl_show.c - bivalvectl show: the tree of a message's parts, and what was found in each.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "tools/ctl.h"
#include "tools/ctlscan.h"
#include "tools/ctlterm.h"

static const struct ctl_option show_options[] = {
	{ 0, "json", NULL, "print JSON" },
	{ 0, "db", "DIR", "signatures (else those of the configuration)" },
	{ 0, "config", "FILE", "configuration" },
	{ 0, NULL, NULL, NULL },
};

/* What the lines of REPORT_PART say of a part; lists have a line for each. */
struct show_part {
	long parent, size;
	int depth;
	struct bytes type, encoding, signature;
	struct buf names, viruses, defects;
};

struct show {
	struct ctlscan scan;
	struct show_part *parts;
	int n;
	struct report list;
	struct buf out;
};

extern const struct ctl_command ctl_show;

static bool
show_new(struct show *s, struct bytes line)
{
	struct show_part p = { .encoding = { "", 0 }, .names = BUF_INIT, .viruses = BUF_INIT,
		.defects = BUF_INIT };

	if (!report_number(&line, -1, s->n - 1, &p.parent) ||
	    !report_number(&line, 0, 1L << 40, &p.size))
		return false;
	p.depth = p.parent >= 0 ? s->parts[p.parent].depth + 1 : 0;
	p.type = line;
	s->parts = mem_resize(s->parts, ((size_t)s->n + 1) * sizeof *s->parts);
	s->parts[s->n++] = p;
	return true;
}

static void
show_keep(struct buf *list, struct bytes line)
{
	buf_bytes(list, line);
	buf_byte(list, '\n');
}

/* One line of REPORT_PART (core/report.h). */
static bool
show_take(struct show *s, struct bytes line)
{
	struct bytes letter = report_word(&line);
	struct show_part *p;
	long number;

	if (!report_number(&line, 0, bytes_is(letter, "p") ? s->n : s->n - 1, &number))
		return false;
	if (bytes_is(letter, "p"))
		return number == s->n && show_new(s, line);
	p = &s->parts[number];
	if (bytes_is(letter, "n"))
		show_keep(&p->names, line);
	else if (bytes_is(letter, "v"))
		show_keep(&p->viruses, line);
	else if (bytes_is(letter, "d"))
		show_keep(&p->defects, line);
	else if (bytes_is(letter, "e"))
		p->encoding = line;
	else if (bytes_is(letter, "s"))
		p->signature = line;
	return true;
}

static int
show_read(struct show *s, struct fail *why)
{
	struct bytes rest, line;

	if (ctlscan_parts(&s->scan, &s->list, why) < 0)
		return -1;
	rest = buf_view(&s->list.lines[REPORT_PART]);
	while (bytes_line(&rest, &line))
		if (!show_take(s, line))
			return fail_set(why, FAIL_SCAN, "the scanner's list of parts makes no "
			    "sense");
	return 0;
}

/* ---- as text ---- */

static void
show_lines(struct show *s, int indent, const char *label, const struct buf *list,
    enum ctlterm_colour colour)
{
	struct bytes rest = buf_view(list), line;

	while (bytes_line(&rest, &line)) {
		buf_printf(&s->out, "%*s%s%s ", indent, "", ctlterm_colour(colour), label);
		ctlterm_text(&s->out, line);
		buf_printf(&s->out, "%s\n", ctlterm_colour(CTLTERM_PLAIN));
	}
}

static void
show_part(struct show *s, const struct show_part *p)
{
	int indent = 2 * p->depth;

	buf_printf(&s->out, "%*s", indent, "");
	ctlterm_text(&s->out, p->type);
	buf_printf(&s->out, ", %ld bytes", p->size);
	if (p->encoding.len) {
		buf_str(&s->out, ", ");
		ctlterm_text(&s->out, p->encoding);
	}
	buf_byte(&s->out, '\n');
	show_lines(s, indent + 4, "name", &p->names, CTLTERM_NAME);
	show_lines(s, indent + 4, "virus", &p->viruses, CTLTERM_BAD);
	show_lines(s, indent + 4, "defect", &p->defects, CTLTERM_WARN);
	if (p->signature.len) {
		buf_printf(&s->out, "%*ssigned ", indent + 4, "");
		ctlterm_text(&s->out, p->signature);
		buf_byte(&s->out, '\n');
	}
}

static void
show_text(struct show *s, const char *path)
{
	const struct report *r = &s->scan.inspect.report;

	ctlterm_text(&s->out, bytes_of(path));
	buf_printf(&s->out, ": %s", report_status_name(r->status));
	if (r->status == REPORT_UNSCANNABLE) {
		buf_str(&s->out, " (");
		ctlterm_text(&s->out, bytes_of(r->reason));
		buf_byte(&s->out, ')');
	}
	buf_byte(&s->out, '\n');
	show_lines(s, 2, "finding", &r->lines[REPORT_SCAN_FINDING], CTLTERM_BAD);
	show_lines(s, 2, "defect", &r->lines[REPORT_MIME_DEFECT], CTLTERM_WARN);
	show_lines(s, 2, "unpacked", &r->lines[REPORT_SCAN_NAME], CTLTERM_PLAIN);
	for (int i = 0; i < s->n; i++)
		show_part(s, &s->parts[i]);
}

/* ---- as JSON ---- */

static void
show_list(struct json *j, const char *key, const struct buf *list)
{
	struct bytes rest = buf_view(list), line;

	json_array(j, key);
	while (bytes_line(&rest, &line))
		json_bytes(j, NULL, line);
	json_end(j);
}

static void
show_json(struct show *s, const char *path)
{
	const struct report *r = &s->scan.inspect.report;
	struct json j;

	json_init(&j, &s->out);
	json_object(&j, NULL);
	json_str(&j, "file", path);
	json_str(&j, "status", report_status_name(r->status));
	show_list(&j, "class", &r->lines[REPORT_SCAN_CLASS]);
	show_list(&j, "virus", &r->lines[REPORT_SCAN_VIRUS]);
	show_list(&j, "defect", &r->lines[REPORT_MIME_DEFECT]);
	show_list(&j, "unpacked", &r->lines[REPORT_SCAN_NAME]);
	json_array(&j, "parts");
	for (int i = 0; i < s->n; i++) {
		const struct show_part *p = &s->parts[i];

		json_object(&j, NULL);
		json_number(&j, "number", i);
		json_number(&j, "parent", p->parent);
		json_bytes(&j, "type", p->type);
		json_number(&j, "size", p->size);
		json_bytes(&j, "encoding", p->encoding);
		show_list(&j, "name", &p->names);
		show_list(&j, "virus", &p->viruses);
		show_list(&j, "defect", &p->defects);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
}

/* ---- the command ---- */

static int
show_file(struct show *s, const char *path, bool as_json, struct fail *why)
{
	const struct report *r = &s->scan.inspect.report;

	if (ctlscan_begin(&s->scan, why) < 0 || ctlscan_file(&s->scan, path, why) < 0)
		return -1;
	if (r->status == REPORT_ERROR)
		return fail_set(why, FAIL_SCAN, "%s", r->reason);
	if (show_read(s, why) < 0)
		return -1;
	if (as_json)
		show_json(s, path);
	else
		show_text(s, path);
	return 0;
}

static int
show_run(int argc, char **argv)
{
	struct show s = { .out = BUF_INIT };
	const char *path = NULL;
	struct fail why = { 0 };
	struct ctl_scan words;
	bool as_json = false;
	int i, rc;

	report_init(&s.list);
	ctl_scan(&words, &ctl_show, argc, argv);
	while ((i = ctl_next(&words, &why)) != CTL_END) {
		if (i == CTL_BAD)
			return ctl_fail(&ctl_show, &why);
		if (i == CTL_WORD && path)
			fail_set(&why, FAIL_USAGE, "one file, please");
		else if (i == CTL_WORD)
			path = words.value;
		else if (i == 0)
			as_json = true;
		else if (i == 1)
			s.scan.database = words.value;
		else
			s.scan.config = words.value;
	}
	if (!path)
		fail_set(&why, FAIL_USAGE, "which file? (- is standard input)");
	ctlterm_begin();
	rc = why.kind != FAIL_NONE || show_file(&s, path, as_json, &why) < 0
	    ? ctl_fail(&ctl_show, &why) : ctl_print(&ctl_show, &s.out);
	if (s.scan.services.ctx)
		ctlscan_end(&s.scan);
	for (i = 0; i < s.n; i++) {
		buf_clear(&s.parts[i].names);
		buf_clear(&s.parts[i].viruses);
		buf_clear(&s.parts[i].defects);
	}
	free(s.parts);
	report_clear(&s.list);
	buf_clear(&s.out);
	return rc;
}

const struct ctl_command ctl_show = {
	.name = "show",
	.summary = "Shows the parts of a message, and what was found in each.",
	.usage = "[--json] [--db DIR] FILE",
	.options = show_options,
	.run = show_run,
};
