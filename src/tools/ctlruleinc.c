/*
 * ctlruleinc.c - INCLUDERC and SWITCHRC: which file is read next, and what keeps it from that.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/ctlrules.h"

bool
ctlruleinc_is(const struct node *n)
{
	return strcmp(n->name, "INCLUDERC") == 0 || strcmp(n->name, "SWITCHRC") == 0;
}

/* As a delivery would find it: a relative name counts from MAILDIR. NULL: only known then. */
static const char *
ctlruleinc_path(const struct ctlrules *r, const char *name)
{
	const struct ctlrules_variable *dir = ctlrules_variable(r, "MAILDIR");
	const char *base = dir ? dir->value : r->home;

	if (name[0] == '/')
		return ctltrap_say(r->f, "%s", name);
	if (!base || base[0] != '/')
		return NULL;
	return ctltrap_say(r->f, "%s/%s", base, name);
}

/* As rcfile.c refuses it. */
static const char *
ctlruleinc_problem(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "it is no file";
	if (st->st_mode & S_IWOTH)
		return "everybody may write it: chmod o-w";
	if (st->st_uid != 0 && st->st_uid != getuid() && getuid() != 0)
		return "it belongs to somebody else";
	return NULL;
}

/* What the line has behind the equals sign. */
static struct bytes
ctlruleinc_token(const struct ctlrules *r, const struct node *n)
{
	struct bytes here = ctltrap_line(r->f, n->line);
	const char *at = memmem(here.p, here.len, n->name, strlen(n->name)), *from;
	size_t len = 0;

	from = at ? memchr(at, '=', here.len - (size_t)(at - here.p)) : NULL;
	if (!from)
		return bytes_of(n->name);
	here = bytes_from(here, (size_t)(from - here.p) + 1);
	while (len < here.len && !strchr(" \t}", here.p[len]))
		len++;
	return bytes_first(here, len);
}

static void
ctlruleinc_missing(struct ctlrules *r, const struct node *n, struct bytes token, const char *path,
    bool conditional)
{
	ctltrap_add(r->f, conditional ? CTLTRAP_HINT : CTLTRAP_TRAP, "include-missing", n->line,
	    token, ctltrap_say(r->f, "%s cannot be read (%s): what is in it is left out, and "
	    "processing goes on; in the site's recipes mail waits for it", path, strerror(errno)),
	    "the file's whole path; a relative one counts from MAILDIR");
}

const char *
ctlruleinc_look(struct ctlrules *r, const struct node *n, const char *value, bool conditional,
    struct stat *st_r)
{
	const char *path = ctlruleinc_path(r, value), *problem;
	struct bytes token = ctlruleinc_token(r, n);
	int rc;

	if (!path || strcmp(path, "/dev/null") == 0)
		return NULL;
	rc = stat(path, st_r);
	problem = rc == 0 ? ctlruleinc_problem(st_r) : NULL;
	if (rc < 0 || (!problem && access(path, R_OK) < 0)) {
		ctlruleinc_missing(r, n, token, path, conditional);
		return NULL;
	}
	if (!problem)
		return path;
	ctltrap_add(r->f, CTLTRAP_TRAP, "include-refused", n->line, token,
	    ctltrap_say(r->f, "%s is not read: %s", path, problem),
	    "a file of the user's own, or of root's, that nobody else may write");
	return NULL;
}

void
ctlruleinc_loop(struct ctlrules *r, const struct node *n)
{
	ctltrap_add(r->f, CTLTRAP_TRAP, "include-loop", n->line, (struct bytes){ "", 0 },
	    "leads back to a file that is being read, under no condition: the files include each "
	    "other until the limit of nesting", "a block with a condition around it");
}

void
ctlruleinc_behind(struct ctlrules *r, const struct node *n, const struct node *left)
{
	ctltrap_add(r->f, CTLTRAP_TRAP, "unreachable", n->line, (struct bytes){ "", 0 },
	    ctltrap_say(r->f, "no mail comes here: SWITCHRC in line %d leaves this file for good",
	    left->line), "put it in front of SWITCHRC, or use INCLUDERC");
}
