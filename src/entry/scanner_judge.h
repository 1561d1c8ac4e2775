/*
 * scanner_judge.h - a message, or what stands in one, through the whole of the scan: as it is, and
 * each reading of each of its parts.
 */
#ifndef ENTRY_SCANNER_JUDGE_H
#define ENTRY_SCANNER_JUDGE_H

#include "base/bytes.h"
#include "core/report.h"
#include "mime/mime.h"
#include "scan/scan.h"

/* libclamav guesses from the first line whether bytes are mail; with this one it does. */
#define SCANNER_JUDGE_PREFIX "Return-Path: <scanner@localhost>\n"

/* In front of the bytes of message stands the prefix. mime: the message taken apart. */
void scanner_judge(struct cl_engine *engine, const struct scan_settings *settings,
	struct bytes message, struct mime *mime, struct report *report);
/* The same for bytes that are some part of a message: copied, with the prefix in front. */
void scanner_judge_part(struct cl_engine *engine, const struct scan_settings *settings,
	struct bytes part, struct report *report);

#endif
