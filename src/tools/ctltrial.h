/*
 * ctltrial.h - deliveries that are only thought through, with the recipient's rights: what explain
 * and test share.
 */
#ifndef TOOLS_CTLTRIAL_H
#define TOOLS_CTLTRIAL_H

#include "core/conf.h"
#include "core/envelope.h"
#include "core/outcome.h"
#include "core/store.h"
#include "flow/services.h"
#include "flow/trial.h"

#define CTLTRIAL_ASSIGNMENTS 64

struct ctltrial {
	/* From options; NULL where not given. */
	const char *user, *config, *sender, *detail, *client;
	const char *assignments[CTLTRIAL_ASSIGNMENTS + 1];
	size_t nassignments;
	struct trial trial;
	/* Filled by ctltrial_begin. */
	struct conf conf;
	struct account account;
};

/* Work with the user's rights; what it returns is the exit status. */
typedef int ctltrial_work(void *ctx, const struct services *services);

/* Configuration and account: user, or whoever asks. -1 with why: root must name a user, others may
 * name none but themselves. */
int ctltrial_begin(struct ctltrial *t, struct fail *why);
void ctltrial_end(struct ctltrial *t);
int ctltrial_assign(struct ctltrial *t, const char *word, struct fail *why);
/* Runs work as the user; root in a process of its own. -1 with why when it could not be started. */
int ctltrial_run(struct ctltrial *t, ctltrial_work *work, void *ctx, struct fail *why);
/* One message through the site's recipes and rcfile (an absolute name; NULL: the user's own). The
 * exit status that a delivery would have. */
int ctltrial_deliver(struct ctltrial *t, const struct services *services, const char *rcfile,
    struct store *message, struct outcome *out);
/* An absolute name, yours to free; NULL with why when there is no such file. */
char *ctltrial_path(const char *name, struct fail *why);

#endif
