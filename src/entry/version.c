#include "entry/version.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "proc/helper.h"

static void
version_age(time_t newest)
{
	double hours = difftime(time(NULL), newest) / 3600;

	if (hours < 48)
		printf(", newest file %.0f hours old\n", hours > 0 ? hours : 0);
	else
		printf(", newest file %.0f days old\n", hours / 24);
}

static void
version_signatures(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;
	time_t newest = 0;
	int n = 0;

	printf("signatures: %s", dir);
	if (!d) {
		printf(": %s\n", strerror(errno));
		return;
	}
	while ((e = readdir(d)) != NULL) {
		const char *dot = strrchr(e->d_name, '.');

		if (!dot || dot == e->d_name || strcmp(dot, ".dat") == 0
		    || fstatat(dirfd(d), e->d_name, &st, 0) < 0 || !S_ISREG(st.st_mode))
			continue;
		n++;
		newest = st.st_mtime > newest ? st.st_mtime : newest;
	}
	closedir(d);
	printf(", %d files", n);
	if (n > 0)
		version_age(newest);
	else
		printf(": run freshclam\n");
}

/* The libraries are the scanner's, and only it knows them. */
static void
version_libraries(const struct conf *conf)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		helper_versions(conf);
		printf("bivalve-scan: %s\n", strerror(errno));
		fflush(stdout);
		_exit(EX_UNAVAILABLE);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}

int
version_print(const struct conf *conf)
{
	printf("bivalve %s\nconfiguration: %s\nsite recipes: %s\n", VERSION, CONF_PATH,
	    conf->site_recipes);
	version_signatures(conf->database);
	version_libraries(conf);
	return EX_OK;
}
