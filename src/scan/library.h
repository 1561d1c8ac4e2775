/*
 * library.h - one object through libclamav, whichever version it is.
 *
 * 1.5 (ClamAV's NEWS, 1.5.0) tells the verdict apart from errors, hands its callbacks a layer, and
 * counts the functions before that as deprecated: they are used where they are the newest there is.
 */
#ifndef SCAN_LIBRARY_H
#define SCAN_LIBRARY_H

#include <clamav.h>

#include "base/bytes.h"

#define LIBRARY_HAS_LAYERS (CLAMAV_VERSION_NUM >= 0x010500)

/* Something that libclamav is about to look at.  Strings may be NULL; content is empty where the
 * library does not show it, or shows it in a form of its own. */
struct library_layer {
	size_t depth;            /* 0: the object itself */
	const char *type, *name;
	struct bytes content;    /* borrowed for the call */
};

/* What libclamav tells on its way. */
struct library_hooks {
	void (*announced)(void *context, const struct library_layer *layer);
	void (*typed)(void *context, const char *type);   /* it knows better by now; 1.5 alone */
	void (*begun)(void *context);                     /* the one announced last is unpacked */
	void (*ended)(void *context);
	void (*listed)(void *context, const char *name);  /* in an archive's directory */
	void (*found)(void *context, const char *name);   /* never NULL; a name may come twice */
};

/* For every scan with this engine. */
void library_prepare(struct cl_engine *engine);
/* name: NULL if it has none. CL_CLEAN when libclamav met no error, whatever it found, else its
 * code. Whatever made it answer "infected" has been told to found. */
cl_error_t library_scan(struct cl_engine *engine, struct bytes object, const char *name,
    const struct library_hooks *hooks, void *context);

#endif
