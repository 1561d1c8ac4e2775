/*
 * fuzz-rcfile.c - "rcfile NUL message": parsed, printed and run, with a world in which nothing
 * happens: programs say little and end well or not, selectors have lines from the message.
 */
#include "core/message.h"
#include "fuzz.h"
#include "recipe/parse.h"
#include "recipe/recipe.h"

struct world {
	struct bytes message;
	unsigned calls;
	int files;
};

/* Things go well three times of four. */
static int
luck(struct world *w, struct fail *why)
{
	return ++w->calls % 4 ? 0 : fail_temp(why, "no luck");
}

static int
world_deliver(void *ctx, const struct host_action *a, struct buf *folder, int *status,
    struct fail *why)
{
	for (size_t i = 0; a->kind != HOST_PROGRAM && a->words[i]; i++)
		buf_str(folder, a->words[i]);
	*status = 0;
	return luck(ctx, why);
}

static int
world_filter(void *ctx, const struct host_action *a, struct message *m, int *status,
    struct fail *why)
{
	(void)a;
	*status = 0;
	m->head_serial++;
	return luck(ctx, why);
}

static int
world_capture(void *ctx, const struct host_action *a, struct buf *out, int *status,
    struct fail *why)
{
	struct world *w = ctx;

	(void)a;
	*status = 1;
	buf_bytes(out, bytes_first(w->message, 64));
	return luck(w, why);
}

static int
world_backquote(void *ctx, const struct host_command *c, struct buf *out, int *status,
    struct fail *why)
{
	struct world *w = ctx;

	*status = 0;
	buf_str(out, c->shell ? c->shell : c->argv[0] ? c->argv[0] : "");
	buf_bytes(out, bytes_first(w->message, 64));
	return luck(w, why);
}

static int
world_test(void *ctx, const struct host_command *c, const struct bytes in[2], int *status,
    struct fail *why)
{
	(void)c;
	*status = in[0].len > in[1].len;
	return luck(ctx, why);
}

static int
world_lines(void *ctx, int selector, const char *arg, struct buf *out, struct fail *why)
{
	struct world *w = ctx;

	(void)selector;
	buf_printf(out, "%s\n", arg);
	buf_bytes(out, bytes_first(w->message, 256));
	return w->calls % 16 == 15 ? fail_temp(why, "not known") : 0;
}

static int
world_verb(void *ctx, int verb, const char *text, struct message *m, struct outcome *out,
    struct fail *why)
{
	(void)m;
	fuzz_check(text != NULL);
	if (verb < 2)
		out->code = OUTCOME_DROPPED;
	return luck(ctx, why);
}

static int
world_clone(void *ctx, const char *lock, struct fail *why)
{
	(void)lock;
	return luck(ctx, why) == 0 ? 1 : -1;
}

static int
world_clone_wait(void *ctx, int pid, int *status)
{
	(void)ctx;
	*status = pid - 1;
	return 0;
}

/* Includes a few times itself, so to say. */
static int
world_open(void *ctx, const char *path, struct buf *text, struct fail *why)
{
	struct world *w = ctx;

	if (++w->files > 4)
		return fail_temp(why, "%s: no more", path);
	buf_str(text, "A=$A$B\n:0\n* $ $A\n{ INCLUDERC=y }\n");
	return 0;
}

static int
world_chdir(void *ctx, const char *dir, struct fail *why)
{
	(void)dir;
	return luck(ctx, why);
}

static void
world_umask(void *ctx, unsigned mask)
{
	(void)ctx;
	fuzz_check(mask <= 07777);
}

static void
world_text(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

static void
world_event(void *ctx)
{
	(void)ctx;
}

static bool
world_decided(void *ctx, bool decided)
{
	(void)ctx;
	return !decided;
}

static const char *
world_hostname(void *ctx)
{
	(void)ctx;
	return "mx";
}

static void
world_complain(void *ctx, bool verbose, const char *file, int line, const char *text)
{
	(void)ctx;
	(void)verbose;
	fuzz_check(file && line >= 0 && !strchr(text, '\n'));
}

static const struct host hosts = {
	.deliver = world_deliver, .filter = world_filter, .capture = world_capture,
	.backquote = world_backquote, .test = world_test, .lines = world_lines,
	.scan_decided = world_decided, .verb = world_verb, .clone = world_clone,
	.clone_wait = world_clone_wait, .open_rcfile = world_open, .set_maildir = world_chdir,
	.set_umask = world_umask, .set_logfile = world_text, .set_lockfile = world_text,
	.delivered_early = world_event, .log_text = world_text, .hostname = world_hostname,
	.complain = world_complain,
};

static void
print(struct bytes rcfile)
{
	struct tree *tree = parse("rc", rcfile);
	struct buf out = BUF_INIT;

	ast_print(tree, &out);
	ast_free(&tree);
	buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes message = fuzz_bytes(data, size), rcfile = fuzz_part(&message, '\0');
	struct world w = { .message = message };
	struct outcome out = { .file = "" };
	struct host host = hosts;
	struct message m = { 0 };
	struct buf copy = BUF_INIT;
	struct store *store;
	struct interp *in;

	host.ctx = &w;
	buf_bytes(&copy, message);
	store = store_from_buf(&copy);
	message_set(&m, store);
	print(rcfile);
	in = interp_new(&host, &m);
	interp_run(in, "rc", rcfile, &out);
	interp_free(&in);
	message_clear(&m);
	store_unref(&store);
	return 0;
}
