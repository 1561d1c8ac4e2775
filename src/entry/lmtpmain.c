#include "entry/lmtpmain.h"

#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "proc/monitor.h"

int
lmtpmain_run(const struct options *o, const struct conf *conf)
{
	const struct monitor_peer peer = { .client = o->client,
		.detail = o->arguments.n > 0 ? o->arguments.item[0] : "",
		.id = *o->id ? o->id : NULL, .once = o->arguments.n > 0 };
	struct fail why = { 0 };

	if (monitor_run(conf, &peer, STDIN_FILENO, STDOUT_FILENO, &why) == 0)
		return EX_OK;
	log_error("%s", why.text);
	return fail_class(why.kind)->exit;
}
