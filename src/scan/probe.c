#include "scan/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"

#define PROBE_WRITE 8192

static int
probe_write(const char *dir, const char *file)
{
	static const char block[PROBE_WRITE];
	int fd, rc = -1;

	if (mkdir(dir, 0700) < 0)
		return -1;
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		int saved;

		rc = fd_write_all(fd, block, sizeof block);
		saved = errno;
		if (close(fd) < 0)
			rc = -1;
		else
			errno = saved;
		if (unlink(file) < 0)
			rc = -1;
	}
	if (rc < 0) {
		int saved = errno;

		rmdir(dir);
		errno = saved;
		return -1;
	}
	return rmdir(dir);
}

int
probe_directory(const char *dir, size_t want, struct fail *why)
{
	struct buf sub = BUF_INIT, file = BUF_INIT;
	struct statvfs st;
	int rc = -1;

	buf_printf(&sub, "%s/probe", dir);
	buf_printf(&file, "%s/probe/file", dir);
	if (probe_write(sub.p, file.p) < 0)
		fail_set(why, FAIL_SCAN, "the temporary directory %s cannot be written: %s; "
		    "check temp_dir in bivalve.conf", dir, strerror(errno));
	else if (statvfs(dir, &st) < 0)
		fail_set(why, FAIL_SCAN, "the temporary directory %s: %s", dir, strerror(errno));
	else if ((unsigned long long)st.f_bavail * st.f_frsize < PROBE_FREE_MIN + want)
		fail_set(why, FAIL_SCAN, "the temporary directory %s is full (%llu MB left, "
		    "%llu MB wanted); make room or change temp_dir or temp_memory in "
		    "bivalve.conf", dir,
		    (unsigned long long)st.f_bavail * st.f_frsize >> 20,
		    (unsigned long long)(PROBE_FREE_MIN + want) >> 20);
	else
		rc = 0;
	buf_clear(&sub);
	buf_clear(&file);
	return rc;
}
