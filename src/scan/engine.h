/*
 * engine.h - libclamav's signatures, loaded once per process.
 */
#ifndef SCAN_ENGINE_H
#define SCAN_ENGINE_H

#include <stdbool.h>

#include "core/fail.h"

struct cl_engine;

struct engine_settings {
	const char *database;   /* directory of signature files */
	const char *temp_dir;   /* this process's alone, or libclamav's temporary names clash */
	long max_scan_size;     /* MB unpacked from one object given to scan_bytes */
	long max_file_size;     /* MB of one object */
	long max_recursion;     /* levels */
	long max_files;
	bool pua;
};

/* NULL with a FAIL_SCAN that names the directory and the remedy: missing, unreadable, empty,
 * broken, or too little memory.  An engine without a single signature is no engine. */
struct cl_engine *engine_load(const struct engine_settings *s, struct fail *why);
/* libclamav's version, as it says itself. */
const char *engine_version(void);
/* The directory of the certificates that libclamav 1.5 and later check signature files against, as
 * it was built; engine_load reads it. "" with an older one. */
const char *engine_certificates(void);
/* How many signatures the last engine_load read. */
unsigned engine_signatures(void);
/* Gives back the memory that loading has used and freed: what is forked off later then fills new
 * pages instead of copying these first. */
void engine_settle(void);
/* In a process forked from the one that loaded: a temporary directory and random state of its own,
 * or libclamav's temporary files are taken for each other's. */
int engine_adopt(struct cl_engine *e, const char *temp_dir, struct fail *why);
void engine_free(struct cl_engine **e);
/* libclamav says much through a callback only.  The first of its error messages since the last
 * engine_error_reset, which alone may tell that a "clean" was none; "" when there was none. */
const char *engine_error(void);
void engine_error_reset(void);

#endif
