/*
 * finding.h - what kind of thing a name that libclamav reports stands for.
 *
 * Kinds are kept apart, because a recipe treats them apart: an encrypted archive is no malware, and
 * an exceeded limit says that something was not looked at.
 */
#ifndef SCAN_FINDING_H
#define SCAN_FINDING_H

#include "core/report.h"

enum finding_class {
	FINDING_MALWARE,    /* a signature matched */
	FINDING_HEURISTIC,  /* a rule of thumb, such as a link that shows another address */
	FINDING_PUA,        /* potentially unwanted application; only with pua = yes */
	FINDING_MACRO,      /* a document with macros */
	FINDING_ENCRYPTED,  /* cannot be looked into */
	FINDING_LIMIT,      /* not wholly unpacked */
	FINDING_CLASSES
};

enum finding_class finding_class(const char *name);
const char *finding_class_name(enum finding_class c);   /* "malware" ... */
/* What such a finding makes of the whole message. Only malware makes it infected; a heuristic, a
 * PUA or a macro leaves it clean, so that a recipe decides by scan:class or scan:finding. */
enum report_status finding_status(enum finding_class c);
/* True for the limit of time, which says more about this machine than about the message. */
bool finding_is_timeout(const char *name);

#endif
