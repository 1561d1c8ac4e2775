#include "mail/receivedclient.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "mail/field.h"

#define RECEIVEDCLIENT_FORGED "(may be forged)"
#define RECEIVEDCLIENT_HOSTS_MAX 16
#define RECEIVEDCLIENT_FIELD_MAX 4096   /* bytes of a field our MTA writes; it writes less */

/* The inside of the comment at the start of *rest, which is moved behind it. One level of comments
 * may be inside; anything else is not of our MTA's making. */
static bool
receivedclient_comment(struct bytes *rest, struct bytes *inside)
{
	int depth = 0;

	for (size_t i = 0; i < rest->len; i++) {
		if (rest->p[i] == '(' && ++depth > 2)
			return false;
		if (rest->p[i] != ')' || --depth > 0)
			continue;
		*inside = bytes_first(bytes_from(*rest, 1), i - 1);
		*rest = bytes_trim(bytes_from(*rest, i + 1));
		return i > 0;
	}
	return false;
}

static bool
receivedclient_is_ours(struct bytes host, const char *const *hosts)
{
	if (host.len && host.p[host.len - 1] == '.')
		host.len--;
	for (; *hosts; hosts++)
		if (host.len && bytes_equal_nocase(host, bytes_of(*hosts)))
			return true;
	return false;
}

/* IPv4 that is written as IPv6 is IPv4. */
static bool
receivedclient_address(struct bytes inside, char address[RECEIVEDCLIENT_MAX])
{
	char text[RECEIVEDCLIENT_MAX + 8];
	struct in6_addr six;
	struct in_addr four;

	if (bytes_starts_nocase(inside, "IPv6:"))
		inside = bytes_from(inside, 5);
	if (inside.len >= sizeof text || memchr(inside.p, '\0', inside.len))
		return false;
	memcpy(text, inside.p, inside.len);
	text[inside.len] = '\0';
	if (inet_pton(AF_INET, text, &four) == 1)
		return inet_ntop(AF_INET, &four, address, RECEIVEDCLIENT_MAX) != NULL;
	if (inet_pton(AF_INET6, text, &six) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return inet_ntop(AF_INET, six.s6_addr + 12, address, RECEIVEDCLIENT_MAX) != NULL;
	return inet_ntop(AF_INET6, &six, address, RECEIVEDCLIENT_MAX) != NULL;
}

const char *
receivedclient_form(const char *text, char room[RECEIVEDCLIENT_MAX])
{
	return receivedclient_address(bytes_of(text), room) ? room : text;
}

/* "rdns [ADDRESS]", perhaps with " (may be forged)": ADDRESS is behind the last "[", since what the
 * client's own ident server and name server say stands in front of it. */
static bool
receivedclient_parse(struct bytes comment, char address[RECEIVEDCLIENT_MAX])
{
	size_t open, n = sizeof RECEIVEDCLIENT_FORGED - 1;

	if (comment.len > n && bytes_is(bytes_from(comment, comment.len - n),
	    RECEIVEDCLIENT_FORGED))
		comment.len -= n;
	comment = bytes_trim(comment);
	if (comment.len == 0 || comment.p[comment.len - 1] != ']'
	    || memchr(comment.p, '(', comment.len))
		return false;
	for (open = comment.len - 1; comment.p[open] != '['; open--)
		if (open == 0)
			return false;
	return receivedclient_address(bytes_first(bytes_from(comment, open + 1),
	    comment.len - open - 2), address);
}

/* Exim: "from [ADDRESS] (helo=HELO)", or "from rdns ([ADDRESS] helo=HELO)": the first thing in
 * brackets is the address, perhaps with ":PORT" behind; the HELO may be one, too. */
static bool
receivedclient_exim(struct bytes first, struct bytes comment, char address[RECEIVEDCLIENT_MAX])
{
	const char *end;

	if (first.len == 0 || first.p[0] != '[')
		first = comment;
	if (first.len == 0 || first.p[0] != '[' || !(end = memchr(first.p, ']', first.len)))
		return false;
	return receivedclient_address(bytes_first(bytes_from(first, 1),
	    (size_t)(end - first.p) - 1), address);
}

/* What stands behind "by HOST". False for a second "by": the first may have come from the client's
 * ident server. Only up to the id are all words our MTA's own: senders and recipients follow. */
static bool
receivedclient_tail(struct bytes rest, struct bytes *id_r, bool *exim_r)
{
	struct bytes word;

	while (rest.len) {
		word = bytes_word(&rest);
		if (bytes_is(word, "by"))
			return false;
		if (id_r->len == 0 && bytes_is(word, "(Exim"))
			*exim_r = true;
		if (id_r->len == 0 && bytes_is(word, "id"))
			*id_r = bytes_word(&rest);
	}
	return true;
}

/* value = "from" HELO "(" rdns ")" *("(" what else our MTA says ")") "by" host ..., or without a
 * HELO "(from" rdns ")" "by" host ... */
static bool
receivedclient_read(struct bytes value, const char *const *hosts, char address[RECEIVEDCLIENT_MAX],
    struct bytes *id_r)
{
	struct bytes rest = bytes_trim(value), helo = { "", 0 }, client = { "", 0 }, other;
	bool from = bytes_starts(rest, "(from "), exim = false;

	if (!from && !bytes_is(bytes_word(&rest), "from"))
		return false;
	if (!from)
		helo = bytes_word(&rest);
	if ((!from && helo.len == 0) || (helo.len && memchr(helo.p, '(', helo.len)))
		return false;
	if (rest.len && rest.p[0] == '(' && !receivedclient_comment(&rest, &client))
		return false;
	while (rest.len && rest.p[0] == '(')
		if (!receivedclient_comment(&rest, &other))
			return false;
	if (!bytes_is(bytes_word(&rest), "by")
	    || !receivedclient_is_ours(bytes_word(&rest), hosts)
	    || !receivedclient_tail(rest, id_r, &exim))
		return false;
	return exim ? receivedclient_exim(helo, client, address)
	    : receivedclient_parse(client, address);
}

/* A word of letters, digits and the like: it goes into the log. */
static void
receivedclient_take_id(struct bytes word, char id[RECEIVEDCLIENT_ID_MAX])
{
	size_t n = 0;

	if (word.len && word.p[word.len - 1] == ';')
		word.len--;
	while (n < word.len && (str_is_alnum(word.p[n]) || word.p[n] == '-' || word.p[n] == '.'))
		n++;
	if (n < word.len || n >= RECEIVEDCLIENT_ID_MAX)
		n = 0;
	memcpy(id, word.p, n);
	id[n] = '\0';
}

bool
receivedclient_find(struct bytes head, const char *const *hosts, struct receivedclient *r)
{
	struct bytes id = { "", 0 };
	struct field f;

	r->address[0] = r->id[0] = '\0';
	if (!field_find(head, "Received", &f) || f.value.len > RECEIVEDCLIENT_FIELD_MAX)
		return false;
	if (receivedclient_read(f.value, hosts, r->address, &id)) {
		receivedclient_take_id(id, r->id);
		return true;
	}
	r->address[0] = '\0';
	return false;
}

bool
receivedclient_ours(struct bytes head, const char *names, struct receivedclient *r)
{
	char host[HOST_NAME_MAX + 1] = "", *words = mem_string(names);
	const char *hosts[RECEIVEDCLIENT_HOSTS_MAX + 1] = { NULL };
	size_t n = 0;
	bool found;

	if (gethostname(host, sizeof host - 1) == 0)
		hosts[n++] = host;
	for (char *p = words; *(p += strspn(p, " \t,")) && n < RECEIVEDCLIENT_HOSTS_MAX;) {
		hosts[n++] = p;
		p += strcspn(p, " \t,");
		if (*p)
			*p++ = '\0';
	}
	found = receivedclient_find(head, hosts, r);
	free(words);
	return found;
}
