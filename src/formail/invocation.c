#include "formail/invocation.h"

#include "base/str.h"

#define FIELD_OPTIONS "aAiIuUxX"

static bool
invocation_is_formail(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash ? slash + 1 : path, "formail") == 0;
}

/* The length of the name that s begins with, without its colon. */
static size_t
invocation_name_length(struct bytes s)
{
	size_t n = 0;

	while (n < s.len && (unsigned char)s.p[n] > ' ' && s.p[n] != '\177' && s.p[n] != ':')
		n++;
	return n;
}

/* Takes a field argument apart; false: formail refuses it, or makes something odd of it. */
static bool
invocation_field_parse(struct invocation_field *f, const char *arg)
{
	struct bytes s = bytes_of(arg);
	size_t n = invocation_name_length(s);

	f->text = s;
	if (bytes_starts(s, "From ")) {
		/* "From :" and "From " with more white space are read as other names by formail. */
		if (s.len > 5 && ((unsigned char)s.p[5] <= ' ' || s.p[5] == ':'))
			return false;
		f->name = bytes_first(s, 5);
		f->whole = true;
	} else {
		f->whole = n < s.len && s.p[n] == ':';
		if (f->whole ? n == 0 : n < s.len)
			return false;
		f->name = bytes_first(s, n + f->whole);
	}
	f->bare = f->name.len == s.len;
	return true;
}

/* A name to add needs to be whole; a name to look for may be any beginning. */
static bool
invocation_add(struct invocation *inv, char option, const char *arg)
{
	struct invocation_field *f = &inv->fields[inv->count];

	if (!arg)
		return false;
	if (option == 'a' && strcasecmp(arg, "Resent-") == 0) {
		inv->resent = true;
		return true;
	}
	f->option = option;
	if (!invocation_field_parse(f, arg))
		return false;
	if (!f->whole && (option == 'a' || option == 'A'))
		return false;
	inv->extract |= option == 'x' || option == 'X';
	inv->extract_whole |= option == 'X';
	inv->count++;
	return true;
}

/* -R: "From " may be renamed, but what becomes "From " would be a second postmark. */
static bool
invocation_add_rename(struct invocation *inv, const char *old, const char *new)
{
	struct invocation_field *f = &inv->fields[inv->count], to = { 0 };

	if (!old || !new)
		return false;
	f->option = 'R';
	if (!invocation_field_parse(f, old) || !invocation_field_parse(&to, new))
		return false;
	if (f->name.len == 0 || !f->bare || to.name.len == 0 || (f->whole && !to.whole))
		return false;
	if (bytes_starts_nocase(to.name, "from"))
		return false;
	f->to = to.name;
	inv->count++;
	return true;
}

static bool
invocation_cache(struct invocation *inv, const char *size, const char *path)
{
	if (!size || !path || inv->cache || !str_long(size, 0, 1L << 30, &inv->cache_size))
		return false;
	if (*size < '0' || *size > '9' || *path == '\0' || strncmp(path, "/dev/", 5) == 0)
		return false;
	inv->cache = path;
	return true;
}

static bool
invocation_flag(struct invocation *inv, char c)
{
	switch (c) {
	case 'b': inv->no_escape = true; return true;
	case 'c': inv->concatenate = true; return true;
	case 'f': inv->force = true; return true;
	case 'k': inv->keep_body = true; return true;
	case 'r': inv->reply = true; return true;
	case 't': inv->trust = true; return true;
	case 'z': inv->zap = true; return true;
	case 'Y': inv->no_length = true; return true;
	default: return false;
	}
}

/* One word that begins with '-': flags, and at its end perhaps an option with arguments. *next is
 * the first word behind it and moves over the arguments taken. */
static bool
invocation_word(struct invocation *inv, const char *word, const char *const **next)
{
	const char *arg;
	char c;

	while ((c = *++word) != '\0') {
		if (invocation_flag(inv, c))
			continue;
		if (!strchr(FIELD_OPTIONS "RD", c))
			return false;
		arg = word[1] ? word + 1 : *(*next);
		if (!word[1] && arg)
			++*next;
		if (strchr(FIELD_OPTIONS, c))
			return invocation_add(inv, c, arg);
		if (!arg || !**next)
			return false;
		++*next;
		return c == 'R' ? invocation_add_rename(inv, arg, (*next)[-1])
		    : invocation_cache(inv, arg, (*next)[-1]);
	}
	return true;
}

static bool
invocation_has(const struct invocation *inv, char option)
{
	for (size_t i = 0; i < inv->count; i++)
		if (inv->fields[i].option == option)
			return true;
	return false;
}

bool
invocation_parse(const char *const *argv, struct arena *arena, struct invocation *inv)
{
	const char *const *next;
	size_t n = 0;

	*inv = (struct invocation){ 0 };
	if (!argv[0] || !invocation_is_formail(argv[0]))
		return false;
	while (argv[n])
		n++;
	inv->fields = arena_zero(arena, n * sizeof(*inv->fields));
	for (next = argv + 1; *next;) {
		const char *word = *next++;

		if (word[0] != '-' || word[1] == '\0' || !invocation_word(inv, word, &next))
			return false;
	}
	if (inv->resent && !inv->trust)
		return false;
	if (inv->keep_body && !inv->reply && !inv->extract)
		return false;
	/* formail 3.22 frees fields twice when a reply is made with -U, and forgets with -u. */
	return !inv->reply || !(invocation_has(inv, 'u') || invocation_has(inv, 'U'));
}

bool
invocation_fits(const struct invocation_field *f, struct bytes text)
{
	return bytes_equal_nocase(f->name, bytes_first(text, f->name.len));
}

const struct invocation_field *
invocation_match(const struct invocation *inv, char option, struct bytes text)
{
	for (size_t i = 0; i < inv->count; i++)
		if (inv->fields[i].option == option && invocation_fits(&inv->fields[i], text))
			return &inv->fields[i];
	return NULL;
}
