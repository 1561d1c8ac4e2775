/*
 * options.h - the command line: procmail's, and long options of our own (bivalve(1)).
 */
#ifndef ENTRY_OPTIONS_H
#define ENTRY_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "core/fail.h"
#include "mail/receivedclient.h"

#define OPTIONS_LIST_MAX 256  /* recipients, rcfiles, assignments or arguments */

/* A list that ends with NULL. */
struct options_list {
	const char **item;
	int n;
};

struct options {
	bool filter_mode;       /* -m */
	bool keep_environ;      /* -p */
	bool soft_fail;         /* -t */
	bool berkeley;          /* -Y */
	bool for_mta;           /* -d or --lmtp was given */
	bool lmtp;              /* --lmtp */
	bool verbose;           /* --verbose */
	bool version, help;
	bool asked_long;        /* a long option was used: not procmail's own -h */
	const char *from;       /* -f, -r; NULL for none */
	const char *client;     /* -c; "" unknown */
	char client_room[RECEIVEDCLIENT_MAX];
	const char *id;         /* --id; "" unknown */
	const char *config;     /* --config; NULL for the site's */
	struct options_list recipients, rcfiles, assignments, arguments;
};

/* One row of the table of options, for the parser, --help and the test of the manual page. */
struct options_row {
	char letter;            /* 0: long only */
	const char *name;       /* long name, NULL: letter only */
	const char *argument;   /* what its argument is called, NULL: takes none */
	const char *text;
};

extern const struct options_row options_rows[];  /* ends with letter 0 and name NULL */

/* Fills *o, whose strings are borrowed from argv. An unknown option is only warned about, as
 * procmail does: a mailer that refuses its arguments bounces mail. -1 with why (FAIL_USAGE,
 * FAIL_NOINPUT) when there is nothing to go on with. */
int options_parse(struct options *o, int argc, char **argv, struct fail *why);
void options_usage(FILE *to);

#endif
