/*
 * ctl_sendmail.c - bivalvectl sendmail: lines for sendmail.mc, and what is wrong in a sendmail.cf.
 *
 * Each rule is a fact that was tried with sendmail 8.17 (doc/SENDMAIL.md).
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "tools/ctl.h"
#include "tools/ctlterm.h"

#define SENDMAIL_CF_MAX (4u << 20)

static const char *const sendmail_variants[] = { "lmtp", "exec", "socket", NULL };

static const struct ctl_option sendmail_options[] = {
	{ 0, "check", "FILE", "look at this sendmail.cf instead of printing lines" },
	{ 0, "config", "FILE", "configuration that names the block list" },
	{ 0, NULL, NULL, NULL },
};

enum sendmail_variant { SENDMAIL_LMTP, SENDMAIL_EXEC, SENDMAIL_SOCKET };

/* A line of the file with those that continue it; borrowed from the text, joined. */
struct sendmail_line {
	char *text;
	int number;
};

struct sendmail {
	const char *file, *config;
	enum sendmail_variant variant;
	struct conf conf;
	struct buf out;
	struct sendmail_line *line;
	size_t lines;
	int errors, traps;
};

extern const struct ctl_command ctl_sendmail;

/* ---- the lines to write ---- */

static void
sendmail_print(enum sendmail_variant v, struct buf *out)
{
	buf_printf(out, "dnl In /etc/mail/sendmail.mc, behind OSTYPE and before MAILER(local):\n"
	    "FEATURE(`local_bivalve', `%s')dnl\n", sendmail_variants[v]);
	buf_str(out, "dnl Refuses clients that are on the relay block list:\n"
	    "FEATURE(`bivalve_blocklist')dnl\n");
	buf_str(out, "dnl Programs in ~/.forward only from /etc/mail/smrsh (make install-smrsh):\n"
	    "FEATURE(`smrsh')dnl\n"
	    "dnl Then: make -C /etc/mail && bivalvectl sendmail --check /etc/mail/sendmail.cf\n");
}

/* ---- findings ---- */

static void
sendmail_say(struct sendmail *s, int number, bool error, const char *text, const char *instead)
{
	ctlterm_text(&s->out, bytes_of(s->file));
	buf_printf(&s->out, ":%d: ", number);
	ctlterm_paint(&s->out, error ? CTLTERM_BAD : CTLTERM_WARN, error ? "error" : "trap");
	buf_printf(&s->out, ": %s\n    instead: %s\n", text, instead);
	if (error)
		s->errors++;
	else
		s->traps++;
}

/* White space in front continues a line. */
static void
sendmail_split(struct sendmail *s, struct bytes text)
{
	struct buf joined = BUF_INIT;
	struct bytes line;
	int number = 0;

	s->line = mem_array(text.len / 2 + 2, sizeof *s->line);
	while (bytes_line(&text, &line)) {
		number++;
		if (line.len > 0 && (line.p[0] == ' ' || line.p[0] == '\t') && s->lines > 0) {
			buf_str(&joined, s->line[s->lines - 1].text);
			buf_byte(&joined, ' ');
			buf_bytes(&joined, bytes_trim(line));
			free(s->line[s->lines - 1].text);
			s->line[s->lines - 1].text = buf_take(&joined);
		} else if (line.len > 0 && line.p[0] != '#') {
			s->line[s->lines++] = (struct sendmail_line){ mem_copy(line), number };
		}
	}
}

static const struct sendmail_line *
sendmail_find(const struct sendmail *s, const char *start)
{
	for (size_t i = 0; i < s->lines; i++)
		if (strncmp(s->line[i].text, start, strlen(start)) == 0)
			return &s->line[i];
	return NULL;
}

/* Is there a rule with this text? */
static bool
sendmail_has_rule(const struct sendmail *s, const char *text)
{
	for (size_t i = 0; i < s->lines; i++)
		if (s->line[i].text[0] == 'R' && strstr(s->line[i].text, text))
			return true;
	return false;
}

/* What a mailer's line has behind " X=", up to the comma or for A= to the end; "" if nothing. */
static char *
sendmail_field(const char *line, char letter)
{
	for (const char *p = line; *p; p++) {
		if (p[0] != letter || p[1] != '=' || p == line || !strchr(", \t", p[-1]))
			continue;
		p += 2;
		return mem_copy((struct bytes){ p, letter == 'A' ? strlen(p) : strcspn(p, ",") });
	}
	return mem_string("");
}

/* ---- directories ---- */

/* sendmail wants every directory above a socket or a map closed to group and others. The first that
 * is not, or NULL. Yours to free. */
static char *
sendmail_unsafe_directory(const char *path)
{
	char *dir = mem_string(path), *parent;
	struct stat st;

	for (parent = dirname(dir); ; parent = dirname(parent)) {
		if (lstat(parent, &st) == 0 && (st.st_mode & (S_IWGRP | S_IWOTH))) {
			parent = mem_string(parent);
			free(dir);
			return parent;
		}
		if (strcmp(parent, "/") == 0 || strcmp(parent, ".") == 0)
			break;
	}
	free(dir);
	return NULL;
}

static void
sendmail_directories(struct sendmail *s, int number, const char *path, const char *what)
{
	char *dir = sendmail_unsafe_directory(path), text[PATH_MAX + 200];

	if (!dir)
		return;
	snprintf(text, sizeof text, "%s is writable for its group or for all: sendmail refuses %s "
	    "below it", dir, what);
	sendmail_say(s, number, true, text, "chmod go-w, or another place");
	free(dir);
}

/* ---- the local mailer ---- */

struct sendmail_mailer {
	char *path, *flags, *args, *max;
	int number;
	bool lmtp, socket;
};

static void
sendmail_flag(struct sendmail *s, const struct sendmail_mailer *m, char flag, bool wanted,
    bool error, const char *text, const char *instead)
{
	if ((strchr(m->flags, flag) != NULL) != wanted)
		sendmail_say(s, m->number, error, text, instead);
}

static void
sendmail_check_program(struct sendmail *s, const struct sendmail_mailer *m)
{
	sendmail_flag(s, m, 'S', true, true, "no flag S: bivalve is not started by root, and can "
	    "become nobody", "flag S");
	if (strstr(m->args, "$&{client_addr}"))
		sendmail_say(s, m->number, true, "$&{client_addr} in A= puts two bytes of rubbish "
		    "on the command line", "${client_addr}");
	else if (!strstr(m->args, "${client_addr}"))
		sendmail_say(s, m->number, false, "the client's address is not passed: it is taken "
		    "from Received, where our own host wrote it", "-c ${client_addr} in A=");
	if (strstr(m->args, "${client_addr}")) {
		const struct sendmail_line *c = sendmail_find(s, "C{persistentMacros}");

		if (!c || !strstr(c->text, "client_addr"))
			sendmail_say(s, m->number, false, "the client's address is lost for mail "
			    "that waited in the queue",
			    "C{persistentMacros}{client_addr} below LOCAL_CONFIG");
	}
	if (!m->lmtp)
		sendmail_flag(s, m, 'm', false, true, "flag m with exec: one exit status for all "
		    "recipients doubles or loses mail, and +detail is lost",
		    "MODIFY_MAILER_FLAGS(`LOCAL', `-m') behind OSTYPE");
	if (!m->lmtp && !strstr(m->args, "-d $u"))
		sendmail_say(s, m->number, true, "A= names no recipient with -d $u",
		    "-d $u at the end of A=");
	sendmail_flag(s, m, 'u', true, false, "no flag u: +Detail becomes lower case", "flag u");
}

static void
sendmail_check_socket(struct sendmail *s, const struct sendmail_mailer *m)
{
	const char *path = m->args + strlen("FILE");
	struct stat st;

	sendmail_flag(s, m, 'm', true, false, "no flag m: each recipient is a transaction of his "
	    "own (OSTYPE(debian) takes m away)",
	    "MODIFY_MAILER_FLAGS(`LOCAL', `+m') behind OSTYPE");
	if (strncmp(m->args, "FILE ", 5) != 0)
		return;
	path += strspn(path, " \t");
	sendmail_directories(s, m->number, path, "a socket");
	if (lstat(path, &st) < 0)
		sendmail_say(s, m->number, false, "nothing listens on that socket: mail waits in "
		    "the queue", "start bivalved, or correct the path");
	else if (!S_ISSOCK(st.st_mode))
		sendmail_say(s, m->number, true, "the path of the socket is no socket (a link is "
		    "refused, too)", "the socket itself");
}

/* LMTP has no word for +detail: what is told by an argument is told once, and for one recipient. */
static void
sendmail_check_detail(struct sendmail *s, const struct sendmail_mailer *m, bool plus)
{
	const bool told = !m->socket && strstr(m->args, "-a $h");

	if (told && strchr(m->flags, 'm'))
		sendmail_say(s, m->number, false, "flag m and -a: $h is the first recipient's "
		    "+detail, the others lose theirs", plus ? "no m in F="
		    : "FEATURE(`local_bivalve')");
	else if (told && !plus)
		sendmail_say(s, m->number, false, "-a: the process was told of one +detail, and "
		    "cannot be kept for the next message", "FEATURE(`local_bivalve')");
	else if (!told && plus)
		sendmail_say(s, m->number, true, "mailer localplus is for +detail, and does not "
		    "tell it", "-a $h in A=");
	else if (!told && !sendmail_find(s, "Mlocalplus,"))
		sendmail_say(s, m->number, false, "+detail is lost: LMTP has no word for it",
		    "FEATURE(`local_bivalve'), which has a second mailer for it");
}

/* What both mailers have. */
static void
sendmail_check_mailer(struct sendmail *s, const struct sendmail_mailer *m, bool plus)
{
	if (!m->socket && !strstr(m->path, "bivalve"))
		sendmail_say(s, m->number, true, plus ? "mailer localplus is not bivalve"
		    : "the local mailer is not bivalve", "FEATURE(`local_bivalve')");
	else if (m->socket)
		sendmail_check_socket(s, m);
	else
		sendmail_check_program(s, m);
	if (m->lmtp)
		sendmail_check_detail(s, m, plus);
	sendmail_flag(s, m, '9', false, true, "flag 9 re-encodes bodies: DKIM breaks, and the "
	    "scanner does not see what the reader gets", "no 9 in LOCAL_MAILER_FLAGS");
	sendmail_flag(s, m, 'n', true, false, "no flag n: sendmail puts a From_ line in front",
	    "flag n");
	sendmail_flag(s, m, 'P', true, false, "no flag P: the mail has no Return-Path", "flag P");
	if (*m->max)
		sendmail_say(s, m->number, false, "M= is looked at after the mail was accepted: it "
		    "bounces", "define(`confMAX_MESSAGE_SIZE', ...)");
}

static void
sendmail_look(struct sendmail *s, const struct sendmail_line *line, bool plus)
{
	struct sendmail_mailer m = { .number = line->number };

	m.path = sendmail_field(line->text, 'P');
	m.flags = sendmail_field(line->text, 'F');
	m.args = sendmail_field(line->text, 'A');
	m.max = sendmail_field(line->text, 'M');
	m.lmtp = strchr(m.flags, 'z') != NULL;
	m.socket = strcmp(m.path, "[IPC]") == 0;
	sendmail_check_mailer(s, &m, plus);
	free(m.path);
	free(m.flags);
	free(m.args);
	free(m.max);
}

static void
sendmail_check_local(struct sendmail *s)
{
	const struct sendmail_line *line = sendmail_find(s, "Mlocal,"),
	    *plus = sendmail_find(s, "Mlocalplus,");

	if (!line) {
		sendmail_say(s, 0, true, "there is no mailer \"local\"", "MAILER(`local')");
		return;
	}
	sendmail_look(s, line, false);
	if (!plus)
		return;
	sendmail_look(s, plus, true);
	if (!sendmail_has_rule(s, "$#localplus"))
		sendmail_say(s, plus->number, false, "no rule chooses mailer localplus: +detail is "
		    "lost", "the rules of FEATURE(`local_bivalve') in SLocal_localaddr");
}

/* ---- the block list ---- */

static bool
sendmail_is_option(const char *word)
{
	return word[0] == '-' && word[1] == 'o' && (word[2] == '\0' || str_is_space(word[2]));
}

static void
sendmail_check_file(struct sendmail *s, int number, const char *map)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof path, "%s%s", map, strstr(map, ".db") ? "" : ".db");
	sendmail_directories(s, number, path, "a map");
	if (stat(path, &st) < 0)
		sendmail_say(s, number, true, "the map is not there: everybody gets in, and each "
		    "connection logs an error", "bivalvectl blocklist expire makes it");
	else if (!(st.st_mode & S_IROTH))
		sendmail_say(s, number, true, "the map is not readable for all: sendmail refuses "
		    "it, although it is root", "mode 0644");
	if (strncmp(path, s->conf.blocklist, sizeof path) != 0)
		sendmail_say(s, number, false, "this is not the list that bivalve writes",
		    s->conf.blocklist);
}

/* "Kvirbl btree -a.FOUND /var/lib/bivalve/blocklist/virbl" */
static void
sendmail_check_map(struct sendmail *s, const struct sendmail_line *k)
{
	const char *last = strrchr(k->text, ' '), *tab = strrchr(k->text, '\t'), *p = k->text;
	char use[64];

	last = tab && (!last || tab > last) ? tab : last;
	while ((p = strpbrk(p, " \t")) != NULL)
		if (sendmail_is_option(++p))
			sendmail_say(s, k->number, true, "flag -o: a map that is missing or unsafe "
			    "lets everybody in without a word in the log", "no -o");
	snprintf(use, sizeof use, "$(%.*s ", (int)strcspn(k->text + 1, " \t"), k->text + 1);
	if (!sendmail_has_rule(s, use))
		sendmail_say(s, k->number, false, "no rule asks this map",
		    "FEATURE(`bivalve_blocklist')");
	if (last)
		sendmail_check_file(s, k->number, last + 1);
}

static void
sendmail_check_maps(struct sendmail *s)
{
	char *base = mem_string(s->conf.blocklist);
	size_t n = strlen(base);

	if (n > 3 && strcmp(base + n - 3, ".db") == 0)
		base[n - 3] = '\0';
	for (size_t i = 0; i < s->lines; i++)
		if (s->line[i].text[0] == 'K' && (strstr(s->line[i].text, base)
		    || strncmp(s->line[i].text, "Kvirbl", 6) == 0))
			sendmail_check_map(s, &s->line[i]);
	free(base);
}

/* ---- the command ---- */

static int
sendmail_check(struct sendmail *s, struct fail *why)
{
	struct buf text = BUF_INIT;

	if (fd_read_file(s->file, SENDMAIL_CF_MAX, &text) < 0)
		return fail_errno(why, "%s", s->file);
	if (memchr(text.p, '\0', text.len) && text.len > 0) {
		buf_clear(&text);
		return fail_temp(why, "%s is no text", s->file);
	}
	sendmail_split(s, buf_view(&text));
	buf_clear(&text);
	sendmail_check_local(s);
	sendmail_check_maps(s);
	for (size_t i = 0; i < s->lines; i++)
		free(s->line[i].text);
	free(s->line);
	if (s->errors + s->traps == 0)
		buf_printf(&s->out, "%s: nothing to say.\n", s->file);
	return s->errors ? CTL_WORSE : s->traps ? CTL_NO : CTL_OK;
}

static int
sendmail_parse(struct sendmail *s, int argc, char **argv, struct fail *why)
{
	struct ctl_scan scan;
	int i, v;

	ctl_scan(&scan, &ctl_sendmail, argc, argv);
	while ((i = ctl_next(&scan, why)) != CTL_END) {
		if (i == CTL_BAD)
			return -1;
		if (i == 0)
			s->file = scan.value;
		else if (i == 1)
			s->config = scan.value;
		if (i != CTL_WORD)
			continue;
		for (v = 0; sendmail_variants[v]; v++)
			if (strcmp(sendmail_variants[v], scan.value) == 0)
				break;
		if (!sendmail_variants[v])
			return fail_set(why, FAIL_USAGE, "write lmtp, exec or socket");
		s->variant = (enum sendmail_variant)v;
	}
	return 0;
}

static int
sendmail_run(int argc, char **argv)
{
	struct sendmail s = { .out = BUF_INIT };
	struct fail why = { 0 };
	int status = CTL_OK, printed;

	if (sendmail_parse(&s, argc, argv, &why) == 0 && ctl_conf(s.config, &s.conf, &why) == 0) {
		if (s.file)
			status = sendmail_check(&s, &why);
		else
			sendmail_print(s.variant, &s.out);
	}
	printed = why.kind ? ctl_fail(&ctl_sendmail, &why) : ctl_print(&ctl_sendmail, &s.out);
	conf_clear(&s.conf);
	buf_clear(&s.out);
	return printed ? printed : status;
}

const struct ctl_command ctl_sendmail = {
	.name = "sendmail",
	.summary = "Prints the lines for sendmail.mc, or checks a sendmail.cf.",
	.usage = "[lmtp|exec|socket] | --check FILE",
	.options = sendmail_options,
	.words = sendmail_variants,
	.run = sendmail_run,
};
