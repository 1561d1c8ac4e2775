#include "formail/formail.h"

#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "formail/autoreply.h"
#include "formail/headedit.h"
#include "formail/hfield.h"
#include "formail/idcache.h"
#include "formail/invocation.h"
#include "formail/mboxbody.h"
#include "formail/sender.h"

#define FORMAIL_NOBODY "foo@bar"   /* the sender when there is none to be found */

struct formail {
	struct arena *arena;
	struct invocation inv;
	struct hfields head;
	struct bytes body;
	bool ended;           /* by an empty line, which is not part of the body */
	struct buf sender;
	bool has_sender;
	struct bytes raw;     /* the header as it came, with the line that showed it to be over */
	long length;          /* of Content-Length */
};

bool
formail_understands(const char *const *argv)
{
	struct arena *arena = arena_new();
	struct invocation inv;
	bool yes = invocation_parse(argv, arena, &inv);

	arena_free(&arena);
	return yes;
}

/* Both halves of the input in one piece; a copy only when they are not one already. */
static struct bytes
formail_join(struct formail *f, const struct bytes in[2])
{
	size_t len = in[0].len + in[1].len;
	char *p;

	if (in[1].len == 0 || in[0].len == 0)
		return in[0].len ? in[0] : in[1];
	if (in[0].p + in[0].len == in[1].p)
		return (struct bytes){ in[0].p, len };
	p = arena_zero(f->arena, len);
	memcpy(p, in[0].p, in[0].len);
	memcpy(p + in[0].len, in[1].p, in[1].len);
	return (struct bytes){ p, len };
}

/* Splits the input into header and body.  The halves given are most often just these; where they
 * are not, they are looked at as one. */
static void
formail_read(struct formail *f, const struct bytes in[2])
{
	struct bytes text = in[0], rest, line;
	size_t used;
	bool done = hfields_read(&f->head, text, &used, &f->ended);

	f->body = in[1];
	if (!done || used < text.len) {
		f->head.count = 0;
		text = formail_join(f, in);
		hfields_read(&f->head, text, &used, &f->ended);
		f->body = bytes_from(text, used);
	}
	rest = f->body;
	if (!f->ended && bytes_line(&rest, &line))
		used += line.len;
	f->raw = bytes_first(text, used);
}

/* Contents of a Date field for the postmark when -a Date: asks for it, else the time now. */
static void
formail_date(struct formail *f, struct buf *out)
{
	struct bytes date = hfields_value(&f->head, "Date:", HFIELD_LAST);
	char text[64];
	time_t now = time(NULL);
	struct tm tm;

	if (date.len > 0 && invocation_match(&f->inv, 'a', bytes_of("Date:"))) {
		buf_bytes(out, date);
		return;
	}
	if (localtime_r(&now, &tm) && strftime(text, sizeof(text), " %a %b %e %T %Y", &tm))
		buf_str(out, text);
}

/* The postmark that is missing: not for -f, a reply, or one that was taken out on purpose. */
static void
formail_postmark(struct formail *f)
{
	const struct invocation_field *again = invocation_match(&f->inv, 'a', bytes_of("From "));
	struct bytes from = bytes_of("From ");
	struct buf line = BUF_INIT;
	struct hfield mark;

	if (f->inv.force || f->inv.reply)
		return;
	if (f->head.count > 0 && hfield_is_from_line(&f->head.list[0]))
		return;
	if (!(again && again->bare)
	    && (invocation_match(&f->inv, 'i', from) || invocation_match(&f->inv, 'I', from)
	    || invocation_match(&f->inv, 'R', from)))
		return;
	buf_bytes(&line, buf_view(&f->sender));
	buf_byte(&line, ' ');
	formail_date(f, &line);
	hfields_put(&f->head, "From ", buf_view(&line));
	buf_clear(&line);
	mark = f->head.list[f->head.count - 1];
	/* An odd sender makes an odd name of "From :", which -x then does not show. */
	mark.name += f->sender.p[0] == ':';
	memmove(f->head.list + 1, f->head.list, (f->head.count - 1) * sizeof(mark));
	f->head.list[0] = mark;
}

/* Contents without the blanks around them; a lone LF of a folded line is not one. */
static struct bytes
formail_trim(struct bytes s)
{
	while (s.len > 0 && hfield_is_blank(s.p[s.len - 1]))
		s.len--;
	while (s.len > 0 && hfield_is_blank(s.p[0]))
		s = bytes_from(s, 1);
	return s;
}

static void
formail_extract(const struct formail *f, const struct hfield *field, struct buf *out)
{
	struct bytes v = hfield_value(field);

	if (invocation_match(&f->inv, 'x', field->text)) {
		buf_bytes(out, f->inv.zap ? formail_trim(v) : v);
		buf_byte(out, '\n');
	} else if (invocation_match(&f->inv, 'X', field->text)) {
		buf_bytes(out, field->text);
	}
}

static void
formail_write(struct formail *f, struct buf *out)
{
	struct mboxbody how = {
		.escape = !f->inv.no_escape,
		.quote = f->inv.reply && !f->inv.no_escape,
		.first = !f->ended,
		.verbatim = f->inv.reply || f->inv.no_length ? 0 : f->length,
	};

	for (size_t i = 0; i < f->head.count; i++) {
		if (f->inv.extract)
			formail_extract(f, &f->head.list[i], out);
		else
			buf_bytes(out, f->head.list[i].text);
	}
	if (f->inv.extract && !f->inv.keep_body)
		return;
	buf_byte(out, '\n');
	if (!f->inv.reply || f->inv.keep_body)
		mboxbody_write(&how, f->body, out);
}

/* How many bytes of the body Content-Length vouches for: none when -X leaves that field out. */
static void
formail_length(struct formail *f)
{
	struct bytes v = hfields_value(&f->head, "Content-Length:", HFIELD_FIRST);

	f->length = v.len ? strtol(arena_copy(f->arena, v), NULL, 10) : 0;
	if (f->inv.extract_whole && !invocation_match(&f->inv, 'X', bytes_of("Content-Length:")))
		f->length = 0;
}

static struct bytes
formail_after_blanks(struct bytes s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] == ' ')
		n++;
	return bytes_from(s, n);
}

/* -D: nothing is written but the cache. */
static int
formail_cache(struct formail *f)
{
	struct bytes key = { 0 };

	if (!f->inv.reply)
		key = formail_after_blanks(hfields_value(&f->head, "Message-ID:", HFIELD_LAST));
	else if (f->has_sender)
		key = buf_view(&f->sender);
	switch (idcache_ask(f->inv.cache, f->inv.cache_size, key)) {
	case IDCACHE_DUPLICATE:
		return 0;
	case IDCACHE_NEW:
		return 1;
	default:
		return EX_CANTCREAT;
	}
}

static int
formail_do(struct formail *f, struct buf *out)
{
	enum sender_trust trust = !f->inv.reply ? SENDER_ENVELOPE : f->inv.resent ? SENDER_RESENT
	    : f->inv.trust ? SENDER_HEADER : SENDER_ENVELOPE;

	headedit_first(&f->inv, &f->head);
	headedit_names(&f->inv, &f->head, !f->inv.reply);
	if (!f->inv.reply)
		headedit_unique(&f->inv, &f->head);
	f->has_sender = sender_find(&f->head, trust, &f->sender);
	if (f->inv.cache)
		return formail_cache(f);
	if (!f->has_sender) {
		buf_cut(&f->sender, 0);
		buf_str(&f->sender, FORMAIL_NOBODY);
	}
	if (f->inv.reply) {
		autoreply_make(&f->inv, &f->head, buf_view(&f->sender));
		headedit_names(&f->inv, &f->head, true);
	}
	formail_length(f);
	headedit_zap(&f->inv, &f->head);
	formail_postmark(f);
	headedit_add(&f->inv, &f->head, f->raw);
	formail_write(f, out);
	return f->inv.reply && !f->has_sender ? EX_NOUSER : 0;
}

int
formail_run(const char *const *argv, const struct bytes in[2], struct buf *out, int *status,
    struct fail *why)
{
	struct formail f = { .arena = arena_new() };
	int rc = 0;

	f.head.arena = f.arena;
	buf_init(&f.sender);
	if (invocation_parse(argv, f.arena, &f.inv)) {
		f.head.zap = f.inv.zap;
		formail_read(&f, in);
		*status = formail_do(&f, out);
	} else {
		rc = fail_temp(why, "formail: not a call that is done in process");
	}
	hfields_clear(&f.head);
	buf_clear(&f.sender);
	arena_free(&f.arena);
	return rc;
}
