/*
 * state.h - what the files of flow/ share while one delivery runs.
 */
#ifndef FLOW_STATE_H
#define FLOW_STATE_H

#include <stdint.h>

#include "act/act.h"
#include "act/lock.h"
#include "base/mem.h"
#include "core/message.h"
#include "flow/flow.h"
#include "flow/inspect.h"
#include "mail/spool.h"
#include "recipe/recipe.h"


/* Whose rights a look-up process has. */
enum lookups_rights { LOOKUPS_SITE, LOOKUPS_OWN, LOOKUPS_RIGHTS };

enum seen_answer { SEEN_UNASKED, SEEN_NEW, SEEN_BEFORE };

struct flow {
	const struct delivery *d;
	int64_t began_us, deliver_us;  /* when; time spent in actions that deliver */
	struct arena *arena;         /* lives as long as this delivery */
	struct host host;
	struct interp *in;
	struct message msg;
	struct spool_options spool;
	struct inspect inspect;
	int lookup_sock[LOOKUPS_RIGHTS];
	int64_t dns_lost_ms;         /* spent on questions that nobody answered */
	enum seen_answer seen;       /* this message's id */
	struct seen_page *seen_page; /* what is known of it in clones, too; NULL without any */
	struct lock *lockfile;       /* LOCKFILE */
	struct lock *clone_lock;     /* of a block with flag c, while its clone runs */
	long content_length;         /* bytes of the body that mbox need not quote, -1 */
	unsigned judged_body, judged_head;  /* serials the inspection was made for */
	struct fail unscanned;       /* the last scan failed, whatever changed since */
	bool scan_decided;           /* a recipe deals with a failure of the last scan */
	bool early;                  /* DELIVERED=yes: success was promised */
	bool is_clone;
	bool in_site;                /* the site's recipes are running */
	bool maildir_given;          /* an assignment to MAILDIR has brought us where we are */
	int log_fd;                  /* LOGFILE, -1 */
	char quarantine_id[QUARANTINE_ID_SIZE];  /* of the copy kept last, "" for none */
	struct buf folder;           /* of the last delivery, for the abstract */
	size_t size;
	struct fail last;            /* why the last delivering action failed */
	bool only_unmakeable; /* so far, mailboxes failed only because no such place exists */
	struct outcome *out;
};

/* What an action may use at this moment; strings borrowed from the variables. */
void flow_act_env(struct flow *f, struct act_env *env);
/* The halves of the message with Content-Length made true, after a change. */
void flow_settle(struct flow *f);

/* world.c: fills f->host. */
void world_init(struct flow *f);
/* Delivers to one folder as a recipe would; NULL lock: none. Used for recipes and DEFAULT. */
int world_folder(struct flow *f, const struct host_action *a, struct buf *lastfolder, int *status,
    struct fail *why);

/* 0 unless a scan that failed forbids to pass the message on; -1 with why (FAIL_SCAN) then. */
int world_may_deliver(struct flow *f, struct fail *why);
/* Head and body as the flags h and b leave them. */
void world_halves(struct flow *f, bool head, bool body, struct bytes in[2]);
/* Opens what a recipe names: on restricted sites below the home. -1 with why. */
int world_open(struct flow *f, const char *path, int flags, struct fail *why);
/* A recipe's lockfile; NULL when there is none to take, or it cannot be had. */
struct lock *world_lock(struct flow *f, const char *path);

/* programs.c: what recipes start for its output or its word; the first two for actions. */
bool programs_is_formail(struct flow *f, const struct host_command *c);
int programs_formail(struct flow *f, const struct host_action *a, struct act_result *res,
    struct fail *why);
int programs_filter(void *ctx, const struct host_action *a, struct message *m, int *status,
    struct fail *why);
int programs_capture(void *ctx, const struct host_action *a, struct buf *out, int *status,
    struct fail *why);
int programs_backquote(void *ctx, const struct host_command *c, struct buf *out, int *status,
    struct fail *why);
int programs_test(void *ctx, const struct host_command *c, const struct bytes in[2], int *status,
    struct fail *why);

/* trial.c: replaces what world_init put into f->host, for a delivery that is only thought through.
 * trial_folder and trial_end stand in for the delivery itself and for its end. */
void trial_init(struct flow *f);
int trial_folder(struct flow *f, const struct host_action *a, struct buf *lastfolder,
    struct fail *why);
void trial_end(struct flow *f);

/* selectors.c, verbs.c: two of the host's callbacks. */
int selectors_lines(void *ctx, int selector, const char *arg, struct buf *out, struct fail *why);
int verbs_do(void *ctx, int verb, const char *text, struct message *m, struct outcome *out,
    struct fail *why);

/* The scan of the message as it is, done now if it was not; sets VIRUS. */
const struct report *selectors_judge(struct flow *f);
/* What was asked of another message than the present one is forgotten. */
void selectors_freshen(struct flow *f);

/* rewrite.c: @strip; pattern "" for what is infected. -1 with why: the message is as it was. */
int rewrite_strip(struct flow *f, const char *pattern, struct message *m, struct fail *why);
int rewrite_flatten(struct flow *f, struct message *m, struct fail *why);
/* lookups.c: what is asked of bivalve-lookup. 1: it cannot be known, and no condition on it holds;
 * the log says why. */
void lookups_begin(struct flow *f);
int lookups_lines(struct flow *f, int selector, const char *arg, struct buf *out,
    struct fail *why);
/* @blocklist; an empty key means the client. -1 with why: nothing was listed. */
int lookups_block(struct flow *f, const char *key, struct fail *why);
/* Ends the processes; in a clone: leaves them to the parent. */
void lookups_leave(struct flow *f);

/* seen.c: seen:id. */
void seen_lines(struct flow *f, struct buf *out);
char *seen_path(struct flow *f);
/* A clone is made: it and this process are one delivery. */
void seen_share(struct flow *f);
/* Just before idcache_let_go, with the same word. */
void seen_end(struct flow *f, bool taken);
void seen_leave(struct flow *f);

/* rcfile.c */
enum rcfile_kind { RCFILE_SITE, RCFILE_NAMED, RCFILE_OWN };
/* Reads an rcfile that may be trusted. 0: text is there; 1: there is none to use (missing, not
 * permitted: the log says so); -1: it could not be read now, why says so (temporary). */
int rcfile_read(struct flow *f, enum rcfile_kind kind, const char *path, struct buf *text,
    struct fail *why);

/* finish.c: DEFAULT and ORGMAIL, EXITCODE and TRAP. */
void finish_default(struct flow *f);
int finish_exit(struct flow *f);

/* record.c */
void record_abstract(struct flow *f, const char *folder, size_t size);
void record_end(struct flow *f, int status);

#endif
