#include "proc/monitor.h"

#include "base/fd.h"

int
monitor_run(const struct conf *conf, const struct monitor_peer *peer, int in, int out,
    struct fail *why)
{
	(void)conf;
	(void)peer;
	if (out != in)
		fd_close(&out);
	fd_close(&in);
	return fail_temp(why, "LMTP is not there yet");
}
