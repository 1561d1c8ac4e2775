/*
 * newer.c - libclamav 1.5's functions (clamav.h here), by means of those of an older one.
 *
 * As 1.5: a finding is no return code but a verdict, heuristics
 * are "potentially unwanted", and what a layer calls its last alert is a signature's, if there was
 * one.  NEWER_SILENT in the environment leaves out the callback that names findings.
 */
#define NEWER_BENEATH
#include <clamav.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEWER_DEPTH 128

struct cl_scan_layer {
	uint32_t depth;
	const char *type;
	char name[256];
	bool named;
};

static struct cl_scan_layer newer_layers[NEWER_DEPTH];
static uint32_t newer_depth;
static clcb_scan newer_callbacks[CL_SCAN_CALLBACK_FILE_TYPE + 1];
static const char *newer_alert, *newer_weak;

static cl_error_t
newer_call(cl_scan_callback_t location, void *context)
{
	return newer_callbacks[location]
	    ? newer_callbacks[location](&newer_layers[newer_depth], context) : CL_CLEAN;
}

static cl_error_t
newer_inspection(int fd, const char *type, const char **ancestors, size_t parent_size,
    const char *name, size_t size, const char *content, uint32_t depth, uint32_t attributes,
    void *context)
{
	struct cl_scan_layer *layer;

	(void)fd;
	(void)ancestors;
	(void)parent_size;
	(void)size;
	(void)content;
	(void)attributes;
	newer_depth = depth < NEWER_DEPTH ? depth : NEWER_DEPTH - 1;
	layer = &newer_layers[newer_depth];
	layer->depth = depth;
	layer->type = type;
	layer->named = name != NULL;
	snprintf(layer->name, sizeof layer->name, "%s", name ? name : "");
	return newer_call(CL_SCAN_CALLBACK_PRE_HASH, context);
}

static cl_error_t
newer_pre(int fd, const char *type, void *context)
{
	(void)fd;
	newer_layers[newer_depth].type = type;
	newer_call(CL_SCAN_CALLBACK_FILE_TYPE, context);
	return newer_call(CL_SCAN_CALLBACK_PRE_SCAN, context);
}

static cl_error_t
newer_post(int fd, int result, const char *virus, void *context)
{
	cl_error_t rc;

	(void)fd;
	(void)result;
	if (virus && strncmp(virus, "Heuristics.", 11) == 0)
		newer_weak = virus;
	else if (virus)
		newer_alert = virus;
	rc = newer_call(CL_SCAN_CALLBACK_POST_SCAN, context);
	newer_depth -= newer_depth > 0;
	return rc;
}

void
cl_engine_set_scan_callback(struct cl_engine *engine, clcb_scan callback,
    cl_scan_callback_t location)
{
	newer_callbacks[location] = callback;
	cl_engine_set_clcb_file_inspection(engine, newer_inspection);
	cl_engine_set_clcb_pre_scan(engine, newer_pre);
	cl_engine_set_clcb_post_scan(engine, newer_post);
}

/* The layer stands in for its map. */
cl_error_t
cl_scan_layer_get_fmap(cl_scan_layer_t *layer, cl_fmap_t **fmap_out)
{
	*fmap_out = (cl_fmap_t *)layer;
	return CL_SUCCESS;
}

cl_error_t
cl_fmap_get_name(cl_fmap_t *map, const char **name_out)
{
	const struct cl_scan_layer *layer = (const struct cl_scan_layer *)map;

	*name_out = layer->named ? layer->name : NULL;
	return CL_SUCCESS;
}

cl_error_t
cl_scan_layer_get_type(cl_scan_layer_t *layer, const char **type_out)
{
	*type_out = layer->type;
	return CL_SUCCESS;
}

cl_error_t
cl_scan_layer_get_recursion_level(cl_scan_layer_t *layer, uint32_t *level_out)
{
	*level_out = layer->depth;
	return CL_SUCCESS;
}

cl_error_t
cl_scan_layer_get_last_alert(cl_scan_layer_t *layer, const char **alert_name_out)
{
	(void)layer;
	*alert_name_out = getenv("NEWER_SILENT") ? NULL : newer_alert ? newer_alert : newer_weak;
	return CL_SUCCESS;
}

cl_error_t
cl_scanmap_ex(cl_fmap_t *map, const char *filename, cl_verdict_t *verdict_out,
    const char **last_alert_out, uint64_t *scanned_out, const struct cl_engine *engine,
    struct cl_scan_options *scanoptions, void *context, const char *hash_hint, char **hash_out,
    const char *hash_alg, const char *file_type_hint, char **file_type_out)
{
	struct cl_engine *e = (struct cl_engine *)(size_t)engine;
	unsigned long scanned = 0;
	const char *virus = NULL;
	int rc;

	if (hash_hint || hash_out || hash_alg || file_type_hint || file_type_out)
		return CL_EARG;
	if (getenv("NEWER_SILENT"))
		cl_engine_set_clcb_virus_found(e, NULL);
	newer_alert = newer_weak = NULL;
	newer_depth = 0;
	rc = cl_scanmap_callback(map, filename, &virus, &scanned, engine, scanoptions, context);
	*scanned_out = (uint64_t)scanned * CL_COUNT_PRECISION;
	*last_alert_out = virus;
	*verdict_out = CL_VERDICT_NOTHING_FOUND;
	if (rc == CL_VIRUS)
		*verdict_out = virus && strncmp(virus, "Heuristics.", 11) == 0
		    ? CL_VERDICT_POTENTIALLY_UNWANTED : CL_VERDICT_STRONG_INDICATOR;
	return rc == CL_VIRUS ? CL_SUCCESS : (cl_error_t)rc;
}

cl_error_t
cl_hash_data_ex(const char *alg, const uint8_t *data, size_t data_len, uint8_t **hash,
    size_t *hash_len, uint32_t flags)
{
	unsigned length = 0;

	if (strcmp(alg, "sha2-256") != 0 || flags != CL_HASH_FLAG_NONE || *hash_len < 32 ||
	    !cl_sha256(data, data_len, *hash, &length))
		return CL_EARG;
	*hash_len = length;
	return CL_SUCCESS;
}

const char *
newer_engine_get_str(const struct cl_engine *engine, enum cl_engine_field field, int *err)
{
	return field == CL_ENGINE_CVDCERTSDIR ? "/etc/clamav/certs"
	    : cl_engine_get_str(engine, field, err);
}
