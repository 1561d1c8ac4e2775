#include "formail/headedit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "formail/msgid.h"

/* What -z and -c do to a field as soon as it has a proper name. */
static void
headedit_tidy(const struct invocation *inv, struct hfields *h, struct hfield *field)
{
	if (inv->zap)
		hfield_space(h, field);
	if (inv->concatenate && !hfield_is_from_line(field))
		hfield_concatenate(h, field);
}

/* -R: a name without a colon stands for the beginning of names. */
static void
headedit_rename(struct hfields *h, struct hfield *field, const struct invocation_field *r)
{
	bool whole = r->to.p[r->to.len - 1] == ':';

	hfield_rename(h, field, whole ? field->name : r->name.len, r->to);
	if (whole)
		field->name = r->to.len;
}

/* -i -I -R for a field of the message: the first that fits it counts. */
static void
headedit_edit(const struct invocation *inv, struct hfields *h, struct hfield *field, bool old)
{
	const struct invocation_field *r;

	r = old ? invocation_match(inv, 'i', field->text) : NULL;
	if (r && !(inv->reply && r->bare)) {
		hfield_rename(h, field, 0, bytes_of("Old-"));
		return;
	}
	r = invocation_match(inv, 'I', field->text);
	if (r && (old || r->bare))
		field->gone = true;
	else if ((r = invocation_match(inv, 'R', field->text)))
		headedit_rename(h, field, r);
}

void
headedit_first(const struct invocation *inv, struct hfields *h)
{
	for (size_t i = 0; i < h->count; i++)
		headedit_tidy(inv, h, &h->list[i]);
}

void
headedit_names(const struct invocation *inv, struct hfields *h, bool old)
{
	for (size_t i = 0; i < h->count; i++) {
		bool from = hfield_is_from_line(&h->list[i]);

		headedit_edit(inv, h, &h->list[i], old);
		if (from)
			headedit_tidy(inv, h, &h->list[i]);
	}
	hfields_sweep(h);
}

static int
headedit_compare_names(const void *a, const void *b)
{
	const struct hfield *x = *(const struct hfield *const *)a;
	const struct hfield *y = *(const struct hfield *const *)b;
	size_t n = x->name < y->name ? x->name : y->name;
	int c = strncasecmp(x->text.p, y->text.p, n);

	if (c == 0 && x->name != y->name)
		c = x->name < y->name ? -1 : 1;
	return c ? c : (x > y) - (x < y);
}

static bool
headedit_same_name(const struct hfield *a, const struct hfield *b)
{
	return a->name == b->name && strncasecmp(a->text.p, b->text.p, a->name) == 0;
}

/* -u keeps the first and -U the last of the fields list[0..n) of one name; with both, both. */
static void
headedit_unique_name(const struct invocation *inv, struct hfield **list, size_t n)
{
	bool first = invocation_match(inv, 'u', list[0]->text);
	bool last = invocation_match(inv, 'U', list[0]->text);

	for (size_t i = 0; i < n; i++)
		list[i]->gone = (first || last) && !(first && i == 0) && !(last && i == n - 1);
}

void
headedit_unique(const struct invocation *inv, struct hfields *h)
{
	struct hfield **sorted = mem_array(h->count + 1, sizeof(*sorted));
	size_t n = h->count, i, k;

	for (i = 0; i < n; i++)
		sorted[i] = &h->list[i];
	qsort(sorted, n, sizeof(*sorted), headedit_compare_names);
	for (i = 0; i < n; i = k) {
		for (k = i + 1; k < n && headedit_same_name(sorted[i], sorted[k]); k++)
			;
		headedit_unique_name(inv, sorted + i, k - i);
	}
	free(sorted);
	hfields_sweep(h);
}

void
headedit_zap(const struct invocation *inv, struct hfields *h)
{
	for (size_t i = 0; inv->zap && i < h->count; i++)
		hfield_zap(&h->list[i]);
	hfields_sweep(h);
}

/* -a: is there such a field among the first count? */
static bool
headedit_has(const struct hfields *h, size_t count, const struct invocation_field *a)
{
	for (size_t i = 0; i < count; i++)
		if (h->list[i].name == a->name.len && invocation_fits(a, h->list[i].text))
			return true;
	return false;
}

static void
headedit_add_missing(struct hfields *h, const struct invocation_field *a, struct bytes raw)
{
	struct bytes name = a->name;
	struct buf id = BUF_INIT;
	char *p = arena_copy(h->arena, name);

	if (a->bare && (strcasecmp(p, "Message-ID:") == 0
	    || strcasecmp(p, "Resent-Message-ID:") == 0)) {
		buf_byte(&id, ' ');
		msgid_make(msgid_hash(raw), &id);
	} else {
		buf_bytes(&id, bytes_from(a->text, name.len));
	}
	hfields_put(h, p, buf_view(&id));
	buf_clear(&id);
}

/* For -a only what is missing is added, for the others only what has contents. */
static void
headedit_add_one(struct hfields *h, size_t count, const struct invocation_field *a,
    struct bytes raw)
{
	if (a->option == 'a' && !headedit_has(h, count, a))
		headedit_add_missing(h, a, raw);
	else if (a->option != 'a' && !a->bare)
		hfields_put(h, arena_copy(h->arena, a->name), bytes_from(a->text, a->name.len));
}

void
headedit_add(const struct invocation *inv, struct hfields *h, struct bytes raw)
{
	size_t count = h->count;

	for (const char *option = "aAiI"; *option; option++)
		for (size_t i = 0; i < inv->count; i++)
			if (inv->fields[i].option == *option)
				headedit_add_one(h, count, &inv->fields[i], raw);
}
