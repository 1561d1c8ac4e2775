#include "mime/namecheck.h"

#include <string.h>

#include "base/str.h"

#define NAMECHECK_EXTENSION_MAX 5   /* letters; what is longer is no extension */

/* Windows passes over blanks and dots at the end. */
static struct bytes
namecheck_trim(struct bytes name)
{
	while (name.len && (name.p[name.len - 1] == '.' || str_is_space(name.p[name.len - 1])))
		name.len--;
	return name;
}

/* Letters and digits behind the last dot; empty if there is none. */
static struct bytes
namecheck_extension(struct bytes name)
{
	size_t n;

	name = namecheck_trim(name);
	for (n = name.len; n > 0 && str_is_alnum(name.p[n - 1]); n--)
		;
	if (n == 0 || name.p[n - 1] != '.' || name.len - n > NAMECHECK_EXTENSION_MAX)
		return (struct bytes){ "", 0 };
	return bytes_from(name, n);
}

static bool
namecheck_is_one_of(struct bytes extension, const char *const *list)
{
	for (; *list; list++)
		if (bytes_equal_nocase(extension, bytes_of(*list)))
			return true;
	return false;
}

static bool
namecheck_has(struct bytes name, const char *what)
{
	return name.len && memmem(name.p, name.len, what, strlen(what));
}

/* Characters that turn the order of letters, or show as nothing. */
static bool
namecheck_is_disguised(struct bytes name)
{
	static const char *const marks[] = {
		"\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xad", "\xe2\x80\xae", /* U+202A to E */
		"\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8", /* U+2066 to 2068 */
		"\xe2\x80\x8b", "\xef\xbb\xbf",                 /* U+200B, U+FEFF */
		"        .", "..\\", "../", ":\\", "\\\\", NULL
	};

	for (size_t i = 0; marks[i]; i++)
		if (namecheck_has(name, marks[i]))
			return true;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.p[i] < ' ' || name.p[i] == 127)
			return true;
	return false;
}

/* "invoice.pdf.exe", "run.exe .": the last, which counts, is not what the eye sees. */
static bool
namecheck_is_double(struct bytes name)
{
	static const char *const programs[] = {
		"bat", "chm", "cmd", "com", "cpl", "exe", "hta", "jar", "js", "jse", "lnk", "msi",
		"pif", "ps1", "reg", "scr", "sct", "vbe", "vbs", "wsf", "wsh", "iso", "img", NULL
	};
	static const char *const documents[] = {
		"avi", "csv", "doc", "docx", "gif", "htm", "html", "jpeg", "jpg", "mp3", "mp4",
		"mpg", "odt", "pdf", "png", "ppt", "pptx", "rtf", "tif", "txt", "xls", "xlsx", NULL
	};
	struct bytes bare = namecheck_trim(name), last = namecheck_extension(name);

	if (last.len == 0 || !namecheck_is_one_of(last, programs))
		return false;
	if (bare.len < name.len)
		return true;
	return namecheck_is_one_of(namecheck_extension(bytes_first(bare,
	    bare.len - last.len - 1)), documents);
}

void
namecheck_names(struct defects *d, struct bytes names)
{
	struct bytes first = { "", 0 }, name;

	while (bytes_line(&names, &name)) {
		struct bytes extension = namecheck_extension(name);

		if (namecheck_is_disguised(name) || namecheck_is_double(name))
			d->seen[DEFECT_DECEPTIVE_NAME] = true;
		if (extension.len == 0)
			continue;
		if (first.len > 0 && !bytes_equal_nocase(first, extension))
			d->seen[DEFECT_CONFLICTING_NAMES] = true;
		first = extension;
	}
}
