#include "act/smrsh.h"

#include <string.h>

#include "base/str.h"

/* smrsh looks at single characters, quoted or not. */
#define SMRSH_BAD "<>^;&|`$()\r\n"

/* The line without "&&" and "||", which smrsh splits at, holds none of the bad characters. */
static bool
smrsh_is_allowed(const char *line)
{
	for (const char *p = line; (p = strpbrk(p, SMRSH_BAD)); p += 2)
		if ((*p != '&' && *p != '|') || p[1] != p[0])
			return false;
	return true;
}

/* A word the shell needs no quotes for; smrsh takes the program's name as it stands. */
static bool
smrsh_is_plain(const char *word)
{
	if (!*word)
		return false;
	for (; *word; word++)
		if (!str_is_alnum(*word) && !strchr("_./+-,:=@%", *word))
			return false;
	return true;
}

static void
smrsh_quote(const char *word, struct buf *line)
{
	if (smrsh_is_plain(word)) {
		buf_str(line, word);
		return;
	}
	buf_byte(line, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buf_str(line, "'\\''");
		else
			buf_byte(line, *word);
	buf_byte(line, '\'');
}

int
smrsh_line(const char *text, const char *const *argv, struct buf *line, struct fail *why)
{
	if (text) {
		buf_str(line, text + strspn(text, " \t"));
		if (smrsh_is_allowed(line->p))
			return 0;
		return fail_temp(why, "\"%.100s\" is not started: smrsh allows none of %s", text,
		    "< > ^ ; & | ` $ ( ) in a command");
	}
	if (!argv[0] || !smrsh_is_plain(argv[0]))
		return fail_temp(why, "\"%.100s\" is not started: no program's name for smrsh",
		    argv[0] ? argv[0] : "");
	for (size_t i = 0; argv[i]; i++) {
		if (strpbrk(argv[i], SMRSH_BAD))
			return fail_temp(why, "\"%.100s\" is not started: smrsh allows none of "
			    "< > ^ ; & | ` $ ( ) in its arguments", argv[0]);
		if (i)
			buf_byte(line, ' ');
		smrsh_quote(argv[i], line);
	}
	return 0;
}
