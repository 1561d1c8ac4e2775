/*
 * clamav.h - what libclamav 1.5 declares (its clamav.h), over the header of the one that is here.
 *
 * For clam15.t: the code for 1.5 is compiled against this, and run with newer.c beneath it.  What
 * 1.5 calls deprecated cannot be used, but for the one function that nothing replaces.
 */
#ifndef TESTS_CLAM15_CLAMAV_H
#define TESTS_CLAM15_CLAMAV_H

#include_next <clamav.h>

#include <stdbool.h>

#undef CLAMAV_VERSION_NUM
#define CLAMAV_VERSION_NUM 0x010500

typedef enum cl_verdict_t {
	CL_VERDICT_NOTHING_FOUND = 0,
	CL_VERDICT_TRUSTED,
	CL_VERDICT_STRONG_INDICATOR,
	CL_VERDICT_POTENTIALLY_UNWANTED
} cl_verdict_t;

typedef struct cl_scan_layer cl_scan_layer_t;

typedef enum scan_callback {
	CL_SCAN_CALLBACK_PRE_HASH,
	CL_SCAN_CALLBACK_PRE_SCAN,
	CL_SCAN_CALLBACK_POST_SCAN,
	CL_SCAN_CALLBACK_ALERT,
	CL_SCAN_CALLBACK_FILE_TYPE
} cl_scan_callback_t;

typedef cl_error_t (*clcb_scan)(cl_scan_layer_t *layer, void *context);

void cl_engine_set_scan_callback(struct cl_engine *engine, clcb_scan callback,
    cl_scan_callback_t location);
cl_error_t cl_scan_layer_get_fmap(cl_scan_layer_t *layer, cl_fmap_t **fmap_out);
cl_error_t cl_scan_layer_get_type(cl_scan_layer_t *layer, const char **type_out);
cl_error_t cl_scan_layer_get_recursion_level(cl_scan_layer_t *layer, uint32_t *level_out);
cl_error_t cl_scan_layer_get_last_alert(cl_scan_layer_t *layer, const char **alert_name_out);
cl_error_t cl_fmap_get_name(cl_fmap_t *map, const char **name_out);
cl_error_t cl_scanmap_ex(cl_fmap_t *map, const char *filename, cl_verdict_t *verdict_out,
    const char **last_alert_out, uint64_t *scanned_out, const struct cl_engine *engine,
    struct cl_scan_options *scanoptions, void *context, const char *hash_hint, char **hash_out,
    const char *hash_alg, const char *file_type_hint, char **file_type_out);

#define CL_HASH_FLAG_NONE 0x00
cl_error_t cl_hash_data_ex(const char *alg, const uint8_t *data, size_t data_len, uint8_t **hash,
    size_t *hash_len, uint32_t flags);

/* Behind the last field that the older library knows. */
#define CL_ENGINE_CVDCERTSDIR ((enum cl_engine_field)(CL_ENGINE_PE_DUMPCERTS + 1))
const char *newer_engine_get_str(const struct cl_engine *engine, enum cl_engine_field field,
    int *err);

#ifndef NEWER_BENEATH
#define cl_engine_get_str newer_engine_get_str
#pragma GCC poison cl_engine_set_clcb_file_inspection cl_engine_set_clcb_pre_cache
#pragma GCC poison cl_engine_set_clcb_pre_scan cl_engine_set_clcb_post_scan
#pragma GCC poison cl_scanmap_callback cl_scandesc cl_scanfile cl_sha256
#endif

#endif
