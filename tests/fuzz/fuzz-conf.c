/*
 * fuzz-conf.c - a configuration file of any bytes: its settings, or an error that names a line.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "core/conf.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("conf", MFD_CLOEXEC);
	struct fail why = { 0 };
	struct conf conf;
	char path[64];

	/* One that anybody may write is refused unread. */
	fuzz_check(fd >= 0 && fchmod(fd, 0600) == 0 && fd_write_all(fd, data, size) == 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (conf_load(&conf, path, true, &why) < 0)
		fuzz_check(why.text[0] && why.kind != FAIL_NONE);
	else
		fuzz_check(conf.max_files >= 1 && conf.scan_timeout <= 3600 && conf.database);
	conf_clear(&conf);
	close(fd);
	return 0;
}
