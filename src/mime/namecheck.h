/*
 * namecheck.h - file names that show another kind of file than is saved.
 */
#ifndef MIME_NAMECHECK_H
#define MIME_NAMECHECK_H

#include "base/bytes.h"
#include "mime/defect.h"

/* names: all that a part has, one a line (words_parameter_all). */
void namecheck_names(struct defects *d, struct bytes names);

#endif
