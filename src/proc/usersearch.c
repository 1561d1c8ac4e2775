#include "proc/usersearch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "proc/users.h"

#define USERSEARCH_LIMIT 30   /* seconds an answer may take */
#define USERSEARCH_GRACE 5

int
usersearch_user(const char *local, size_t len, struct account *a, struct fail *why)
{
	char *name = mem_copy((struct bytes){ local, len });
	int rc = users_find(name, a, why);

	for (char *p = name; *p; p++)
		*p = str_lower(*p);
	if (rc < 0 && why->kind == FAIL_NOUSER && memcmp(name, local, len) != 0) {
		fail_clear(why);
		rc = users_find(name, a, why);
	}
	free(name);
	return rc;
}

/* The whole of local may be a user; else what stands in front of the first plus. */
static int
usersearch_local(const char *local, struct account *a, size_t *len_r, struct fail *why)
{
	const char *plus = strchr(local, '+');
	int rc;

	*len_r = strlen(local);
	rc = usersearch_user(local, *len_r, a, why);
	if (rc == 0 || why->kind != FAIL_NOUSER || !plus || plus == local)
		return rc;
	fail_clear(why);
	*len_r = (size_t)(plus - local);
	return usersearch_user(local, *len_r, a, why);
}

static int
usersearch_find(const struct conf *conf, const char *local, uint32_t own,
    struct usersearch_answer *answer, struct fail *why)
{
	struct account a = { 0 };
	size_t len;
	int rc = usersearch_local(local, &a, &len, why);

	if (rc == 0 && a.uid == 0)
		rc = users_root_alias(conf, &a, why);
	if (rc == 0 && own != (uint32_t)-1 && a.uid != own)
		rc = fail_temp(why, "only root delivers for others: %s is not who started us",
		    a.name);
	answer->uid = a.uid;
	answer->user_len = (uint32_t)len;
	users_clear(&a);
	return rc;
}

void
usersearch_run(const struct conf *conf, int sock, uint32_t own)
{
	char local[USERSEARCH_NAME_MAX + 1];
	int passed;
	ssize_t n;

	while ((n = fd_recv(sock, local, sizeof local - 1, &passed)) > 0) {
		struct usersearch_answer answer = { 0 };
		struct fail why = { 0 };

		fd_close(&passed);
		local[n] = '\0';
		alarm(USERSEARCH_LIMIT);
		if (usersearch_find(conf, local, own, &answer, &why) < 0)
			snprintf(answer.text, sizeof answer.text, "%.*s",
			    (int)sizeof answer.text - 1, why.text);
		alarm(0);
		answer.kind = (uint8_t)why.kind;
		if (fd_send(sock, &answer, sizeof answer, -1) < 0)
			break;
	}
	_exit(EX_OK);
}

/* The process ends itself when the database is silent; where it did so early, or never was, there
 * is no more to be said of the database. */
static void
usersearch_trouble(struct usersearch_answer *answer, int64_t asked_ms)
{
	*answer = (struct usersearch_answer){ .kind = FAIL_USERDB };
	if (clock_ms() - asked_ms >= USERSEARCH_LIMIT * 1000)
		snprintf(answer->text, sizeof answer->text, "the user database did not answer "
		    "within %d seconds", USERSEARCH_LIMIT);
	else
		snprintf(answer->text, sizeof answer->text, "the process that asks the user "
		    "database ended without an answer");
}

int
usersearch_ask(int sock, const char *local, struct usersearch_answer *answer)
{
	const struct timespec limit = { USERSEARCH_LIMIT + USERSEARCH_GRACE, 0 };
	const int64_t asked = clock_ms();
	struct pollfd p = { sock, POLLIN, 0 };
	int n = -1, passed = -1;
	ssize_t got = -1;

	memset(answer, 0, sizeof *answer);
	if (fd_send(sock, local, strlen(local), -1) == 0)
		do
			n = ppoll(&p, 1, &limit, NULL);
		while (n < 0 && errno == EINTR);
	if (n == 1)
		got = fd_recv(sock, answer, sizeof *answer, &passed);
	fd_close(&passed);
	answer->text[sizeof answer->text - 1] = '\0';
	if (got == (ssize_t)sizeof *answer && answer->user_len <= strlen(local)
	    && (answer->kind == FAIL_NONE || answer->kind == FAIL_NOUSER
	    || answer->kind == FAIL_USERDB || answer->kind == FAIL_TEMP))
		return 0;
	usersearch_trouble(answer, asked);
	return -1;
}
