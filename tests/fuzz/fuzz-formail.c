/*
 * fuzz-formail.c - "arguments LF message": formail in process, where it takes the call.
 */
#include <stdio.h>

#include "formail/formail.h"
#include "core/message.h"
#include "fuzz.h"

#define ARGS_MAX 16
#define ARG_SIZE 64

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = fuzz_bytes(data, size), line = fuzz_part(&rest, '\n'), in[2];
	char words[ARGS_MAX][ARG_SIZE];
	const char *argv[ARGS_MAX + 2] = { "formail" };
	struct buf out = BUF_INIT;
	struct fail why = { 0 };
	int n = 0, status = 0;
	size_t head;

	while (line.len && n < ARGS_MAX) {
		struct bytes word = fuzz_part(&line, '\t');

		snprintf(words[n], ARG_SIZE, "%.*s", (int)word.len, word.p);
		/* The cache of message identifiers is a file of the caller's choice. */
		if (words[n][0] == '-' && strchr(words[n], 'D'))
			return 0;
		argv[n + 1] = words[n];
		n++;
	}
	head = size & 1 ? rest.len / 2 : message_head_length(rest);
	in[0] = bytes_first(rest, head);
	in[1] = bytes_from(rest, head);
	if (formail_understands(argv))
		fuzz_check(formail_run(argv, in, &out, &status, &why) == 0);
	buf_clear(&out);
	return 0;
}
