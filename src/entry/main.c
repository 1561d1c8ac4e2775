/*
 * main.c - options and configuration, then one entry; nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/sanitized.h"
#include "base/title.h"
#include "core/conf.h"
#include "entry/lda.h"
#include "entry/lmtpmain.h"
#include "entry/options.h"
#include "entry/version.h"

extern char **environ;

/* Descriptors 0 to 2 must be something, or the next file opened becomes standard error. */
static void
main_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", O_RDWR); /* takes the lowest number that is free: this */
}

/* Installed set-user-id or set-group-id, every user would be root or the mail group for us: he
 * names the configuration, and his programs would have our rights. */
static int
main_rights(struct fail *why)
{
	if (getuid() == geteuid() && getgid() == getegid())
		return 0;
	return fail_temp(why, "the program is set-user-id or set-group-id, and does not work so: "
	    "chmod ug-s");
}

/* An MTA mails our standard error, and so what the recipes' programs write there, to the sender of
 * a bounced message; and it waits until the last of them has closed it. */
static void
main_hide_errors(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		log_warning("standard error: %s", strerror(errno));
	fd_close(&fd);
}

/* A user's own configuration must not lift what the site has set for him: where it restricts
 * programs, any path in it could be one. */
static int
main_configure(const struct options *o, struct conf *conf, struct fail *why)
{
	struct conf site;
	int rc;

	if (!o->config || geteuid() == 0)
		return conf_load(conf, o->config ? o->config : CONF_PATH, o->config != NULL, why);
	rc = conf_load(&site, CONF_PATH, false, why);
	if (rc == 0)
		rc = conf_load(conf, o->config, true, why);
	if (rc == 0 && !site.user_config)
		rc = fail_temp(why, "--config: " CONF_PATH " says user_config = no");
	if (rc == 0 && site.programs != CONF_PROGRAMS_ANY)
		rc = fail_temp(why, "--config: " CONF_PATH " restricts programs, so a user's "
		    "configuration is not used");
	conf_clear(&site);
	return rc;
}

/* A connection has several processes, and ps shall tell them apart; one delivery needs no such
 * thing, and it costs time. */
static void
main_title(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--lmtp") == 0) {
			title_init(argc, argv);
			return;
		}
}

/* What one message has taken is the kernel's to take back: without the C library's own end, which
 * writes to pages that the keeper has, too. */
static int
main_leave(struct conf *conf, int status)
{
	if (!SANITIZED && fflush(stdout) == 0)
		_exit(status);
	conf_clear(conf);
	return status;
}

int
main(int argc, char **argv)
{
	static struct options o;
	struct conf conf = { 0 };
	struct fail why = { 0 };
	bool watched;
	int status;

	main_descriptors();
	main_title(argc, argv);
	log_open("bivalve", true);
	if (options_parse(&o, argc, argv, &why) < 0) {
		log_user("%s", why.text);
		return fail_class(why.kind)->exit;
	}
	if (o.help) {
		options_usage(o.asked_long ? stdout : stderr);
		return o.asked_long ? EX_OK : EX_USAGE; /* -h as procmail has it */
	}
	/* sendmail mails our standard error to the sender of a bounce: a person has to ask. */
	watched = o.verbose || isatty(STDERR_FILENO);
	log_open("bivalve", !o.for_mta || watched);
	log_notices(watched);
	if (*o.id)
		log_context(o.id);
	if (o.for_mta && !watched)
		main_hide_errors();
	if (main_rights(&why) < 0 || main_configure(&o, &conf, &why) < 0) {
		log_error("%s", why.text);
		status = fail_class(why.kind)->exit;
	} else if (o.version) {
		status = version_print(&conf);
	} else if (o.lmtp) {
		status = lmtpmain_run(&o, &conf);
	} else {
		status = lda_run(&o, &conf, o.keep_environ ? environ : NULL);
	}
	return main_leave(&conf, status);
}
