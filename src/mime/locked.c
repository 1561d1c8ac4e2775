#include "mime/locked.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define LOCKED_HEADER 12         /* bytes of the encryption header in front of a member */
#define LOCKED_MEMBERS_MAX 1000
#define LOCKED_WORD_MAX 64       /* bytes of a password */
#define LOCKED_LOCAL 30
#define LOCKED_CENTRAL 46
#define LOCKED_END 22
#define LOCKED_AES 99            /* "method" of members that are encrypted otherwise */

struct locked_keys {
	uint32_t k[3];
};

/* What the directory says of a member. */
struct locked_member {
	unsigned flags, method, time;
	uint32_t crc, size;          /* size: unpacked */
	struct bytes name, data;     /* data with its encryption header */
};

struct locked {
	struct bytes zip;
	size_t directory;            /* offset */
	struct locked_member first;  /* encrypted one: passwords are tried on it */
	struct bytes tried[LOCKED_PASSWORDS_MAX];
	int tries, opened;
	locked_fn *fn;
	void *context;
};

static uint32_t
locked_crc(uint32_t crc, unsigned char byte)
{
	static uint32_t table[256];

	for (uint32_t i = 0; i < 256 && table[255] == 0; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
		table[i] = c;
	}
	return table[(crc ^ byte) & 0xff] ^ crc >> 8;
}

static void
locked_update(struct locked_keys *s, unsigned char byte)
{
	s->k[0] = locked_crc(s->k[0], byte);
	s->k[1] = (s->k[1] + (s->k[0] & 0xff)) * 134775813u + 1;
	s->k[2] = locked_crc(s->k[2], (unsigned char)(s->k[1] >> 24));
}

static void
locked_start(struct locked_keys *s, struct bytes password)
{
	*s = (struct locked_keys){ { 0x12345678u, 0x23456789u, 0x34567890u } };
	for (size_t i = 0; i < password.len; i++)
		locked_update(s, (unsigned char)password.p[i]);
}

static unsigned char
locked_byte(struct locked_keys *s, char byte)
{
	uint32_t t = (s->k[2] | 2) & 0xffff;
	unsigned char plain = (unsigned char)((unsigned char)byte ^ (t * (t ^ 1) >> 8));

	locked_update(s, plain);
	return plain;
}

/* ---- the archive ---- */

static uint32_t
locked_get(struct bytes b, size_t at, size_t bytes)
{
	uint32_t n = 0;

	for (size_t i = bytes; i-- > 0;)
		n = n << 8 | (at + i < b.len ? (unsigned char)b.p[at + i] : 0);
	return n;
}

static void
locked_put(struct buf *out, uint32_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, n >>= 8)
		buf_byte(out, (char)n);
}

bool
locked_is(struct bytes file)
{
	return bytes_starts(file, "PK\3\4") && file.len > LOCKED_LOCAL + LOCKED_HEADER &&
	    memmem(file.p, file.len, "PK\1\2", 4) && (locked_get(file, 6, 2) & 1);
}

/* The last record of the archive tells where its directory is. */
static bool
locked_directory(struct bytes zip, size_t *at_r)
{
	size_t low = zip.len > 65536 + LOCKED_END ? zip.len - 65536 - LOCKED_END : 0;

	for (size_t i = zip.len < LOCKED_END ? 0 : zip.len - LOCKED_END + 1; i-- > low;)
		if (memcmp(zip.p + i, "PK\5\6", 4) == 0) {
			*at_r = locked_get(zip, i + 16, 4);
			return *at_r < i;
		}
	return false;
}

/* The member whose entry is at *at, which goes behind it. */
static bool
locked_member(struct bytes zip, size_t *at, struct locked_member *m)
{
	struct bytes entry = bytes_from(zip, *at);
	size_t name = locked_get(entry, 28, 2), local, data;

	if (entry.len < LOCKED_CENTRAL + name || !bytes_starts(entry, "PK\1\2"))
		return false;
	*m = (struct locked_member){ .flags = locked_get(entry, 8, 2),
		.method = locked_get(entry, 10, 2), .time = locked_get(entry, 12, 2),
		.crc = locked_get(entry, 16, 4), .size = locked_get(entry, 24, 4) };
	m->name = bytes_first(bytes_from(entry, LOCKED_CENTRAL), name);
	local = locked_get(entry, 42, 4);
	data = local + LOCKED_LOCAL + locked_get(zip, local + 26, 2) +
	    locked_get(zip, local + 28, 2);
	m->data = bytes_first(bytes_from(zip, data), locked_get(entry, 20, 4));
	*at += LOCKED_CENTRAL + name + locked_get(entry, 30, 2) + locked_get(entry, 32, 2);
	return true;
}

/* Decrypts the header; the last byte tells whether the password may be the right one. */
static bool
locked_fits(const struct locked_member *m, struct bytes password, struct locked_keys *keys)
{
	unsigned check = m->flags & 8 ? m->time >> 8 : m->crc >> 24;
	unsigned char last = 0;

	if (!(m->flags & 1) || m->method == LOCKED_AES || m->data.len < LOCKED_HEADER)
		return false;
	locked_start(keys, password);
	for (size_t i = 0; i < LOCKED_HEADER; i++)
		last = locked_byte(keys, m->data.p[i]);
	return last == check;
}

/* The fields that local header and directory share, from the version needed on. */
static void
locked_put_fields(const struct locked_member *m, size_t packed, struct buf *out)
{
	locked_put(out, 20, 2);
	locked_put(out, m->flags & ~9u, 2);
	locked_put(out, m->method, 2);
	locked_put(out, m->time, 2);
	locked_put(out, 0x21, 2); /* the first of January 1980 */
	locked_put(out, m->crc, 4);
	locked_put(out, (uint32_t)packed, 4);
	locked_put(out, m->size, 4);
	locked_put(out, (uint32_t)m->name.len, 2);
	locked_put(out, 0, 2);
}

static void
locked_put_member(const struct locked_member *m, struct locked_keys *keys, struct buf *out,
    struct buf *directory)
{
	size_t at = out->len, packed = m->data.len - LOCKED_HEADER;
	char *to;

	buf_str(out, "PK\3\4");
	locked_put_fields(m, packed, out);
	buf_bytes(out, m->name);
	to = buf_room(out, packed);
	for (size_t i = 0; i < packed; i++)
		to[i] = (char)locked_byte(keys, m->data.p[LOCKED_HEADER + i]);
	buf_grew(out, packed);
	buf_str(directory, "PK\1\2");
	locked_put(directory, 20, 2);
	locked_put_fields(m, packed, directory);
	for (int i = 0; i < 5; i++)
		locked_put(directory, 0, 2);
	locked_put(directory, (uint32_t)at, 4);
	buf_bytes(directory, m->name);
}

/* An archive of the members that the password opens. */
static void
locked_rewrite(struct locked *l, struct bytes password)
{
	struct buf out = BUF_INIT, directory = BUF_INIT;
	size_t at = l->directory, total = 0;
	struct locked_member m;
	struct locked_keys keys;
	uint32_t members = 0, start;

	for (int i = 0; i < LOCKED_MEMBERS_MAX && locked_member(l->zip, &at, &m); i++) {
		/* Entries that share their data would make more of it than there is. */
		total += m.data.len;
		if (total > l->zip.len)
			break;
		if (locked_fits(&m, password, &keys)) {
			locked_put_member(&m, &keys, &out, &directory);
			members++;
		}
	}
	start = (uint32_t)out.len;
	buf_bytes(&out, buf_view(&directory));
	buf_str(&out, "PK\5\6");
	locked_put(&out, 0, 4);
	locked_put(&out, members, 2);
	locked_put(&out, members, 2);
	locked_put(&out, (uint32_t)directory.len, 4);
	locked_put(&out, start, 4);
	locked_put(&out, 0, 2);
	if (members > 0)
		l->fn(l->context, buf_view(&out));
	buf_clear(&out);
	buf_clear(&directory);
}

/* ---- passwords ---- */

static void
locked_try(struct locked *l, struct bytes password)
{
	struct locked_keys keys;

	if (password.len == 0 || password.len > LOCKED_WORD_MAX ||
	    l->tries == LOCKED_PASSWORDS_MAX || l->opened == LOCKED_OPENED_MAX)
		return;
	for (int i = 0; i < l->tries; i++)
		if (l->tried[i].len == password.len &&
		    memcmp(l->tried[i].p, password.p, password.len) == 0)
			return;
	l->tried[l->tries++] = password;
	if (locked_fits(&l->first, password, &keys)) {
		l->opened++;
		locked_rewrite(l, password);
	}
}

/* A word as it stands, and without the marks that people put around it. */
static void
locked_try_word(struct locked *l, struct bytes word)
{
	static const char marks[] = "\"'`<>()[]{}*_.,:;!?=";

	locked_try(l, word);
	while (word.len && strchr(".,;:!?", word.p[word.len - 1])) {
		word.len--;
		locked_try(l, word);
	}
	while (word.len && strchr(marks, word.p[word.len - 1]))
		word.len--;
	while (word.len && strchr(marks, word.p[0]))
		word = bytes_from(word, 1);
	locked_try(l, word);
	/* "Password:1234" */
	for (size_t i = word.len; i-- > 1;)
		if (word.p[i - 1] == ':' || word.p[i - 1] == '=') {
			locked_try(l, bytes_from(word, i));
			break;
		}
}

static void
locked_try_line(struct locked *l, struct bytes line)
{
	while ((line = bytes_trim(line)).len) {
		size_t n = 0;

		while (n < line.len && !str_is_space(line.p[n]))
			n++;
		locked_try_word(l, bytes_first(line, n));
		line = bytes_from(line, n);
	}
}

static bool
locked_speaks_of_it(struct bytes line)
{
	static const char *const words[] = {
		"pass", "pwd", "pin", "code", "kennwort", "contrase", "mot de passe", "senha",
		"wachtwoord", "has\xc5\x82o", "heslo", "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb",
		"\xe5\xaf\x86\xe7\xa0\x81", "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf", NULL
	};

	for (; line.len; line = bytes_from(line, 1))
		for (size_t i = 0; words[i]; i++)
			if (bytes_starts_nocase(line, words[i]))
				return true;
	return false;
}

void
locked_open(struct bytes zip, struct bytes text, locked_fn *fn, void *context)
{
	static const char *const usual[] = {
		"infected", "password", "virus", "malware", "123", "1234", "12345", "123456", NULL
	};
	struct locked l = { .zip = zip, .fn = fn, .context = context };
	struct bytes rest = text, line;
	size_t at;
	int near = 0;

	if (!locked_directory(zip, &l.directory))
		return;
	at = l.directory;
	for (int i = 0; i < LOCKED_MEMBERS_MAX && !(l.first.flags & 1); i++)
		if (!locked_member(zip, &at, &l.first))
			return;
	while (bytes_line(&rest, &line)) {
		if (locked_speaks_of_it(line))
			near = 3; /* this line and the two behind it */
		if (near > 0)
			locked_try_line(&l, line);
		near -= near > 0 && bytes_trim(line).len > 0;
	}
	for (size_t i = 0; usual[i]; i++)
		locked_try(&l, bytes_of(usual[i]));
	for (rest = text; bytes_line(&rest, &line);)
		locked_try_line(&l, line);
}
