#include "entry/lookup_list.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "list/zone.h"

#define LOOKUP_LIST_IMPORT_MAX (64u << 20)  /* bytes */

static int
lookup_list_trouble(const struct fail *why)
{
	fprintf(stderr, "bivalvectl: %s\n", why->text);
	return fail_class(why->kind)->exit;
}

static int
lookup_list_print(struct buf *out)
{
	int rc = fd_write_all(STDOUT_FILENO, out->p, out->len) < 0 ? EX_IOERR : EX_OK;

	if (rc != EX_OK)
		perror("bivalvectl: standard output");
	buf_clear(out);
	return rc;
}

/* "12 min ago", for people; the exact time stands beside it. */
static void
lookup_list_age(time_t now, time_t when, struct buf *out)
{
	intmax_t s = (intmax_t)(now - when);

	if (s < 120)
		buf_printf(out, "%jd s", s);
	else if (s < 7200)
		buf_printf(out, "%jd min", s / 60);
	else if (s < 172800)
		buf_printf(out, "%jd h", s / 3600);
	else
		buf_printf(out, "%jd days", s / 86400);
}

static int
lookup_list_show(const struct blocklist *l)
{
	struct blocklist_entry *entry;
	struct buf out = BUF_INIT;
	struct fail why = { 0 };
	time_t now = time(NULL);
	char text[IP_TEXT_MAX], date[32];
	struct tm tm;
	size_t n;

	if (blocklist_read(l, 0, &entry, &n, &why) < 0)
		return lookup_list_trouble(&why);
	for (size_t i = 0; i < n; i++) {
		ip_text(&entry[i].address, text);
		strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&entry[i].when, &tm));
		buf_printf(&out, "%-39s %s ", text, date);
		lookup_list_age(now, entry[i].when, &out);
		buf_str(&out, now - entry[i].when > l->expire ? " expired\n" : "\n");
	}
	free(entry);
	return lookup_list_print(&out);
}

static int
lookup_list_add(const struct blocklist *l, const char *text)
{
	struct fail why = { 0 };
	struct ip ip;

	if (blocklist_may(l, bytes_of(text), &ip, &why) < 0) {
		fprintf(stderr, "bivalvectl: %s: not listed: %s\n", text, why.text);
		return 1;
	}
	return blocklist_add(l, &ip, time(NULL), &why) < 0 ? lookup_list_trouble(&why) : EX_OK;
}

static int
lookup_list_remove(const struct blocklist *l, const char *text)
{
	struct fail why = { 0 };
	bool found;
	struct ip ip;

	if (!ip_parse(bytes_of(text), &ip)) {
		fprintf(stderr, "bivalvectl: \"%s\" is no IP address\n", text);
		return EX_USAGE;
	}
	if (blocklist_remove(l, &ip, &found, &why) < 0)
		return lookup_list_trouble(&why);
	if (!found)
		fprintf(stderr, "bivalvectl: %s is not listed\n", text);
	return found ? EX_OK : 1;
}

static int
lookup_list_expire(const struct blocklist *l)
{
	struct fail why = { 0 };
	long n;

	if (blocklist_expire(l, time(NULL), &n, &why) < 0)
		return lookup_list_trouble(&why);
	printf("%ld expired\n", n);
	return EX_OK;
}

static int
lookup_list_export(const struct blocklist *l, const char *form, const char *name)
{
	static const char *const forms[] = {
		[ZONE_IP4TSET] = "ip4tset", [ZONE_IP6TSET] = "ip6tset", [ZONE_IP6TRIE] = "ip6trie",
		[ZONE_TEXT] = "text",
	};
	const size_t n_forms = sizeof forms / sizeof *forms;
	struct blocklist_entry *entry;
	struct buf out = BUF_INIT;
	struct fail why = { 0 };
	time_t now = time(NULL);
	size_t n, f;

	for (f = 0; f < n_forms && strcmp(form, forms[f]) != 0; f++)
		;
	if (f == n_forms) {
		fprintf(stderr, "bivalvectl: form \"%s\": write ip4tset, ip6tset, "
		    "ip6trie or text\n", form);
		return EX_USAGE;
	}
	if (blocklist_read(l, now, &entry, &n, &why) < 0)
		return lookup_list_trouble(&why);
	zone_export((enum zone_form)f, entry, n, name, now, &out);
	free(entry);
	return lookup_list_print(&out);
}

static int
lookup_list_import_line(const struct blocklist *l, struct bytes line, long number, long *taken,
    struct fail *why)
{
	struct blocklist_entry e;
	struct fail not_this = { 0 };
	struct ip ip;
	char text[IP_TEXT_MAX];
	int rc = zone_import_line(line, time(NULL), &e);

	if (rc < 0)
		fprintf(stderr, "bivalvectl: line %ld holds no IP address\n", number);
	if (rc <= 0)
		return 0;
	ip_text(&e.address, text);
	if (blocklist_may(l, bytes_of(text), &ip, &not_this) < 0) {
		fprintf(stderr, "bivalvectl: line %ld: %s: not listed: %s\n", number, text,
		    not_this.text);
		return 0;
	}
	++*taken;
	return blocklist_add(l, &ip, e.when, why);
}

static int
lookup_list_import(const struct blocklist *l)
{
	struct buf text = BUF_INIT;
	struct bytes rest, line;
	struct fail why = { 0 };
	long number = 0, taken = 0;
	int rc = 0;

	if (fd_read_all(STDIN_FILENO, LOOKUP_LIST_IMPORT_MAX, &text) < 0) {
		perror("bivalvectl: standard input");
		return EX_IOERR;
	}
	rest = buf_view(&text);
	while (rc == 0 && bytes_line(&rest, &line))
		rc = lookup_list_import_line(l, line, ++number, &taken, &why);
	buf_clear(&text);
	if (rc < 0)
		return lookup_list_trouble(&why);
	printf("%ld listed\n", taken);
	return EX_OK;
}

static int
lookup_list_each(const struct blocklist *l, int argc, char *const *words,
    int (*call)(const struct blocklist *, const char *))
{
	int status = argc > 1 ? EX_OK : EX_USAGE, one;

	for (int i = 1; i < argc; i++) {
		one = call(l, words[i]);
		status = one > status ? one : status;
	}
	return status;
}

int
lookup_list_run(const struct blocklist *l, int argc, char *const *words)
{
	if (strcmp(words[0], "list") == 0 && argc == 1)
		return lookup_list_show(l);
	if (strcmp(words[0], "add") == 0)
		return lookup_list_each(l, argc, words, lookup_list_add);
	if (strcmp(words[0], "remove") == 0)
		return lookup_list_each(l, argc, words, lookup_list_remove);
	if (strcmp(words[0], "expire") == 0 && argc == 1)
		return lookup_list_expire(l);
	if (strcmp(words[0], "export") == 0 && argc == 3)
		return lookup_list_export(l, words[1], words[2]);
	if (strcmp(words[0], "import") == 0 && argc == 1)
		return lookup_list_import(l);
	return EX_USAGE;
}
