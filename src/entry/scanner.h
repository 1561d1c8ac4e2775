/*
 * scanner.h - what bivalve-scan knows of its one message, and how it answers about it.
 *
 * entry/scanner.c serves one message that it was started for; entry/scanner_serve.c stays and
 * serves one after another in processes of their own.
 */
#ifndef ENTRY_SCANNER_H
#define ENTRY_SCANNER_H

#include <stdbool.h>

#include "core/report.h"
#include "mime/mime.h"
#include "proc/pool.h"
#include "scan/engine.h"
#include "scan/scan.h"

#define SCANNER_MESSAGE 0
#define SCANNER_SOCKET 3

struct scanner {
	struct engine_settings engine_settings;
	struct scan_settings scan_settings;
	long grace;                 /* seconds behind the limit, which libclamav sees late */
	long memory;                /* MB */
	const char *temp_parent;
	char *temp_dir;
	struct cl_engine *engine;
	struct bytes message;       /* mapped, with room for the prefix in front of it */
	struct mime *mime;
	struct fail trouble;        /* what keeps us from working at all; told in every answer */
	struct fail scan_trouble;   /* what keeps us from scanning */
	char *viruses;              /* lines of the scan's answer, NULL if there was none */
	enum report_status said;    /* the last answer's */
	bool serve;                 /* --serve */
	struct pool_settings pool;
};

/* The message behind SCANNER_MESSAGE; looks at no byte of it. -1 with s->trouble. */
int scanner_map(struct scanner *s);
void scanner_unmap(struct scanner *s);
/* libclamav writes to standard error what it thinks of a message, and an MTA would mail that to the
 * sender: from here on the report is our only voice. */
void scanner_hush(void);
/* Says to the log what the sandbox is going to lack on this kernel; before scanner_hush. */
void scanner_warn(void);
/* For good. receive: connections and messages are handed over later. -1 with s->trouble. */
int scanner_sandbox(struct scanner *s, bool receive);
/* The next question; false at the end of the socket. */
bool scanner_next(enum report_want *want_r);
/* Answers one question. -1: nobody is there to hear it. */
int scanner_turn(struct scanner *s, enum report_want want);

#endif
