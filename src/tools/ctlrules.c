#include "tools/ctlrules.h"

void
ctlrules_look(struct ctltrap_file *f, const struct tree *tree)
{
	(void)f;
	(void)tree;
}
