#include "formail/msgid.h"

#include <stdint.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"

/* Digits of base 64, the lowest first. */
static void
msgid_number(struct buf *out, uint64_t n)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	do
		buf_byte(out, digits[n & 63]);
	while ((n >>= 6) != 0);
}

uint64_t
msgid_hash(struct bytes head)
{
	struct bytes line;
	uint64_t hash = 0;

	while (bytes_line(&head, &line))
		for (size_t i = 1; i < line.len; i++)
			hash = hash * 67067 + (unsigned char)line.p[i];
	return hash;
}

void
msgid_make(uint64_t hash, struct buf *out)
{
	static unsigned count;
	struct utsname host;

	buf_byte(out, '<');
	msgid_number(out, hash);
	buf_byte(out, '.');
	msgid_number(out, count++);
	buf_byte(out, '.');
	msgid_number(out, (uint64_t)getpid());
	buf_byte(out, '.');
	msgid_number(out, (uint64_t)time(NULL));
	buf_byte(out, '@');
	buf_str(out, uname(&host) == 0 ? host.nodename : "localhost");
	buf_byte(out, '>');
}
