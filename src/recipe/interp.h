/*
 * interp.h - what the parts of the evaluator share. Private to recipe/; others see recipe.h.
 */
#ifndef RECIPE_INTERP_H
#define RECIPE_INTERP_H

#include "recipe/ast.h"
#include "recipe/recipe.h"
#include "recipe/vars.h"

#define INTERP_DEPTH_MAX 1000    /* rcfiles inside rcfiles, as deep as procmail comes */
#define INTERP_FILES_MAX 20000   /* rcfiles opened in one run: ends loops of SWITCHRC */

/* What an assignment asks of the evaluator, beyond its value. */
enum interp_flow {
	INTERP_FLOW_NONE,
	INTERP_FLOW_INCLUDE,
	INTERP_FLOW_SWITCH,
	INTERP_FLOW_HOST         /* HOST is not this host */
};

/* The header with folded fields joined, as regular expressions see it. */
struct interp_header {
	struct buf text;
	unsigned serial;
	bool valid;
};

struct interp {
	const struct host *host;
	struct message *message;
	struct vars vars;
	struct settings settings;
	struct arena *arena;              /* names of rcfiles, for outcomes and the log */
	const char *const *argv;          /* $1 is argv[shifted] */
	size_t argc, shifted;
	struct interp_header header;

	const char *file;                 /* where evaluation is; "" outside rcfiles */
	int line;
	bool held, held_chain, succeeded; /* E; A a; a e: see eval.c */
	int status;                       /* $? */
	bool pipe_failed;                 /* the last filter or capture that was waited for */
	double score;                     /* $= */
	bool overflow;                    /* this line did not fit into LINEBUF */
	bool boundless;                   /* a verb's text, to which LINEBUF does not apply */
	bool strict;                      /* what is not understood defers the mail */
	bool foreign_words;               /* of expand_text's last text: the mail may begin some */
	bool foreign_flags;               /* and so of SENDMAILFLAGS */
	enum interp_flow flow;
	struct outcome *out;              /* set while rcfiles run */
};

void interp_complain(struct interp *in, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void interp_verbose(struct interp *in, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A text longer than LINEBUF: remembers it in overflow and PROCMAIL_OVERFLOW. */
bool interp_fits(struct interp *in, size_t length);
/* Ends evaluation with FAILED and why. */
void interp_fail(struct interp *in, const struct fail *why);

#endif
