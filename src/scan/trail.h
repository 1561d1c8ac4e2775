/*
 * trail.h - where in the nest of archives libclamav is, and the names of all it has met.
 *
 * libclamav announces every object (file inspection, with its level and the last component of its
 * name), says when it begins and ends to unpack it, and lists an archive's directory (full names,
 * also of what it will not unpack) without saying whose.  From that the trail makes paths such as
 * "outer.zip/dir/inner.exe".
 */
#ifndef SCAN_TRAIL_H
#define SCAN_TRAIL_H

#include <stddef.h>

#include "core/report.h"

#define TRAIL_DEPTH_MAX 128  /* levels; deeper ones count as the last. max_recursion ends at 100 */

struct trail;

/* Names go to report as REPORT_SCAN_NAME, each once; report outlives the trail. */
struct trail *trail_new(struct report *report);
void trail_free(struct trail **trail);
/* The object's name when it is the first one on the way to it, else NULL: so an attachment's. */
const char *trail_announce(struct trail *trail, size_t depth, const char *name);
void trail_begin(struct trail *trail);
void trail_end(struct trail *trail);
void trail_list(struct trail *trail, const char *name);
/* Before each object that libclamav is given: forgets the way, keeps what names have been seen.
 * name: the object's own, "" if it has none; borrowed. */
void trail_start(struct trail *trail, const char *name);

#endif
