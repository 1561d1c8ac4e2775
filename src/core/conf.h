/*
 * conf.h - /etc/bivalve.conf: what only the administrator may set (bivalve.conf(5)).
 *
 * "key = value" lines, # comments.  An unknown key, a bad value or an unreadable file is an error
 * with file, line and remedy: mail is deferred rather than handled by a policy nobody wrote.
 */
#ifndef CORE_CONF_H
#define CORE_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "core/fail.h"

#define CONF_PATH "/etc/bivalve.conf"

enum conf_log { CONF_LOG_TEXT, CONF_LOG_JSON };
enum conf_reload { CONF_RELOAD_REPLACE, CONF_RELOAD_STOP };
enum conf_programs { CONF_PROGRAMS_ANY, CONF_PROGRAMS_SMRSH, CONF_PROGRAMS_NONE };

struct conf {
	/* Scanning. */
	const char *database;       /* directory of signatures */
	const char *scanner;        /* path of bivalve-scan; "": beside us or in libexec */
	const char *scan_user;      /* account the scanner runs as when we are root */
	const char *temp_dir;       /* where the scanner's own temporary directory is made */
	long scan_timeout;          /* seconds, 1..3600 */
	long max_scan_size;         /* MB unpacked in all, 1..4000 */
	long max_file_size;         /* MB of one object and of the message, 1..2000 */
	long max_recursion;         /* levels of nesting, 1..100 */
	long max_files;             /* objects, 1..1000000 */
	long temp_memory;           /* MB of the engine's own file system over temp_dir; 0: none */
	long scan_memory;           /* MB of address space above what the signatures need */
	const char *scan_socket;    /* of the resident scanner; "" none */
	bool require_resident;      /* defer rather than start a scanner of our own */
	long scanners;              /* processes of the resident, 1..256 */
	long spare_scanners;        /* of them kept ready, 1..256 */
	long scan_queue;            /* messages that may wait for one, 0..1024 */
	long scan_per_user;         /* messages of one user, waiting and scanned, 1..1024 */
	long scan_wait;             /* seconds a message may wait, 1..3600 */
	long messages_per_scanner;  /* then it is replaced, 1..1000000 */
	enum conf_reload reload;    /* new signatures: beside the old ones, or after them */
	bool pua;                   /* load signatures of potentially unwanted applications */
	/* Look-ups. */
	const char *blocklist;      /* the relay block list: a Berkeley DB btree */
	long blocklist_expire;      /* seconds an entry counts */
	const char *blocklist_exempt;   /* networks that are never listed */
	bool blocklist_users;       /* may users' own recipes list addresses? */
	const char *mta_names;      /* what our MTA calls itself, beside this host's name */
	const char *dns_servers;    /* ADDRESS[:PORT],...; "" the system's */
	long dns_timeout;           /* seconds one question may take */
	/* bivalved. */
	const char *lmtp_socket;    /* LMTP over a Unix socket; "" none */
	const char *lmtp_owner;     /* account that the socket is given to; "" ours */
	const char *lmtp_listen;    /* LMTP over TCP, ADDRESS:PORT; "" none */
	long max_sessions;          /* LMTP connections at once, 1..1024 */
	long connections_per_session; /* of the MTA, in one process, 1..1000000 */
	long spare_sessions;        /* processes kept ready for them, 1..256 */
	long max_deliveries;        /* over LMTP at once, 1..65536 */
	long deliveries_per_user;   /* of them, 1..65536 */
	const char *status_socket;  /* counters as JSON; "" none */
	const char *metrics_socket; /* counters for Prometheus; "" none */
	const char *counts_socket;  /* where deliveries that are not its own are told; "" none */
	const char *pid_file;       /* "" none */
	/* Delivery. */
	const char *site_recipes;   /* rcfile that runs first for everybody; "" none */
	bool site_named;            /* a file says so: it must be there */
	const char *quarantine;     /* directory; "": the default for who we are */
	const char *strip_template; /* text that @strip leaves behind; "" ours */
	const char *spool_dir;      /* large messages are held here while delivered */
	const char *mail_spool;     /* directory of the system mailboxes */
	const char *root_alias;     /* account that gets mail addressed to uid 0; "": deferred */
	long timeout;               /* seconds one delivery may take, 1..86400 */
	long grace;                 /* seconds between a limit and the signals behind it, 1..10 */
	long max_message_size;      /* MB, 0 no limit */
	long spool_memory;          /* KB of a message held in memory, above: a file */
	enum conf_programs programs;
	const char *smrsh;          /* path of sendmail's restricted shell */
	enum conf_log log_format;   /* of the line of each delivery */
	bool user_config;           /* may a user name a file with --config? */
	/* LMTP. */
	long session_timeout;       /* seconds a peer may be silent, 1..3600 */
	long max_recipients;        /* of one message, 1..10000 */
	long parallel_deliveries;   /* of one message at once, 1..64 */
};

/* One row of the table of keys: for the parser, --help and the test of the manual page. */
enum conf_type { CONF_STRING, CONF_PATHNAME, CONF_NUMBER, CONF_BOOL, CONF_CHOICE };

struct conf_key {
	const char *name;
	enum conf_type type;
	size_t offset;
	const char *standard;        /* default, as text */
	long min, max;               /* CONF_NUMBER */
	const char *const *choices;  /* CONF_CHOICE, NULL-terminated */
};

extern const struct conf_key conf_keys[];   /* ends with a NULL name */

/* Defaults, then path. must_exist false: a missing file is no error. 0, or -1 with why, whose text
 * is "FILE:LINE: what, and what to write instead". */
int conf_load(struct conf *c, const char *path, bool must_exist, struct fail *why);
void conf_clear(struct conf *c);

#endif
