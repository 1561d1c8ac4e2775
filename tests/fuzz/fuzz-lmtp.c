/*
 * fuzz-lmtp.c - what a peer may say to the LMTP machine.  However the bytes arrive, the replies and
 * the messages are the same; the machine asks for an answer only where one is due; every reply is
 * one line of ASCII.  The first byte is the size of the pieces.
 */
#include "core/fail.h"
#include "fuzz.h"
#include "lmtp/lmtp.h"

struct heard {
	struct buf said, mail;
	size_t taken;      /* recipients of the message under way */
	bool in_text;
};

static void
answer(struct lmtp *m, struct heard *h, enum lmtp_event event)
{
	static const enum fail_kind kinds[] = { FAIL_NONE, FAIL_NOUSER, FAIL_USERDB, FAIL_TEMP };
	struct fail why = { 0 };

	if (event == LMTP_RCPT) {
		why.kind = kinds[strlen(lmtp_local(m)) % 4];
		buf_printf(&h->mail, "to(%s)", lmtp_mailbox(m));
		h->taken += why.kind == FAIL_NONE;
		lmtp_answer(m, &why);
	} else if (event == LMTP_DATA) {
		fuzz_check(h->taken > 0);
		h->in_text = true;
		lmtp_answer(m, NULL);
	} else if (event == LMTP_END) {
		fuzz_check(h->in_text && lmtp_recipients(m) == h->taken);
		h->in_text = false;
		for (; h->taken > 0; h->taken--) {
			why.kind = kinds[h->taken % 4];
			lmtp_answer(m, &why);
		}
		buf_str(&h->mail, "end");
	}
}

static void
listen(struct bytes all, size_t step, struct heard *h)
{
	struct lmtp_limits limits = { "mx.test", 4096, 5, false };
	struct lmtp *m = lmtp_new(&limits);
	enum lmtp_event event = LMTP_MORE;

	while (all.len > 0 && event != LMTP_CLOSE) {
		struct bytes piece = bytes_first(all, step);

		all = bytes_from(all, piece.len);
		while ((event = lmtp_feed(m, &piece)) != LMTP_MORE && event != LMTP_CLOSE) {
			if (event == LMTP_MAIL) {
				h->taken = 0;
				h->in_text = false;
				buf_printf(&h->mail, "from(%s)", lmtp_sender(m));
			} else if (event == LMTP_TEXT) {
				fuzz_check(h->in_text && lmtp_text(m).len <= 4096);
				buf_bytes(&h->mail, lmtp_text(m));
			} else {
				answer(m, h, event);
			}
		}
	}
	buf_bytes(&h->said, buf_view(lmtp_output(m)));
	lmtp_free(&m);
}

static void
check_replies(struct bytes said)
{
	while (said.len > 0) {
		struct bytes line = fuzz_part(&said, '\n');

		fuzz_check(line.len >= 5 && line.len < 512 && line.p[line.len - 1] == '\r');
		fuzz_check(line.p[0] >= '2' && line.p[0] <= '5');
		fuzz_check(line.p[3] == ' ' || line.p[3] == '-');
		for (size_t i = 0; i + 1 < line.len; i++)
			fuzz_check(line.p[i] >= ' ' && line.p[i] <= '~');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard whole = { BUF_INIT, BUF_INIT, 0, false };
	struct heard pieces = { BUF_INIT, BUF_INIT, 0, false };
	struct bytes all;

	if (size < 2)
		return 0;
	all = fuzz_bytes(data + 1, size - 1);
	listen(all, all.len, &whole);
	listen(all, data[0] % 64u + 1, &pieces);
	check_replies(buf_view(&whole.said));
	fuzz_check(whole.said.len == pieces.said.len);
	fuzz_check(memcmp(whole.said.p, pieces.said.p, whole.said.len) == 0);
	/* Of text that is too long, more or less has been handed over before that is known. */
	if (all.len <= 4096) {
		fuzz_check(whole.mail.len == pieces.mail.len);
		fuzz_check(memcmp(whole.mail.p, pieces.mail.p, whole.mail.len) == 0);
	}
	buf_clear(&whole.said);
	buf_clear(&whole.mail);
	buf_clear(&pieces.said);
	buf_clear(&pieces.mail);
	return 0;
}
