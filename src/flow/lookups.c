/*
 * lookups.c - what is not in the message: DNS lists, maps, Message-IDs seen before, the relay block
 * list.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "core/lookup.h"
#include "flow/state.h"
#include "mail/domainlist.h"
#include "recipe/select.h"

#define LOOKUPS_QUESTIONS 3           /* that one look-up may ask */
#define LOOKUPS_GRACE 30              /* seconds behind them */
#define LOOKUPS_TEXT_MAX (64u << 20)  /* bytes of a text map */

/* rights: whose the process has that answers. */
static int
lookups_ask(struct flow *f, enum lookups_rights rights, const struct lookup *q, struct buf *out,
    struct fail *why)
{
	const struct services *s = f->d->services;
	int *sock = &f->lookup_sock[rights], rc;

	if (*sock < 0)
		*sock = s->lookup(s->ctx, rights == LOOKUPS_OWN, why);
	if (*sock < 0)
		return -1;
	rc = lookup_ask(*sock, q, LOOKUPS_QUESTIONS * f->d->conf->dns_timeout + LOOKUPS_GRACE, out,
	    why);
	if (rc == LOOKUP_LOST)
		fd_close(sock);
	return rc < 0 ? -1 : 0;
}

void
lookups_begin(struct flow *f)
{
	f->lookup_sock[LOOKUPS_SITE] = f->lookup_sock[LOOKUPS_OWN] = -1;
}

void
lookups_leave(struct flow *f)
{
	fd_close(&f->lookup_sock[LOOKUPS_SITE]);
	fd_close(&f->lookup_sock[LOOKUPS_OWN]);
}

/* ---- DNS ---- */

/* Many lists that each take their time would hold the mail up: in all, questions without an answer
 * may take as long as one look-up. */
static bool
lookups_dns_is_away(const struct flow *f)
{
	return f->dns_lost_ms >= LOOKUPS_QUESTIONS * f->d->conf->dns_timeout * 1000;
}

/* A list that does not answer neither blocks nor loses mail: no condition on it holds. */
static int
lookups_dns(struct flow *f, enum lookup_kind kind, const char *zone, const char *key,
    struct buf *out)
{
	struct lookup q = { .kind = kind, .subject = zone, .key = key, .fd = -1 };
	const int64_t begun = clock_ms();
	struct fail why = { 0 };

	if (!*key)
		return 0;
	if (lookups_dns_is_away(f))
		fail_temp(&why, "DNS: not asked about %s any more, after %jd s without an answer",
		    *zone ? zone : key, (intmax_t)(f->dns_lost_ms / 1000));
	else if (lookups_ask(f, LOOKUPS_SITE, &q, out, &why) == 0)
		return 0;
	f->dns_lost_ms += clock_ms() - begun;
	log_warning("%s:%d: %s; the condition is taken not to hold, delivery goes on",
	    interp_file(f->in), interp_line(f->in), why.text);
	buf_cut(out, 0);
	return 1;
}

/* ---- maps ---- */

/* A key a line, its value behind white space. */
static void
lookups_text(struct bytes text, struct bytes key, struct buf *out)
{
	struct bytes line, word;
	size_t n;

	while (bytes_line(&text, &line)) {
		line = bytes_trim(line);
		for (n = 0; n < line.len && !str_is_space(line.p[n]); n++)
			;
		word = bytes_first(line, n);
		if (n == 0 || line.p[0] == '#' || !bytes_equal_nocase(word, key))
			continue;
		line = bytes_trim(bytes_from(line, n));
		buf_bytes(out, line.len > 0 ? line : word);
		buf_byte(out, '\n');
		return;
	}
}

/* One line is enough for a condition. */
static void
lookups_class(struct bytes text, struct bytes key, struct buf *out)
{
	struct bytes word;

	if (!domainlist_find(text, key, &word))
		return;
	buf_bytes(out, word);
	buf_byte(out, '\n');
}

static int
lookups_map_text(int fd, const struct lookup *q, struct buf *out, struct fail *why)
{
	struct buf text = BUF_INIT;
	int rc = 0;

	if (fd_read_all(fd, LOOKUPS_TEXT_MAX, &text) < 0)
		rc = fail_errno(why, "map %s", q->name);
	else if (strcmp(q->subject, "class") == 0)
		lookups_class(buf_view(&text), bytes_of(q->key), out);
	else
		lookups_text(buf_view(&text), bytes_of(q->key), out);
	buf_clear(&text);
	return rc;
}

static bool
lookups_is_text(const char *type)
{
	return strcmp(type, "text") == 0 || strcmp(type, "class") == 0;
}

/* makemap(8) and sendmail leave the end of the name out. */
static int
lookups_open(struct flow *f, const char *type, const char *file, struct fail *why)
{
	const char *end = strcmp(type, "cdb") == 0 ? ".cdb" : ".db";
	struct buf longer = BUF_INIT;
	struct fail none = { 0 };
	struct stat st;
	int fd = -1;

	if (!lookups_is_text(type)) {
		buf_printf(&longer, "%s%s", file, end);
		fd = world_open(f, longer.p, O_RDONLY, &none);
		buf_clear(&longer);
	}
	if (fd < 0)
		fd = world_open(f, file, O_RDONLY, why);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		fail_temp(why, "%s: is no file", file);
		fd_close(&fd);
	}
	return fd;
}

/* arg = type ":" file blanks key */
static int
lookups_map(struct flow *f, const char *arg, struct buf *out, struct fail *why)
{
	struct lookup q = { .kind = LOOKUP_MAP };
	const char *colon = strchr(arg, ':'), *blank;
	char *type, *file;
	int rc;

	blank = colon ? colon + strcspn(colon, " \t") : arg;
	if (!colon || *blank == '\0')
		return fail_temp(why, "map:%s: write map:TYPE:FILE KEY", arg);
	type = arena_copy(f->arena, (struct bytes){ arg, (size_t)(colon - arg) });
	file = arena_copy(f->arena, (struct bytes){ colon + 1, (size_t)(blank - colon - 1) });
	q.key = blank + strspn(blank, " \t");
	if (!*q.key)
		return 0;
	q.subject = type;
	q.name = file;
	q.fd = lookups_open(f, type, file, why);
	if (q.fd < 0)
		return -1;
	rc = lookups_is_text(type) ? lookups_map_text(q.fd, &q, out, why)
	    : lookups_ask(f, LOOKUPS_OWN, &q, out, why);
	fd_close(&q.fd);
	return rc;
}

static int
lookups_map_or_why(struct flow *f, const char *arg, struct buf *out, struct fail *why)
{
	struct fail cause = { 0 };

	if (lookups_map(f, arg, out, &cause) == 0)
		return 0;
	return fail_temp(why, "%s:%d: the map cannot be asked: %.300s; the mail waits until the "
	    "recipient can read it", interp_file(f->in), interp_line(f->in), cause.text);
}

int
lookups_lines(struct flow *f, int selector, const char *arg, struct buf *out, struct fail *why)
{
	const struct envelope *env = f->d->env;

	switch (selector) {
	case SELECT_DNS:
		return lookups_dns(f, LOOKUP_DNS, arg, env->client, out);
	case SELECT_RHS:
		return lookups_dns(f, LOOKUP_RHS, arg, env->sender, out);
	case SELECT_MX_BOGUS:
		return lookups_dns(f, LOOKUP_MX, "", env->sender, out);
	case SELECT_MAP:
		return lookups_map_or_why(f, arg, out, why);
	default:
		seen_lines(f, out);
		return 0;
	}
}

/* ---- @blocklist ---- */

int
lookups_block(struct flow *f, const char *key, struct fail *why)
{
	struct lookup q = { .kind = LOOKUP_BLOCK, .key = *key ? key : f->d->env->client, .fd = -1 };
	struct fail none = { 0 };
	struct buf out = BUF_INIT;
	int rc;

	if (!f->in_site && !f->d->conf->blocklist_users && f->d->services->for_others)
		return fail_temp(why, "@blocklist: only the site's recipes may (blocklist_users in "
		    CONF_PATH ")");
	if (!*q.key)
		return fail_temp(why, "@blocklist: the client's address is not known: the MTA must "
		    "pass it with -c, or write its own name into Received");
	rc = lookups_ask(f, LOOKUPS_SITE, &q, &out, &none);
	if (rc < 0)
		fail_temp(why, "@blocklist: %.60s not listed: %s", q.key, none.text);
	else
		log_notice("block list: %s added", q.key);
	buf_clear(&out);
	return rc;
}
