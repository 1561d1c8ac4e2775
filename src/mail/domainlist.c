#include "mail/domainlist.h"

#include <string.h>

#include "base/str.h"

/* "<a@Example.org.>" is "a@Example.org". */
static struct bytes
domainlist_strip(struct bytes key)
{
	key = bytes_trim(key);
	if (key.len > 1 && key.p[0] == '<' && key.p[key.len - 1] == '>')
		key = bytes_first(bytes_from(key, 1), key.len - 2);
	if (key.len > 0 && key.p[key.len - 1] == '.')
		key.len--;
	return key;
}

/* Behind the last @: a local part in quotes may hold others (RFC 5321, 4.1.2). */
static struct bytes
domainlist_domain(struct bytes key)
{
	const char *at = memrchr(key.p, '@', key.len);

	return at ? bytes_from(key, (size_t)(at - key.p) + 1) : key;
}

static bool
domainlist_fits(struct bytes word, struct bytes key, struct bytes domain)
{
	if (word.p[0] == '.')
		return domain.len > word.len
		    && bytes_equal_nocase(bytes_from(domain, domain.len - word.len), word);
	return bytes_equal_nocase(word, memchr(word.p, '@', word.len) ? key : domain);
}

bool
domainlist_find(struct bytes list, struct bytes key, struct bytes *line_r)
{
	struct bytes line, word, domain;

	key = domainlist_strip(key);
	if (key.len == 0)
		return false;
	domain = domainlist_domain(key);
	while (bytes_line(&list, &line)) {
		word = domainlist_strip(bytes_word(&line));
		if (word.len == 0 || word.p[0] == '#' || !domainlist_fits(word, key, domain))
			continue;
		*line_r = word;
		return true;
	}
	return false;
}
