#include "mail/fromline.h"

#include "base/str.h"

#define FROMLINE_START "From "
#define FROMLINE_START_LEN (sizeof FROMLINE_START - 1)

/* "Tue Mar 13 ...": what mailers put behind the sender, who may be several words. */
static bool
fromline_is_date(struct bytes s)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	bool day = false, month = false;

	if (s.len < 9 || s.p[3] != ' ' || s.p[7] != ' ')
		return false;
	for (size_t i = 0; days[i]; i += 3)
		day |= memcmp(s.p, days + i, 3) == 0;
	for (size_t i = 0; months[i]; i += 3)
		month |= memcmp(s.p + 4, months + i, 3) == 0;
	return day && month;
}

static size_t
fromline_skip(struct bytes s, size_t at, bool blanks)
{
	while (at < s.len && str_is_space(s.p[at]) == blanks)
		at++;
	return at;
}

/* Where the sender ends in text, which starts behind "From ": in front of a date, else behind the
 * first word. */
static size_t
fromline_sender_end(struct bytes text)
{
	size_t first = fromline_skip(text, fromline_skip(text, 0, true), false), end = first;

	while (end < text.len) {
		size_t word = fromline_skip(text, end, true);

		if (fromline_is_date(bytes_from(text, word)))
			return end;
		end = fromline_skip(text, word, false);
	}
	return first;
}

bool
fromline_parse(struct bytes head, struct fromline *f)
{
	struct bytes line, text, rest = head;
	size_t end;

	if (!bytes_starts(head, FROMLINE_START))
		return false;
	bytes_line(&rest, &line);
	text = bytes_from(line, FROMLINE_START_LEN);
	end = fromline_sender_end(text);
	f->sender = bytes_trim(bytes_first(text, end));
	f->date = bytes_trim(bytes_from(text, end));
	f->all = bytes_first(head, head.len - rest.len);
	return true;
}

static void
fromline_date(time_t now, struct buf *out)
{
	char text[64] = "Thu Jan  1 00:00:00 1970";
	struct tm tm;

	/* Programs that read mailboxes know English names only: no locale is set anywhere here. */
	if (localtime_r(&now, &tm))
		strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &tm);
	buf_printf(out, "  %s\n", text);
}

void
fromline_make(const char *sender, time_t now, struct buf *out)
{
	buf_str(out, FROMLINE_START);
	for (; *sender; sender++)
		buf_byte(out, (*sender >= 0 && *sender < ' ') || *sender == 0x7f ? '?' : *sender);
	fromline_date(now, out);
}

void
fromline_apply(struct bytes head, const char *sender, const char *user, time_t now,
    struct buf *out)
{
	struct bytes text = head;
	struct fromline f;

	while (text.len && text.p[0] == '\n')
		text = bytes_from(text, 1);
	if (!fromline_parse(text, &f)) {
		fromline_make(strcmp(sender, "-") == 0 ? user : sender, now, out);
		buf_bytes(out, text);
		return;
	}
	/* A line that does not end is no From_ line to renew, as procmail has it. */
	if (strcmp(sender, "-") == 0 && f.all.p[f.all.len - 1] != '\n')
		sender = user;
	if (strcmp(sender, "-") != 0) {
		fromline_make(sender, now, out);
	} else {
		/* The old line up to the end of its sender, blanks in front of him included. */
		const char *end = f.sender.len ? f.sender.p + f.sender.len
		    : f.all.p + f.all.len - 1;

		buf_add(out, text.p, (size_t)(end - text.p));
		fromline_date(now, out);
	}
	buf_bytes(out, bytes_from(text, f.all.len));
}
