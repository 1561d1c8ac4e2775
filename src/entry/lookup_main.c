/*
 * lookup_main.c - bivalve-lookup: answers questions of deliveries (core/lookup.h) on descriptor 3,
 * with the only resolver and the only Berkeley DB of this project; never with root's rights.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "base/undo.h"
#include "core/lookup.h"
#include "entry/lookup_list.h"
#include "list/blocklist.h"
#include "list/dnslist.h"
#include "list/map.h"
#include "list/mxbogus.h"
#include "proc/sandbox.h"

#define LOOKUP_MAIN_SOCKET 3
#define LOOKUP_MAIN_GRACE 60   /* seconds an answer may take behind dns_timeout: locks */

struct lookup_main {
	struct blocklist list;
	const char *servers;
	long dns_timeout;
	bool own;                   /* these are the asker's rights: he may watch us */
	struct resolve *resolve;    /* made with the first question that needs it */
};

enum lookup_main_option {
	OPTION_BLOCKLIST = 256, OPTION_EXPIRE, OPTION_EXEMPT, OPTION_SERVERS, OPTION_TIMEOUT,
	OPTION_OWN, OPTION_VERSION, OPTION_HELP
};

static const struct option lookup_main_options[] = {
	{ "blocklist", required_argument, NULL, OPTION_BLOCKLIST },
	{ "expire", required_argument, NULL, OPTION_EXPIRE },
	{ "exempt", required_argument, NULL, OPTION_EXEMPT },
	{ "dns-servers", required_argument, NULL, OPTION_SERVERS },
	{ "dns-timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "own", no_argument, NULL, OPTION_OWN },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 }
};

static _Noreturn void
lookup_main_say(const char *text)
{
	fputs(text, stdout);
	exit(fflush(stdout) == EOF ? EX_IOERR : EX_OK);
}

static const char lookup_main_help[] =
    "usage: bivalve-lookup [options] [command ...]\n"
    "Asks the DNS, maps and the block list; see bivalve-lookup(8).\n"
    "      --blocklist FILE      the block list\n"
    "      --expire SECONDS      how long an entry counts\n"
    "      --exempt NETWORKS     what is never listed\n"
    "      --dns-servers LIST    instead of the system's\n"
    "      --dns-timeout SECONDS for one question\n"
    "      --own                 the rights are the asker's own\n"
    "      --version             print the version, and exit\n"
    "      --help                print this, and exit\n";

static bool
lookup_main_option(struct lookup_main *l, int option, const char *value)
{
	switch (option) {
	case OPTION_BLOCKLIST:
		l->list.path = value;
		return true;
	case OPTION_EXPIRE:
		return str_long(value, 1, 31536000, &l->list.expire);
	case OPTION_EXEMPT:
		l->list.exempt = value;
		return true;
	case OPTION_SERVERS:
		l->servers = value;
		return true;
	case OPTION_OWN:
		l->own = true;
		return true;
	case OPTION_TIMEOUT:
		return str_long(value, 1, 60, &l->dns_timeout);
	case OPTION_VERSION:
		lookup_main_say("bivalve-lookup " VERSION "\n");
	case OPTION_HELP:
		lookup_main_say(lookup_main_help);
	default:
		return false;
	}
}

static bool
lookup_main_parse(struct lookup_main *l, int argc, char **argv)
{
	int option;

	*l = (struct lookup_main){ .list = { .path = STATEDIR "/blocklist/virbl.db",
		.exempt = "", .expire = 3600 }, .servers = "", .dns_timeout = 10 };
	while ((option = getopt_long(argc, argv, "+", lookup_main_options, NULL)) != -1)
		if (!lookup_main_option(l, option, optarg)) {
			log_error("wrong option, or a value out of range");
			return false;
		}
	return true;
}

static int
lookup_main_resolver(struct lookup_main *l, struct fail *why)
{
	if (!l->resolve)
		l->resolve = resolve_new(l->servers, l->dns_timeout, why);
	return l->resolve ? 0 : -1;
}

static int
lookup_main_block(struct lookup_main *l, const char *key, struct fail *why)
{
	struct ip ip;

	if (blocklist_may(&l->list, bytes_of(key), &ip, why) < 0)
		return -1;
	return blocklist_add(&l->list, &ip, time(NULL), why);
}

static int
lookup_main_do(struct lookup_main *l, const struct lookup *q, struct buf *out, struct fail *why)
{
	switch (q->kind) {
	case LOOKUP_BLOCK:
		return lookup_main_block(l, q->key, why);
	case LOOKUP_MAP:
		if (q->fd < 0)
			return fail_temp(why, "%s: no file was handed over", q->name);
		return map_find(q->subject, q->fd, q->name, q->key, out, why);
	case LOOKUP_DNS:
	case LOOKUP_RHS:
	case LOOKUP_MX:
		break;
	}
	if (lookup_main_resolver(l, why) < 0)
		return -1;
	if (q->kind == LOOKUP_DNS)
		return dnslist_address(l->resolve, q->subject, q->key, out, why);
	if (q->kind == LOOKUP_RHS)
		return dnslist_domain(l->resolve, q->subject, q->key, out, why);
	return mxbogus_find(l->resolve, q->key, out, why);
}

/* What c-ares and libdb do when they hang is no longer than the alarm. */
static int
lookup_main_serve(struct lookup_main *l)
{
	static char room[LOOKUP_QUESTION_MAX];
	struct lookup q;
	int rc;

	while ((rc = lookup_receive(LOOKUP_MAIN_SOCKET, room, &q)) > 0) {
		struct fail why = { 0 };
		struct buf out = BUF_INIT;

		alarm((unsigned)(3 * l->dns_timeout + LOOKUP_MAIN_GRACE));
		lookup_main_do(l, &q, &out, &why);
		alarm(0);
		rc = lookup_answer(LOOKUP_MAIN_SOCKET, buf_view(&out), &why);
		buf_clear(&out);
		fd_close(&q.fd);
		if (rc < 0)
			break;
	}
	resolve_free(&l->resolve);
	return rc < 0 ? EX_TEMPFAIL : EX_OK;
}

int
main(int argc, char **argv)
{
	struct fail why = { 0 };
	struct lookup_main l;

	log_open("bivalve-lookup", true);
	if (!lookup_main_parse(&l, argc, argv))
		return EX_USAGE;
	if (getuid() == 0 || geteuid() == 0) {
		log_error("refuses to read answers from the network as root; see scan_user in "
		    "bivalve.conf(5)");
		return EX_TEMPFAIL;
	}
	setenv("TZ", "UTC0", 1);
	signal(SIGPIPE, SIG_IGN);
	undo_on_signals();
	if (optind < argc)
		return lookup_list_run(&l.list, argc - optind, argv + optind);
	close_range(LOOKUP_MAIN_SOCKET + 1, ~0u, 0);
	log_open("bivalve-lookup", false);
	/* A process that is closed to its owner cannot open his map once more. */
	if (!l.own && sandbox_prepare(&why) < 0) {
		log_error("%s", why.text);
		return EX_TEMPFAIL;
	}
	return lookup_main_serve(&l);
}
