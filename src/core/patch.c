#include "core/patch.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"

#define PATCH_HEAD 5              /* bytes: type, length in network order */
#define PATCH_RUN 16              /* bytes of a 'C': from, len */
#define PATCH_CHUNK (1u << 20)    /* bytes of one 'D' at most */

void
patch_init(struct patch *p)
{
	memset(p, 0, sizeof *p);
	buf_init(&p->fresh);
}

void
patch_clear(struct patch *p)
{
	free(p->pieces);
	buf_clear(&p->fresh);
	patch_init(p);
}

static void
patch_piece(struct patch *p, struct patch_piece piece)
{
	struct patch_piece *last = p->n ? &p->pieces[p->n - 1] : NULL;

	if (piece.len == 0)
		return;
	if (last && last->fresh == piece.fresh && last->from + last->len == piece.from) {
		last->len += piece.len;
		return;
	}
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 16;
		p->pieces = mem_resize(p->pieces, p->room * sizeof *p->pieces);
	}
	p->pieces[p->n++] = piece;
}

void
patch_copy(struct patch *p, size_t from, size_t len)
{
	patch_piece(p, (struct patch_piece){ from, len, false });
}

void
patch_add(struct patch *p, struct bytes text)
{
	patch_piece(p, (struct patch_piece){ p->fresh.len, text.len, true });
	buf_bytes(&p->fresh, text);
}

void
patch_apply(const struct patch *p, struct bytes original, struct buf *out)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct patch_piece *piece = &p->pieces[i];
		struct bytes all = piece->fresh ? buf_view(&p->fresh) : original;

		buf_bytes(out, bytes_first(bytes_from(all, piece->from), piece->len));
	}
}

static int
patch_put(int fd, char type, const void *p, size_t len)
{
	char head[PATCH_HEAD] = { type };
	uint32_t n = htonl((uint32_t)len);

	memcpy(head + 1, &n, sizeof n);
	return fd_write_all(fd, head, sizeof head) < 0 ? -1 : fd_write_all(fd, p, len);
}

static int
patch_send_fresh(int fd, struct bytes text)
{
	while (text.len > 0) {
		struct bytes chunk = bytes_first(text, PATCH_CHUNK);

		if (patch_put(fd, 'D', chunk.p, chunk.len) < 0)
			return -1;
		text = bytes_from(text, chunk.len);
	}
	return 0;
}

int
patch_send(int fd, const struct patch *p)
{
	int rc = 0;

	for (size_t i = 0; i < p->n && rc == 0; i++) {
		const struct patch_piece *piece = &p->pieces[i];
		const uint64_t run[2] = { htobe64(piece->from), htobe64(piece->len) };

		if (piece->fresh)
			rc = patch_send_fresh(fd, bytes_first(bytes_from(buf_view(&p->fresh),
			    piece->from), piece->len));
		else
			rc = patch_put(fd, 'C', run, sizeof run);
	}
	return rc < 0 ? -1 : patch_put(fd, 'E', "", 0);
}

struct patch_reader {
	int fd, out;
	const struct bytes *original;   /* two halves */
	size_t left;                    /* bytes that the new message may still have */
	struct fail *why;
};

static int
patch_read(struct patch_reader *r, void *p, size_t len)
{
	ssize_t n = fd_read_full(r->fd, p, len);

	if (n == (ssize_t)len)
		return 0;
	return fail_set(r->why, FAIL_SCAN, "the scanner's new message: %s",
	    n < 0 ? strerror(errno) : "it ends too early");
}

static int
patch_write(struct patch_reader *r, struct bytes text)
{
	if (text.len > r->left)
		return fail_set(r->why, FAIL_SCAN, "the scanner's new message is too large");
	r->left -= text.len;
	if (fd_write_all(r->out, text.p, text.len) == 0)
		return 0;
	return fail_set(r->why, FAIL_SCAN, "the new message cannot be held (spool_dir in "
	    "bivalve.conf): %s", strerror(errno));
}

static int
patch_take_run(struct patch_reader *r, size_t len)
{
	const struct bytes *half = r->original;
	const uint64_t size = half[0].len + half[1].len;
	uint64_t run[2], from;

	if (len != sizeof run)
		return fail_set(r->why, FAIL_SCAN, "the scanner's new message makes no sense");
	if (patch_read(r, run, sizeof run) < 0)
		return -1;
	from = be64toh(run[0]);
	run[1] = be64toh(run[1]);
	if (run[1] == 0 || from > size || run[1] > size - from)
		return fail_set(r->why, FAIL_SCAN, "the scanner's new message has bytes that the "
		    "old one has not");
	for (int i = 0; i < 2; i++) {
		struct bytes part = bytes_first(bytes_from(half[i], from), run[1]);

		if (patch_write(r, part) < 0)
			return -1;
		run[1] -= part.len;
		from -= from < half[i].len ? from : half[i].len;
	}
	return 0;
}

static int
patch_take_fresh(struct patch_reader *r, size_t len)
{
	struct buf chunk = BUF_INIT;
	int rc;

	if (len == 0 || len > PATCH_CHUNK)
		return fail_set(r->why, FAIL_SCAN, "the scanner's new message makes no sense");
	rc = patch_read(r, buf_room(&chunk, len), len);
	buf_grew(&chunk, len);
	if (rc == 0)
		rc = patch_write(r, buf_view(&chunk));
	buf_clear(&chunk);
	return rc;
}

int
patch_receive(int fd, const struct bytes original[2], size_t max, int out, struct fail *why)
{
	struct patch_reader r = { fd, out, original, max, why };
	char head[PATCH_HEAD];
	uint32_t n;
	int rc = 0;

	while (rc == 0) {
		if (patch_read(&r, head, sizeof head) < 0)
			return -1;
		memcpy(&n, head + 1, sizeof n);
		n = ntohl(n);
		if (head[0] == 'E')
			return 0;
		if (head[0] == 'C')
			rc = patch_take_run(&r, n);
		else if (head[0] == 'D')
			rc = patch_take_fresh(&r, n);
		else
			rc = fail_set(why, FAIL_SCAN, "the scanner's new message makes no sense");
	}
	return rc;
}
