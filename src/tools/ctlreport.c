#include "tools/ctlreport.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/logline.h"

#define CTLREPORT_DAY 86400

/* One delivery as its line has it; the texts are strangers'. */
struct ctlreport_line {
	time_t time;
	struct bytes scan, virus, rule, folder, outcome;
	unsigned long size;
	long ms;                 /* -1: an old line */
	double stages[CTLREPORT_STAGES];  /* ms; -1: it has none */
};

const char *
ctlreport_series_name(enum ctlreport_series s)
{
	static const char *const names[] = { "clean or not asked", "malware",
		"unscannable", "deferred or failed" };

	return names[s];
}

/* The last place of a field's name: what a sender's address pretends stands before the real one. */
static const char *
ctlreport_last(const char *line, const char *name)
{
	const char *found = NULL;

	for (const char *p = line; (p = strstr(p, name)) != NULL; p++)
		found = p;
	return found;
}

static struct bytes
ctlreport_field(const char *line, const char *name, const char *end)
{
	const char *p = strstr(line, name), *to;

	if (!p)
		return (struct bytes){ "", 0 };
	p += strlen(name);
	to = strstr(p, end);
	return (struct bytes){ p, to ? (size_t)(to - p) : strlen(p) };
}

/* "Nov 23 23:57:21", of this year or the last; or "2026-11-23T23:57:21", perhaps with a zone. */
static time_t
ctlreport_time_of(const char *line, time_t now)
{
	struct tm tm = { 0 }, today;
	const char *end;
	time_t t;

	if (line[0] >= '0' && line[0] <= '9') {
		end = strptime(line, "%Y-%m-%dT%H:%M:%S", &tm);
		if (!end)
			return 0;
		end += strcspn(end, "+-Z ");
		if (*end == 'Z')
			return timegm(&tm);
		if (strptime(end, "%z", &today)) {
			t = timegm(&tm);
			return t - today.tm_gmtoff;
		}
		tm.tm_isdst = -1;
		return mktime(&tm);
	}
	if (!localtime_r(&now, &today))
		return 0;
	end = strptime(line, "%b %d %H:%M:%S", &tm);
	if (!end)
		return 0;
	tm.tm_year = today.tm_year;
	tm.tm_isdst = -1;
	t = mktime(&tm);
	if (t > now + CTLREPORT_DAY) {
		tm.tm_year--;
		t = mktime(&tm);
	}
	return t;
}

const char *
ctlreport_stage_name(int stage)
{
	return logline_name(LOGLINE_READ + stage);
}

double
ctlreport_stage(const struct ctlreport *r, int stage)
{
	return r->stages[stage].n ? r->stages[stage].ms / (double)r->stages[stage].n : 0;
}

/* -1: there is no such field. */
static double
ctlreport_decimal(const char *line, const char *name)
{
	struct buf key = BUF_INIT;
	struct bytes value;
	double ms;

	buf_printf(&key, " %s=", name);
	value = ctlreport_field(line, key.p, " ");
	ms = value.len ? strtod(value.p, NULL) : -1;
	buf_clear(&key);
	return ms >= 0 ? ms : -1;
}

static bool
ctlreport_parse(const char *line, time_t now, struct ctlreport_line *l)
{
	const char *start = strstr(line, "bivalve"), *at, *end;

	memset(l, 0, sizeof *l);
	if (!start || !(start = strstr(start, "from=<")))
		return false;
	at = ctlreport_last(start, " client=");
	end = ctlreport_last(start, " outcome=");
	if (!at || !end || end < at)
		return false;
	l->time = ctlreport_time_of(line, now);
	l->size = strtoul(ctlreport_field(at, " size=", " ").p, NULL, 10);
	l->scan = ctlreport_field(at, " scan=", " ");
	l->virus = ctlreport_field(at, " virus=", " ");
	l->rule = ctlreport_field(at, " rule=", " ");
	l->folder = ctlreport_field(at, " folder=", " outcome=");
	l->outcome = ctlreport_field(end, " outcome=", " exit=");
	at = strstr(end, " ms=");
	l->ms = at ? strtol(at + 4, NULL, 10) : -1;
	for (int i = 0; i < CTLREPORT_STAGES; i++)
		l->stages[i] = ctlreport_decimal(end, ctlreport_stage_name(i));
	return l->time > 0 || line == start;
}

/* A Maildir's or MH folder's name without that of the file; a quarantine without the id. */
static struct bytes
ctlreport_folder(struct bytes folder)
{
	static const char *const ends[] = { "/new/", "/cur/" };
	size_t n = folder.len;

	if (bytes_starts(folder, "quarantine "))
		return bytes_of("quarantine");
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		const char *at = folder.len ? memmem(folder.p, folder.len, ends[i], 5) : NULL;

		if (at)
			return bytes_first(folder, (size_t)(at - folder.p) + 1);
	}
	while (n > 0 && folder.p[n - 1] >= '0' && folder.p[n - 1] <= '9')
		n--;
	return n > 0 && n < folder.len && folder.p[n - 1] == '/' ? bytes_first(folder, n) : folder;
}

static enum ctlreport_series
ctlreport_kind(const struct ctlreport_line *l)
{
	if (bytes_is(l->scan, "infected"))
		return CTLREPORT_MALWARE;
	if (!bytes_is(l->outcome, "delivered") && !bytes_is(l->outcome, "dropped")
	    && !bytes_is(l->outcome, "quarantined") && !bytes_is(l->outcome, "rejected"))
		return CTLREPORT_DEFERRED;
	return bytes_is(l->scan, "unscannable") ? CTLREPORT_DOUBTFUL : CTLREPORT_CLEAN;
}

/* Logs are in order: the slot is among the last. */
static void
ctlreport_slot(struct ctlreport *r, time_t t, enum ctlreport_series kind)
{
	time_t hour = t - t % 3600;
	size_t i = r->nslots;

	while (i > 0 && r->slots[i - 1].hour > hour)
		i--;
	if (i == 0 || r->slots[i - 1].hour != hour) {
		if (r->nslots == CTLREPORT_SLOTS)
			return;
		if ((r->nslots & (r->nslots - 1)) == 0)
			r->slots = mem_resize(r->slots, (r->nslots ? 2 * r->nslots : 1)
			    * sizeof *r->slots);
		memmove(r->slots + i + 1, r->slots + i, (r->nslots - i) * sizeof *r->slots);
		r->slots[i] = (struct ctlreport_slot){ .hour = hour };
		r->nslots++;
		i++;
	}
	r->slots[i - 1].n[kind]++;
}

static void
ctlreport_count(struct ctlreport *r, const struct ctlreport_line *l)
{
	enum ctlreport_series kind = ctlreport_kind(l);

	r->messages++;
	r->bytes += l->size;
	ctlcount_add(&r->outcomes, l->outcome);
	ctlcount_add(&r->verdicts, l->scan);
	if (l->virus.len)
		ctlcount_add(&r->viruses, l->virus);
	if (l->rule.len)
		ctlcount_add(&r->rules, l->rule);
	if (l->folder.len)
		ctlcount_add(&r->folders, ctlreport_folder(l->folder));
	if (l->time) {
		ctlreport_slot(r, l->time, kind);
		r->first = r->first && r->first < l->time ? r->first : l->time;
		r->last = r->last > l->time ? r->last : l->time;
	}
	for (int i = 0; i < CTLREPORT_STAGES; i++)
		if (l->stages[i] >= 0) {
			r->stages[i].ms += l->stages[i];
			r->stages[i].n++;
		}
	if (l->ms < 0 || r->ntimes == CTLREPORT_TIMES)
		return;
	if ((r->ntimes & (r->ntimes - 1)) == 0)
		r->times = mem_resize(r->times, (r->ntimes ? 2 * r->ntimes : 1) * sizeof *r->times);
	r->times[r->ntimes++] = (unsigned)l->ms;
}

void
ctlreport_read(struct ctlreport *r, FILE *f)
{
	struct ctlreport_line l;
	struct buf words = BUF_INIT;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (ctlreport_parse(logline_words(line, &words), r->now, &l)
		    && (l.time == 0 || l.time >= r->since))
			ctlreport_count(r, &l);
	}
	buf_clear(&words);
	free(line);
}

static int
ctlreport_compare(const void *a, const void *b)
{
	const unsigned *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void
ctlreport_end(struct ctlreport *r)
{
	if (r->ntimes)
		qsort(r->times, r->ntimes, sizeof *r->times, ctlreport_compare);
}

unsigned
ctlreport_time(const struct ctlreport *r, double share)
{
	size_t i = (size_t)(share * (double)r->ntimes);

	return r->ntimes ? r->times[i < r->ntimes ? i : r->ntimes - 1] : 0;
}

void
ctlreport_clear(struct ctlreport *r)
{
	ctlcount_clear(&r->outcomes);
	ctlcount_clear(&r->verdicts);
	ctlcount_clear(&r->viruses);
	ctlcount_clear(&r->rules);
	ctlcount_clear(&r->folders);
	free(r->slots);
	free(r->times);
}
