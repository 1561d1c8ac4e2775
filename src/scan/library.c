#include "scan/library.h"

#include <stdbool.h>

#include "base/str.h"

/* For a finding without a name, which must still count: a signature's, as far as we know. */
#define LIBRARY_UNNAMED "Unnamed"

/* Everything on, and every alert that libclamav would otherwise keep to itself while it answers
 * "clean".  All matches: with one only, a macro or an encrypted member would hide the malware
 * behind it.  Not on: reassembly of message/partial, which keeps mail on disk between messages. */
static const struct cl_scan_options library_options = {
	.general = CL_SCAN_GENERAL_HEURISTICS | CL_SCAN_GENERAL_ALLMATCHES,
	.parse = ~0u,
	.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE |
	    CL_SCAN_HEURISTIC_ENCRYPTED_DOC | CL_SCAN_HEURISTIC_MACROS,
};

struct library_call {
	const struct library_hooks *hooks;
	void *context;
	bool found;
};

static cl_error_t
library_listed(const char *container, unsigned long container_size, const char *name,
    unsigned long size, int encrypted, unsigned int position, void *context)
{
	struct library_call *call = context;

	(void)container;
	(void)container_size;
	(void)size;
	(void)encrypted;
	(void)position;
	call->hooks->listed(call->context, name);
	return CL_CLEAN;
}

/* 1.5 calls this one deprecated, and yet it alone names each finding: when all matches are wanted,
 * heuristics, limits among them, are told in the end, and not by CL_SCAN_CALLBACK_ALERT at all; and
 * the layer that that one gets knows its last alert only.  A macro could hide a limit that way. */
static void
library_found(int fd, const char *name, void *context)
{
	struct library_call *call = context;

	(void)fd;
	call->found = true;
	call->hooks->found(call->context, name ? name : LIBRARY_UNNAMED);
}

#if LIBRARY_HAS_LAYERS

static cl_error_t
library_announced(cl_scan_layer_t *layer, void *context)
{
	struct library_call *call = context;
	const char *type = NULL, *name = NULL;
	cl_fmap_t *map = NULL;
	uint32_t depth = 0;

	cl_scan_layer_get_type(layer, &type);
	cl_scan_layer_get_recursion_level(layer, &depth);
	if (cl_scan_layer_get_fmap(layer, &map) == CL_SUCCESS && map)
		cl_fmap_get_name(map, &name);
	call->hooks->announced(call->context,
	    &(struct library_layer){ depth, type, name, bytes_of("") });
	return CL_CLEAN;
}

static cl_error_t
library_typed(cl_scan_layer_t *layer, void *context)
{
	struct library_call *call = context;
	const char *type = NULL;

	if (cl_scan_layer_get_type(layer, &type) == CL_SUCCESS)
		call->hooks->typed(call->context, type);
	return CL_CLEAN;
}

static cl_error_t
library_begun(cl_scan_layer_t *layer, void *context)
{
	struct library_call *call = context;

	(void)layer;
	call->hooks->begun(call->context);
	return CL_CLEAN;
}

static cl_error_t
library_ended(cl_scan_layer_t *layer, void *context)
{
	struct library_call *call = context;
	const char *alert = NULL;

	if (cl_scan_layer_get_last_alert(layer, &alert) == CL_SUCCESS && alert)
		library_found(-1, alert, call);
	call->hooks->ended(call->context);
	return CL_CLEAN;
}

void
library_prepare(struct cl_engine *engine)
{
	cl_engine_set_scan_callback(engine, library_announced, CL_SCAN_CALLBACK_PRE_HASH);
	cl_engine_set_scan_callback(engine, library_begun, CL_SCAN_CALLBACK_PRE_SCAN);
	cl_engine_set_scan_callback(engine, library_typed, CL_SCAN_CALLBACK_FILE_TYPE);
	cl_engine_set_scan_callback(engine, library_ended, CL_SCAN_CALLBACK_POST_SCAN);
	cl_engine_set_clcb_meta(engine, library_listed);
	cl_engine_set_clcb_virus_found(engine, library_found);
}

static cl_error_t
library_map(struct cl_engine *engine, cl_fmap_t *map, const char *name, struct library_call *call)
{
	struct cl_scan_options options = library_options;
	cl_verdict_t verdict = CL_VERDICT_NOTHING_FOUND;
	const char *alert = NULL;
	uint64_t scanned = 0;
	cl_error_t rc = cl_scanmap_ex(map, name, &verdict, &alert, &scanned, engine, &options, call,
	    NULL, NULL, NULL, NULL, NULL);

	/* Its verdict counts also when it says an error. */
	if (!call->found && (verdict == CL_VERDICT_STRONG_INDICATOR ||
	    verdict == CL_VERDICT_POTENTIALLY_UNWANTED || rc == CL_VIRUS))
		library_found(-1, alert, call);
	return rc == CL_VIRUS ? CL_CLEAN : rc;
}

#else

static cl_error_t
library_announced(int fd, const char *type, const char **ancestors, size_t parent_size,
    const char *name, size_t size, const char *content, uint32_t depth, uint32_t attributes,
    void *context)
{
	struct library_layer layer = { depth, type, name, bytes_of("") };
	struct library_call *call = context;

	(void)fd;
	(void)ancestors;
	(void)parent_size;
	if (content && !(attributes & LAYER_ATTRIBUTES_NORMALIZED))
		layer.content = (struct bytes){ content, size };
	call->hooks->announced(call->context, &layer);
	return CL_CLEAN;
}

static cl_error_t
library_begun(int fd, const char *type, void *context)
{
	struct library_call *call = context;

	(void)fd;
	(void)type;
	call->hooks->begun(call->context);
	return CL_CLEAN;
}

static cl_error_t
library_ended(int fd, int result, const char *virus, void *context)
{
	struct library_call *call = context;

	(void)fd;
	(void)result;
	(void)virus;
	call->hooks->ended(call->context);
	return CL_CLEAN;
}

void
library_prepare(struct cl_engine *engine)
{
	cl_engine_set_clcb_file_inspection(engine, library_announced);
	cl_engine_set_clcb_pre_scan(engine, library_begun);
	cl_engine_set_clcb_post_scan(engine, library_ended);
	cl_engine_set_clcb_meta(engine, library_listed);
	cl_engine_set_clcb_virus_found(engine, library_found);
}

static cl_error_t
library_map(struct cl_engine *engine, cl_fmap_t *map, const char *name, struct library_call *call)
{
	struct cl_scan_options options = library_options;
	unsigned long scanned = 0;
	const char *virus = NULL;
	cl_error_t rc = cl_scanmap_callback(map, name, &virus, &scanned, engine, &options, call);

	if (rc != CL_VIRUS)
		return rc;
	/* Should a finding come without its callback, it must still count. */
	if (!call->found || virus)
		library_found(-1, virus, call);
	return CL_CLEAN;
}

#endif

cl_error_t
library_scan(struct cl_engine *engine, struct bytes object, const char *name,
    const struct library_hooks *hooks, void *context)
{
	struct library_call call = { .hooks = hooks, .context = context };
	cl_fmap_t *map = cl_fmap_open_memory(object.p, object.len);
	cl_error_t rc;

	if (!map)
		return CL_EMEM;
	rc = library_map(engine, map, name, &call);
	cl_fmap_close(map);
	return rc;
}
