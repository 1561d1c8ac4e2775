/*
 * replay.c - gives a fuzz target every file it is named, once, without libFuzzer.
 */
#include <stdio.h>

#include "base/fd.h"
#include "fuzz.h"

#define REPLAY_MAX (4u << 20)

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct buf text = BUF_INIT;

		if (fd_read_file(argv[i], REPLAY_MAX, &text) < 0) {
			fprintf(stderr, "%s cannot be read\n", argv[i]);
			return 1;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)text.p, text.len);
		buf_clear(&text);
	}
	return 0;
}
