/*
 * flow.h - one message for one recipient, top to bottom.
 *
 * The process already has the recipient's rights and nobody else's.
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include <stdbool.h>

#include "core/conf.h"
#include "core/envelope.h"
#include "core/outcome.h"
#include "core/store.h"
#include "flow/services.h"
#include "flow/trial.h"

/* What entry/ hands over; all borrowed for the call. Lists end with NULL. */
struct delivery {
	const struct conf *conf;
	const struct envelope *env;
	const struct account *account;
	const struct services *services;
	const char *const *assignments;  /* NAME=value arguments, in their order */
	const char *const *rcfiles;      /* named on the command line instead of the user's own */
	const char *const *arguments;    /* $1, $2 ... */
	char *const *environ;            /* -p: what is kept of the environment; else just TZ */
	const char *from;                /* -f: sender for the From_ line, NULL for none */
	const char *invoker;             /* who has started us; NULL: the recipient */
	bool filter_mode;                /* -m: only the named rcfile, no default mailbox */
	bool for_mta;                    /* -d: an MTA reads our exit status, so nothing is final */
	bool soft_fail;                  /* -t */
	bool berkeley;                   /* -Y: Content-Length means nothing */
	bool released;                   /* from the quarantine, by who may: no verdict is asked
	                                  * for, and it is not kept there again */
	struct trial *trial;             /* nothing is delivered, only said; NULL: a delivery */
};

/* Runs recipes and delivers. Returns the exit status, from fail.c's table unless a recipe set
 * EXITCODE; *out says how it ended. message: one reference is used, the caller keeps his own. */
int flow_deliver(const struct delivery *d, struct store *message, struct outcome *out);

#endif
