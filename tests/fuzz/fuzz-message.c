/*
 * fuzz-message.c - the header functions on any bytes: fields, addresses, words, edits.
 */
#include <time.h>

#include "core/message.h"
#include "core/words.h"
#include "fuzz.h"
#include "mail/address.h"
#include "mail/contentlength.h"
#include "mail/edit.h"
#include "mail/field.h"
#include "mail/fromline.h"
#include "mail/receivedclient.h"

#define FIELDS_MAX 64   /* each is looked at closely */

static void
check_utf8_lines(struct buf *b)
{
	fuzz_check(words_is_utf8(buf_view(b)));
	buf_cut(b, 0);
}

static void
check_value(struct bytes value)
{
	struct buf out = BUF_INIT;

	words_decode(value, &out);
	fuzz_check(!out.len || !(memchr(out.p, '\n', out.len) || memchr(out.p, '\0', out.len)));
	check_utf8_lines(&out);
	words_parameter(value, "name", &out);
	check_utf8_lines(&out);
	words_parameter_all(value, "filename", &out);
	check_utf8_lines(&out);
	address_list(value, &out);
	check_utf8_lines(&out);
	words_encode(value, 10, "\n", &out);
	check_utf8_lines(&out);
	words_to_utf8(bytes_first(value, 12), bytes_from(value, 12), &out);
	check_utf8_lines(&out);
	buf_clear(&out);
}

/* Whatever the head: what was set is there once, what was removed is gone, no second header ends. */
static void
check_edits(struct bytes head, struct bytes text)
{
	struct buf out = BUF_INIT, again = BUF_INIT;
	struct bytes name = bytes_of("X-Tag");
	struct fail why = { 0 };

	if (edit_set(head, name, text, &out, &why) == 0) {
		fuzz_check(field_count(buf_view(&out), "X-Tag") == 1);
		fuzz_check(edit_remove(buf_view(&out), name, &again, &why) == 0);
		fuzz_check(field_count(buf_view(&again), "X-Tag") == 0);
		buf_cut(&again, 0);
		fuzz_check(edit_add(buf_view(&out), name, text, &again, &why) == 0);
		fuzz_check(field_count(buf_view(&again), "X-Tag") == 2);
	}
	buf_cut(&out, 0);
	buf_cut(&again, 0);
	fail_clear(&why);
	if (edit_subject(head, text, &out, &why) == 0) {
		fuzz_check(field_count(buf_view(&out), "Subject") >= 1);
		fuzz_check(edit_subject(buf_view(&out), text, &again, &why) == 0);
	}
	buf_clear(&out);
	buf_clear(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const hosts[] = { "mx.example.org", "mx", NULL };
	struct bytes all = fuzz_bytes(data, size), head, rest;
	struct receivedclient client;
	struct buf out = BUF_INIT;
	struct field f;

	head = bytes_first(all, message_head_length(all));
	rest = head;
	for (int n = 0; n < FIELDS_MAX && field_next(&rest, &f); n++)
		check_value(f.value);
	check_value(bytes_first(all, 2048));
	address_fields(head, "From,To", &out);
	check_utf8_lines(&out);
	contentlength_fit(head, all.len - head.len, &out);
	buf_cut(&out, 0);
	fromline_apply(head, size & 1 ? "-" : "a@b", "user", (time_t)0, &out);
	fuzz_check(bytes_starts(buf_view(&out), "From "));
	receivedclient_find(head, hosts, &client);
	check_edits(head, bytes_first(bytes_from(all, head.len), 100));
	buf_clear(&out);
	return 0;
}
