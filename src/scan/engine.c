#include "scan/engine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "scan/library.h"

/* libclamav allocates tables of some MB for each layer it unpacks; by default the C library gives
 * them back to the kernel each time and faults them in again (a tenth to a fifth of a scan). */
#define ENGINE_MMAP_THRESHOLD (256 << 20)
#define ENGINE_TRIM_THRESHOLD (512 << 20)

/* Clean objects remembered, so that a part is not scanned twice.  The process serves one message;
 * libclamav's 65536 would cost 3 ms at each start. */
#define ENGINE_CACHE_SIZE 4096

#define ENGINE_REMEDY "run freshclam (package clamav-freshclam) or set database in bivalve.conf"

static char engine_said[256];
static unsigned engine_count;

static void
engine_message(enum cl_msg severity, const char *full, const char *text, void *context)
{
	(void)full;
	(void)context;
	if (severity >= CL_MSG_ERROR && !engine_said[0]) {
		struct bytes t = bytes_trim(bytes_of(text));

		snprintf(engine_said, sizeof engine_said, "%.*s", (int)t.len, t.p);
	}
}

const char *
engine_error(void)
{
	return engine_said;
}

void
engine_error_reset(void)
{
	engine_said[0] = '\0';
}

/* cl_init may load a plug-in (RAR) and must come once, with the callback already there. */
static int
engine_library(struct fail *why)
{
	static bool ready;
	int rc;

	if (ready)
		return 0;
	mallopt(M_MMAP_THRESHOLD, ENGINE_MMAP_THRESHOLD);
	mallopt(M_TRIM_THRESHOLD, ENGINE_TRIM_THRESHOLD);
	/* Temporary names come from rand(3); processes that share its state delete each other's. */
	srand((unsigned)getpid());
	cl_set_clcb_msg(engine_message);
	rc = cl_init(CL_INIT_DEFAULT);
	if (rc != CL_SUCCESS)
		return fail_set(why, FAIL_SCAN, "libclamav cannot start: %s", cl_strerror(rc));
	ready = true;
	return 0;
}

static int
engine_set(struct cl_engine *e, const struct engine_settings *s, struct fail *why)
{
	const struct {
		enum cl_engine_field field;
		long long value;
	} numbers[] = {
		{ CL_ENGINE_MAX_SCANSIZE, (long long)s->max_scan_size << 20 },
		{ CL_ENGINE_MAX_FILESIZE, (long long)s->max_file_size << 20 },
		{ CL_ENGINE_MAX_RECURSION, s->max_recursion },
		{ CL_ENGINE_MAX_FILES, s->max_files },
		{ CL_ENGINE_CACHE_SIZE, ENGINE_CACHE_SIZE },
		{ CL_ENGINE_FORCETODISK, 0 },
		{ CL_ENGINE_KEEPTMP, 0 },
		{ CL_ENGINE_BYTECODE_SECURITY, CL_BYTECODE_TRUST_SIGNED },
		/* No code may be made at run time inside the sandbox. */
		{ CL_ENGINE_BYTECODE_MODE, CL_BYTECODE_MODE_INTERPRETER },
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (cl_engine_set_num(e, numbers[i].field, numbers[i].value) != CL_SUCCESS)
			return fail_set(why, FAIL_SCAN, "libclamav refuses limit %d = %lld",
			    (int)numbers[i].field, numbers[i].value);
	if (cl_engine_set_str(e, CL_ENGINE_TMPDIR, s->temp_dir) != CL_SUCCESS)
		return fail_set(why, FAIL_SCAN, "libclamav refuses the temporary directory %s",
		    s->temp_dir);
	return 0;
}

/* Is there a file in dir that we may not read? libclamav says of it what it says of none. */
static bool
engine_closed(const char *dir, struct fail *why)
{
	const struct dirent *e;
	DIR *d = opendir(dir);
	bool closed = false;

	while (d && !closed && (e = readdir(d))) {
		const char *dot = strrchr(e->d_name, '.');

		/* freshclam.dat is nobody's but freshclam's. */
		if (dot && strcmp(dot, ".dat") == 0)
			continue;
		closed = faccessat(dirfd(d), e->d_name, R_OK, AT_EACCESS) < 0 && errno == EACCES;
		if (closed)
			fail_set(why, FAIL_SCAN, "signatures in %s: %s cannot be read by uid %lu: "
			    "give it mode 0644", dir, e->d_name, (unsigned long)geteuid());
	}
	if (d)
		closedir(d);
	return closed;
}

static int
engine_read(struct cl_engine *e, const struct engine_settings *s, struct fail *why)
{
	const unsigned options = CL_DB_STDOPT | (s->pua ? CL_DB_PUA : 0);
	const char *said;
	struct stat st;
	int rc;

	if (stat(s->database, &st) < 0 || access(s->database, R_OK | X_OK) < 0)
		return fail_set(why, FAIL_SCAN, "signatures in %s: %s; " ENGINE_REMEDY,
		    s->database, strerror(errno));
	engine_count = 0;
	rc = cl_load(s->database, e, &engine_count, options);
	said = engine_error();
	if (rc != CL_SUCCESS && engine_closed(s->database, why))
		return -1;
	/* CL_EOPEN: a directory without a file of signatures. */
	if (rc == CL_EOPEN || (rc == CL_SUCCESS && engine_count == 0))
		return fail_set(why, FAIL_SCAN, "no signatures in %s: " ENGINE_REMEDY, s->database);
	if (rc != CL_SUCCESS)
		return fail_set(why, FAIL_SCAN, "signatures in %s are broken: %s%s%s; "
		    ENGINE_REMEDY, s->database, cl_strerror(rc), *said ? ": " : "", said);
	rc = cl_engine_compile(e);
	if (rc != CL_SUCCESS)
		return fail_set(why, FAIL_SCAN, "signatures in %s cannot be used: %s; "
		    ENGINE_REMEDY, s->database, cl_strerror(rc));
	return 0;
}

struct cl_engine *
engine_load(const struct engine_settings *s, struct fail *why)
{
	struct cl_engine *e;

	if (engine_library(why) < 0)
		return NULL;
	engine_error_reset();
	e = cl_engine_new();
	if (!e) {
		fail_set(why, FAIL_SCAN, "libclamav has no memory for an engine");
		return NULL;
	}
	if (engine_set(e, s, why) < 0 || engine_read(e, s, why) < 0)
		engine_free(&e);
	return e;
}

const char *
engine_certificates(void)
{
#if LIBRARY_HAS_LAYERS
	static char dir[4096];
	struct fail why = { 0 };
	struct cl_engine *e = engine_library(&why) < 0 ? NULL : cl_engine_new();
	const char *path = e ? cl_engine_get_str(e, CL_ENGINE_CVDCERTSDIR, NULL) : NULL;

	snprintf(dir, sizeof dir, "%s", path ? path : "");
	engine_free(&e);
	fail_clear(&why);
	return dir;
#else
	return "";
#endif
}

unsigned
engine_signatures(void)
{
	return engine_count;
}

void
engine_settle(void)
{
	malloc_trim(0);
}

int
engine_adopt(struct cl_engine *e, const char *temp_dir, struct fail *why)
{
	srand((unsigned)getpid());
	if (cl_engine_set_str(e, CL_ENGINE_TMPDIR, temp_dir) != CL_SUCCESS)
		return fail_set(why, FAIL_SCAN, "libclamav refuses the temporary directory %s",
		    temp_dir);
	return 0;
}

void
engine_free(struct cl_engine **e)
{
	if (*e)
		cl_engine_free(*e);
	*e = NULL;
}

const char *
engine_version(void)
{
	return cl_retver();
}
