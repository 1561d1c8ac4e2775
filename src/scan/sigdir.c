#include "scan/sigdir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

/* FNV-1a: this is about change, not about enemies; who writes signatures is trusted. */
#define SIGDIR_BASIS UINT64_C(14695981039346656037)
#define SIGDIR_PRIME UINT64_C(1099511628211)

static uint64_t
sigdir_mix(uint64_t hash, uint64_t value)
{
	for (int i = 0; i < 8; i++, value >>= 8)
		hash = (hash ^ (value & 255)) * SIGDIR_PRIME;
	return hash;
}

static uint64_t
sigdir_file(const char *name, const struct stat *st)
{
	uint64_t hash = SIGDIR_BASIS;

	for (const char *p = name; *p; p++)
		hash = (hash ^ (unsigned char)*p) * SIGDIR_PRIME;
	hash = sigdir_mix(hash, st->st_ino);
	hash = sigdir_mix(hash, (uint64_t)st->st_size);
	hash = sigdir_mix(hash, (uint64_t)st->st_mtim.tv_sec);
	return sigdir_mix(hash, (uint64_t)st->st_mtim.tv_nsec);
}

uint64_t
sigdir_state(const char *dir, time_t *newest_r)
{
	const struct dirent *e;
	uint64_t state = SIGDIR_BASIS;
	DIR *d = opendir(dir);
	struct stat st;

	*newest_r = 0;
	if (!d)
		return 0;
	while ((e = readdir(d))) {
		if (fstatat(dirfd(d), e->d_name, &st, 0) < 0 || !S_ISREG(st.st_mode))
			continue;
		/* A sum, for the order of entries means nothing. */
		state += sigdir_file(e->d_name, &st);
		if (st.st_mtime > *newest_r)
			*newest_r = st.st_mtime;
	}
	closedir(d);
	return state;
}
