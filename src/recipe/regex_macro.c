#include "recipe/regex_macro.h"

#define REGEX_MACRO_DESTINATION \
	"(^((Original-)?(Resent-)?(To|Cc|Bcc)|(X-Envelope|Apparently(-Resent)?)-To):"
#define REGEX_MACRO_SENDER \
	"(((Resent-)?(From|Sender)|X-Envelope-From):|>?From )([^>]*[^(.%@a-z0-9])?"
/* Between the name and the end of the field: more of the address, a comment. */
#define REGEX_MACRO_REST \
	"(([^).!:a-z0-9][-_a-z0-9]*)?[%@>\t ][^<)]*(\\(.*\\).*)?)?$([^>]|$)"

/* The first that fits is taken: ^TO_ before ^TO. */
static const struct regex_macro {
	const char *name, *value;
} regex_macros[] = {
	{ "^FROM_DAEMON",
	    "(^(Mailing-List:|Precedence:.*(junk|bulk|list)|To: Multiple recipients of |"
	    REGEX_MACRO_SENDER
	    "(Post(ma?(st(e?r)?|n)|office)|(send)?Mail(er)?|daemon|m(mdf|ajordomo)|n?uucp|"
	    "LIST(SERV|proc)|NETSERV|o(wner|ps)|r(e(quest|sponse)|oot)|b(ounce|bs\\.smtp)|echo|"
	    "mirror|s(erv(ices?|er)|mtp(error)?|ystem)|A(dmin(istrator)?|MMGR|utoanswer))"
	    REGEX_MACRO_REST "))" },
	{ "^FROM_MAILER",
	    "(^" REGEX_MACRO_SENDER
	    "(Post(ma(st(er)?|n)|office)|(send)?Mail(er)?|daemon|mmdf|n?uucp|ops|"
	    "r(esponse|oot)|(bbs\\.)?smtp(error)?|s(erv(ices?|er)|ystem)|"
	    "A(dmin(istrator)?|MMGR))" REGEX_MACRO_REST ")" },
	{ "^TO_", REGEX_MACRO_DESTINATION "(.*[^-a-zA-Z0-9_.])?)" },
	{ "^TO", REGEX_MACRO_DESTINATION "(.*[^a-zA-Z])?)" },
};

#define REGEX_MACROS (sizeof regex_macros / sizeof regex_macros[0])

static const struct regex_macro *
regex_macro_at(struct bytes rest)
{
	for (size_t i = 0; i < REGEX_MACROS; i++)
		if (bytes_starts(rest, regex_macros[i].name))
			return &regex_macros[i];
	return NULL;
}

size_t
regex_macro_name(struct bytes rest, bool *daemon)
{
	const struct regex_macro *m = regex_macro_at(rest);

	if (m == &regex_macros[0])
		*daemon = true;
	return m ? strlen(m->name) : 0;
}

/* The macro at pattern[i]. A backslash in front of it, itself quoted or not, makes it plain text,
 * and all further ones of that name: procmail looks no further. */
static const struct regex_macro *
regex_macro_live(struct bytes pattern, size_t i, bool plain[REGEX_MACROS])
{
	struct bytes rest = bytes_from(pattern, i);
	const struct regex_macro *m = regex_macro_at(rest);

	for (size_t k = 0; k < REGEX_MACROS && i > 0 && pattern.p[i - 1] == '\\'; k++)
		plain[k] |= bytes_starts(rest, regex_macros[k].name);
	return m && !plain[m - regex_macros] ? m : NULL;
}

void
regex_macro_expand(struct bytes pattern, struct buf *out, bool *daemon)
{
	bool plain[REGEX_MACROS] = { false };
	const struct regex_macro *m;
	size_t i = 0, from = 0;

	*daemon = false;
	for (; i < pattern.len; i = from) {
		const char *caret = memchr(pattern.p + i, '^', pattern.len - i);

		i = caret ? (size_t)(caret - pattern.p) : pattern.len;
		m = caret ? regex_macro_live(pattern, i, plain) : NULL;
		if (!m || out->len + (i - from) + strlen(m->value) > REGEX_MACRO_MAX) {
			buf_add(out, pattern.p + from, i + (caret != NULL) - from);
			from = i + 1;
			continue;
		}
		buf_add(out, pattern.p + from, i - from);
		if (m == &regex_macros[0])
			*daemon = true;
		buf_str(out, m->value);
		from = i + strlen(m->name);
	}
}
