/*
 * formail-driver - lets formail-diff run formail's in-process twin many times in one process.
 *
 * Standard input is a row of cases: a line "ARGS HEAD BODY" of three decimal numbers, then ARGS
 * arguments each as a line with its length and the bytes, then HEAD and BODY bytes.  Answers on
 * standard output: a line "UNDERSTOOD STATUS LENGTH" and LENGTH bytes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "formail/formail.h"

/* A block of its own, so that the sanitizer sees whoever reads past its end. */
static char *
take(size_t len, size_t room)
{
	char *p = mem_zero(room);

	if (fread(p, 1, len, stdin) != len)
		exit(2);
	return p;
}

static size_t
number(void)
{
	size_t n;

	if (scanf("%zu", &n) != 1)
		exit(0);
	return n;
}

static void
answer(const char *const *argv, const struct bytes in[2])
{
	struct buf out = BUF_INIT;
	struct fail why = { 0 };
	int status = -1;
	bool understood = formail_understands(argv);

	if ((formail_run(argv, in, &out, &status, &why) == 0) != understood)
		exit(3);
	printf("%d %d %zu\n", understood, status, out.len);
	fwrite(out.p, 1, out.len, stdout);
	fflush(stdout);
	buf_clear(&out);
}

int
main(void)
{
	for (;;) {
		size_t args = number(), head = number(), body = number();
		char **argv = mem_array(args + 1, sizeof(*argv));
		struct bytes in[2];

		for (size_t i = 0; i < args; i++) {
			size_t len = number();

			getchar();
			argv[i] = take(len, len + 1);
		}
		getchar();
		in[0] = (struct bytes){ take(head, head), head };
		in[1] = (struct bytes){ take(body, body), body };
		answer((const char *const *)argv, in);
		for (size_t i = 0; i < args; i++)
			free(argv[i]);
		free((char *)in[0].p);
		free((char *)in[1].p);
		free(argv);
	}
}
