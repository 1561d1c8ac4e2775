/*
 * bivalved.c - options and configuration of the resident agent, then its first process.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/title.h"
#include "core/conf.h"
#include "proc/master.h"

enum bivalved_option {
	OPTION_CONFIG = 'c', OPTION_PID_FILE = 'p', OPTION_VERBOSE = 'v', OPTION_HELP = 256,
	OPTION_VERSION
};

static const struct option bivalved_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "pid-file", required_argument, NULL, OPTION_PID_FILE },
	{ "verbose", no_argument, NULL, OPTION_VERBOSE },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 }
};

static int
bivalved_usage(FILE *out, int status)
{
	fputs("usage: bivalved [options]\n"
	    "Keeps the signatures in memory, and speaks LMTP; see bivalved(8).\n"
	    "Stays in the foreground.  SIGHUP: configuration and signatures again.\n"
	    "  -c, --config FILE   configuration instead of /etc/bivalve.conf\n"
	    "  -p, --pid-file FILE where the process number is written\n"
	    "  -v, --verbose       notices on standard error, too\n"
	    "      --version       print the version, and exit\n"
	    "      --help          print this, and exit\n", out);
	return status;
}

static int
bivalved_run(struct master_start *start, bool verbose)
{
	struct conf conf = { 0 };
	struct fail why = { 0 };
	int status = EX_CONFIG;

	log_notices(verbose || isatty(STDERR_FILENO));
	if (conf_load(&conf, start->conf_path, start->conf_must_exist, &why) < 0)
		log_error("%s", why.text);
	else
		status = master_run(&conf, start);
	conf_clear(&conf);
	return status;
}

/* getopt moves words, and title_init their place: a later exec wants them as they were. */
static char **
bivalved_copy(int argc, char **argv)
{
	static char **volatile copy;  /* to the end of the process */

	copy = mem_array((size_t)argc + 1, sizeof *copy);
	for (int i = 0; i < argc; i++)
		copy[i] = mem_string(argv[i]);
	return copy;
}

int
main(int argc, char **argv)
{
	struct master_start start = { .conf_path = CONF_PATH };
	bool verbose = false;
	int option;

	start.argv = bivalved_copy(argc, argv);
	title_init(argc, argv);
	log_open("bivalved", true);
	while ((option = getopt_long(argc, argv, "c:p:v", bivalved_options, NULL)) != -1)
		switch (option) {
		case OPTION_CONFIG:
			start.conf_path = optarg;
			start.conf_must_exist = true;
			break;
		case OPTION_PID_FILE:
			start.pid_file = optarg;
			break;
		case OPTION_VERBOSE:
			verbose = true;
			break;
		case OPTION_HELP:
			return bivalved_usage(stdout, EX_OK);
		case OPTION_VERSION:
			printf("bivalved %s\n", VERSION);
			return EX_OK;
		default:
			return bivalved_usage(stderr, EX_USAGE);
		}
	if (optind < argc)
		return bivalved_usage(stderr, EX_USAGE);
	return bivalved_run(&start, verbose);
}
