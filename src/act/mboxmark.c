#include "act/mboxmark.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/log.h"

#define MBOXMARK_NAME "user.bivalve.append"
#define MBOXMARK_FIRST 32     /* more would not fit into an ext4 inode */
#define MBOXMARK_CHUNK 16384
#define MBOXMARK_FROM "From "
#define MBOXMARK_FROM_LEN 5

/* The attribute's value, in the byte order of the machine: another one's makes no sense here. */
struct mboxmark {
	int64_t from;               /* offset of the message */
	int64_t least;              /* its length without what quotes add */
	char first[MBOXMARK_FIRST]; /* how it begins */
};

bool
mboxmark_set(int fd, off_t from, const struct emit *e)
{
	struct mboxmark mark = { .from = from, .least = (int64_t)emit_size(e) };

	if (e->part[0].len < sizeof mark.first)
		return false;
	memcpy(mark.first, e->part[0].p, sizeof mark.first);
	return fsetxattr(fd, MBOXMARK_NAME, &mark, sizeof mark, 0) == 0;
}

int
mboxmark_clear(int fd)
{
	return fremovexattr(fd, MBOXMARK_NAME) < 0 && errno != ENODATA ? -1 : 0;
}

/* Has somebody else appended behind the torn end? Ours has no From_ line that is not quoted; what
 * cannot be read counts as theirs. */
static bool
mboxmark_is_followed(int fd, off_t from, off_t size)
{
	char chunk[MBOXMARK_CHUNK];
	bool again = false;

	while (from < size) {
		ssize_t n = pread(fd, chunk, sizeof chunk, from);
		const char *end = chunk + n, *p = chunk + again;

		if (n <= again)
			return true;
		while ((p = memmem(p, (size_t)(end - p), MBOXMARK_FROM, MBOXMARK_FROM_LEN))) {
			if (p == chunk || p[-1] != '>')
				return true;
			p++;
		}
		if (from + n >= size)
			break;
		/* What the chunk's end may have cut through, and the byte before it, again. */
		again = n > MBOXMARK_FROM_LEN;
		from += again ? n - MBOXMARK_FROM_LEN : n;
	}
	return false;
}

/* Does fd end with a part of the message that mark describes, and nothing else? */
static bool
mboxmark_is_torn(int fd, off_t size, const struct mboxmark *mark)
{
	char there[MBOXMARK_FIRST];
	ssize_t n;

	if (mark->from < 0 || mark->from >= size || size - mark->from >= mark->least)
		return false;
	n = pread(fd, there, sizeof there, mark->from);
	return n > 0 && memcmp(there, mark->first, (size_t)n) == 0
	    && !mboxmark_is_followed(fd, mark->from + 1, size);
}

off_t
mboxmark_take_back(int fd, off_t size)
{
	struct mboxmark mark;

	if (fgetxattr(fd, MBOXMARK_NAME, &mark, sizeof mark) != (ssize_t)sizeof mark
	    || !mboxmark_is_torn(fd, size, &mark) || ftruncate(fd, mark.from) < 0)
		return size;
	log_user("removed the torn end of the mailbox: who wrote it was killed");
	return mark.from;
}
