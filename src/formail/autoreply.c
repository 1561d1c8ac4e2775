#include "formail/autoreply.h"

#include "base/buf.h"

/* Keeps of the message what a reply keeps: X-Loop, and what -i names without giving contents. */
static void
autoreply_forget(const struct invocation *inv, struct hfields *h)
{
	for (size_t i = 0; i < h->count; i++) {
		struct hfield *field = &h->list[i];
		const struct invocation_field *r = invocation_match(inv, 'i', field->text);

		field->gone = r ? !r->bare : !hfield_is(field, "X-Loop:");
	}
	hfields_sweep(h);
}

void
autoreply_make(const struct invocation *inv, struct hfields *h, struct bytes sender)
{
	struct bytes subject = hfields_value(h, "Subject:", HFIELD_LAST);
	struct bytes references = hfields_value(h, "References:", HFIELD_LAST);
	struct bytes id = hfields_value(h, "Message-ID:", HFIELD_LAST);
	struct buf b = BUF_INIT;

	autoreply_forget(inv, h);
	hfields_put(h, "To: ", sender);
	if (subject.len > 0)
		hfields_put(h, "Subject: Re:", subject);
	if (references.len > 0 || id.len > 0) {
		buf_bytes(&b, references);
		buf_bytes(&b, id);
		hfields_put(h, "References:", buf_view(&b));
	}
	if (id.len > 0)
		hfields_put(h, "In-Reply-To:", id);
	buf_clear(&b);
}
