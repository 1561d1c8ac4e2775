#include "act/act.h"

#include <string.h>
#include <sys/stat.h>

#include "act/dirbox.h"

const struct act *
act_for_folder(const char *name)
{
	const struct dirbox_kind *kind;
	struct buf path = BUF_INIT;
	struct stat st;
	bool exists;

	if (strcmp(name, "/dev/null") == 0)
		return &act_null;
	kind = dirbox_kind_of(name);
	dirbox_strip(name, &path);
	exists = stat(path.p, &st) == 0;
	buf_clear(&path);
	if (exists && !S_ISDIR(st.st_mode))
		return &act_mbox;
	if (kind == &directory_kind)
		return exists ? &act_directory : &act_mbox;
	return kind == &mh_kind ? &act_mh : &act_maildir;
}
