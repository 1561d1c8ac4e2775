/*
 * ctlhtml.c - the report as one page: no script, nothing from elsewhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tools/ctlreport.h"
#include "tools/ctlterm.h"

#define CTLHTML_WIDTH 760      /* of a chart, in its own units */
#define CTLHTML_HEIGHT 200
#define CTLHTML_BARS 60        /* of the chart over time, at most */
#define CTLHTML_STEPS 16       /* powers of two of milliseconds */

static const char ctlhtml_style[] =
    "<style>\n"
    ":root{--ink:#1d2733;--dim:#5c6b7a;--line:#d8dee6;--page:#fff;--card:#f6f8fa;"
    "--s0:#4c8bbf;--s1:#c0392b;--s2:#d69a2d;--s3:#8a93a0}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6ebf1;--dim:#9aa7b5;--line:#39434f;"
    "--page:#12171d;--card:#1b222a;--s0:#5f9fd4;--s1:#e06a5e;--s2:#e0b050;--s3:#7d8794}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);"
    "max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .5rem}"
    "p{color:var(--dim);margin:.2rem 0 1rem}\n"
    ".n{display:flex;flex-wrap:wrap;gap:.75rem}.n div{background:var(--card);border:1px solid "
    "var(--line);border-radius:6px;padding:.6rem 1rem;min-width:7rem}.n b{display:block;"
    "font-size:1.4rem}.n span{color:var(--dim);font-size:.85rem}\n"
    "svg{width:100%;height:auto;display:block}text{fill:var(--dim);font-size:11px}\n"
    ".w{overflow-x:auto}.w svg{min-width:40rem}\n"
    ".s0{fill:var(--s0)}.s1{fill:var(--s1)}.s2{fill:var(--s2)}.s3{fill:var(--s3)}"
    ".grid{stroke:var(--line)}\n"
    "table{border-collapse:collapse;width:100%}td{padding:.2rem .5rem .2rem 0;border-bottom:1px "
    "solid var(--line);vertical-align:middle}td.c{text-align:right;width:4rem;"
    "font-variant-numeric:tabular-nums}td.b{width:40%}td.t{overflow-wrap:anywhere}\n"
    ".k span{margin-right:1rem;white-space:nowrap}.k i{display:inline-block;width:.8em;height:.8em;"
    "border-radius:2px;margin-right:.35em}\n"
    "</style>\n";

/* A stranger's text as text of the page. */
static void
ctlhtml_text(struct buf *out, const char *text)
{
	struct buf clean = BUF_INIT;

	ctlterm_text(&clean, bytes_of(text));
	for (const char *p = clean.p; *p; p++) {
		if (strchr("<>&\"'", *p))
			buf_printf(out, "&#%d;", *p);
		else
			buf_byte(out, *p);
	}
	buf_clear(&clean);
}

static void
ctlhtml_when(struct buf *out, time_t t)
{
	char text[64] = "";
	struct tm tm;

	if (t && localtime_r(&t, &tm))
		strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm);
	buf_str(out, text);
}

static void
ctlhtml_number(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "<div><b>%s</b><span>%s</span></div>\n", value, name);
}

static unsigned long
ctlhtml_series(const struct ctlreport *r, enum ctlreport_series s)
{
	unsigned long n = 0;

	for (size_t i = 0; i < r->nslots; i++)
		n += r->slots[i].n[s];
	return n;
}

static void
ctlhtml_numbers(const struct ctlreport *r, struct buf *out)
{
	char text[32];

	buf_str(out, "<div class=\"n\">\n");
	snprintf(text, sizeof text, "%lu", r->messages);
	ctlhtml_number(out, "deliveries", text);
	snprintf(text, sizeof text, "%.1f MB", (double)r->bytes / 1e6);
	ctlhtml_number(out, "in all", text);
	snprintf(text, sizeof text, "%lu", ctlhtml_series(r, CTLREPORT_MALWARE));
	ctlhtml_number(out, "with malware", text);
	snprintf(text, sizeof text, "%lu", ctlhtml_series(r, CTLREPORT_DEFERRED));
	ctlhtml_number(out, "deferred or failed", text);
	snprintf(text, sizeof text, "%u ms", ctlreport_time(r, 0.5));
	ctlhtml_number(out, "median", text);
	snprintf(text, sizeof text, "%u ms", ctlreport_time(r, 0.99));
	ctlhtml_number(out, "99 of 100 below", text);
	buf_str(out, "</div>\n");
}

/* ---- deliveries over time ---- */

struct ctlhtml_bars {
	unsigned long n[CTLHTML_BARS][CTLREPORT_SERIES], most;
	size_t count;
	time_t step, from;
};

/* Hours, or as many of them together as make CTLHTML_BARS bars at most. */
static void
ctlhtml_collect(const struct ctlreport *r, struct ctlhtml_bars *b)
{
	static const int steps[] = { 1, 2, 3, 6, 12, 24, 48, 168, 720, 8760 };
	time_t span;
	size_t k = 0;

	memset(b, 0, sizeof *b);
	if (r->nslots == 0)
		return;
	b->from = r->slots[0].hour;
	span = r->slots[r->nslots - 1].hour - b->from;
	while (k + 1 < sizeof steps / sizeof steps[0] && span / (3600L * steps[k]) >= CTLHTML_BARS)
		k++;
	b->step = 3600L * steps[k];
	for (size_t i = 0; i < r->nslots; i++) {
		size_t at = (size_t)((r->slots[i].hour - b->from) / b->step);
		unsigned long sum = 0;

		if (at >= CTLHTML_BARS)
			continue;
		for (int s = 0; s < CTLREPORT_SERIES; s++)
			sum += b->n[at][s] += r->slots[i].n[s];
		b->most = sum > b->most ? sum : b->most;
		b->count = at + 1;
	}
}

static void
ctlhtml_grid(struct buf *out, unsigned long most)
{
	for (int i = 0; i <= 2; i++) {
		int y = 10 + (CTLHTML_HEIGHT - 40) * i / 2;

		buf_printf(out, "<line class=\"grid\" x1=\"40\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>"
		    "<text x=\"34\" y=\"%d\" text-anchor=\"end\">%lu</text>\n", CTLHTML_WIDTH, y, y,
		    y + 4, most * (unsigned long)(2 - i) / 2);
	}
}

static void
ctlhtml_bar(const struct ctlhtml_bars *b, size_t i, struct buf *out)
{
	double width = (CTLHTML_WIDTH - 44.0) / (double)b->count;
	double x = 42 + width * (double)i, y = CTLHTML_HEIGHT - 30;

	buf_str(out, "<g><title>");
	ctlhtml_when(out, b->from + (time_t)i * b->step);
	for (int s = 0; s < CTLREPORT_SERIES; s++)
		if (b->n[i][s])
			buf_printf(out, ", %s: %lu",
			    ctlreport_series_name((enum ctlreport_series)s), b->n[i][s]);
	buf_str(out, "</title>");
	for (int s = 0; s < CTLREPORT_SERIES; s++) {
		double h = (CTLHTML_HEIGHT - 40.0) * (double)b->n[i][s] / (double)b->most;

		if (h <= 0)
			continue;
		y -= h;
		buf_printf(out, "<rect class=\"s%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
		    "height=\"%.1f\"/>", s, x, y, width > 30 ? 28 : width * 0.85, h);
	}
	buf_str(out, "</g>\n");
}

static void
ctlhtml_time_chart(const struct ctlreport *r, struct buf *out)
{
	struct ctlhtml_bars b;

	ctlhtml_collect(r, &b);
	if (b.count == 0)
		return;
	buf_str(out, "<h2>Deliveries</h2>\n<p class=\"k\">");
	for (int s = 0; s < CTLREPORT_SERIES; s++)
		buf_printf(out, "<span><i style=\"background:var(--s%d)\"></i>%s</span>", s,
		    ctlreport_series_name((enum ctlreport_series)s));
	buf_printf(out, "</p>\n<div class=\"w\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
	    "aria-label=\"deliveries over time\">\n", CTLHTML_WIDTH, CTLHTML_HEIGHT);
	ctlhtml_grid(out, b.most);
	for (size_t i = 0; i < b.count; i++)
		ctlhtml_bar(&b, i, out);
	buf_printf(out, "<text x=\"42\" y=\"%d\">", CTLHTML_HEIGHT - 12);
	ctlhtml_when(out, r->first);
	buf_printf(out, "</text><text x=\"%d\" y=\"%d\" text-anchor=\"end\">", CTLHTML_WIDTH,
	    CTLHTML_HEIGHT - 12);
	ctlhtml_when(out, r->last);
	buf_str(out, "</text></svg></div>\n");
}

/* ---- how long it took ---- */

static size_t
ctlhtml_step(unsigned ms)
{
	size_t step = 0;

	for (; ms > 0 && step + 1 < CTLHTML_STEPS; ms /= 2)
		step++;
	return step;
}

static void
ctlhtml_latency_chart(const struct ctlreport *r, struct buf *out)
{
	unsigned long n[CTLHTML_STEPS] = { 0 }, most = 0;
	double width = (CTLHTML_WIDTH - 44.0) / CTLHTML_STEPS;

	if (r->ntimes == 0)
		return;
	for (size_t i = 0; i < r->ntimes; i++) {
		size_t step = ctlhtml_step(r->times[i]);

		most = ++n[step] > most ? n[step] : most;
	}
	buf_printf(out, "<h2>How long a delivery took</h2>\n<div class=\"w\">"
	    "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"latency\">\n",
	    CTLHTML_WIDTH, CTLHTML_HEIGHT);
	ctlhtml_grid(out, most);
	for (size_t i = 0; i < CTLHTML_STEPS; i++) {
		double h = (CTLHTML_HEIGHT - 40.0) * (double)n[i] / (double)most;
		unsigned long ms = 1ul << i;

		buf_printf(out, "<g><title>below %lu ms: %lu</title><rect class=\"s0\" x=\"%.1f\" "
		    "y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/></g><text x=\"%.1f\" y=\"%d\" "
		    "text-anchor=\"middle\">&lt;%lu%s</text>\n", ms, n[i],
		    42 + width * (double)i, CTLHTML_HEIGHT - 30 - h, width * 0.85, h,
		    42 + width * ((double)i + 0.45), CTLHTML_HEIGHT - 14,
		    ms < 1000 ? ms : ms / 1000, ms < 1000 ? "" : " s");
	}
	buf_str(out, "</svg></div>\n<p>milliseconds, and from 1 s on seconds</p>\n");
}

/* ---- tables ---- */

static void
ctlhtml_table(const struct ctlcount *c, const char *title, int series, struct buf *out)
{
	size_t n;
	struct ctlcount_name **top = ctlcount_top(c, CTLREPORT_TOP, &n);

	if (n > 0)
		buf_printf(out, "<h2>%s</h2>\n<table>\n", title);
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "<tr><td class=\"c\">%lu</td><td class=\"b\"><svg viewBox=\"0 0 "
		    "100 6\" preserveAspectRatio=\"none\" style=\"height:.7em\" role=\"img\" "
		    "aria-label=\"%lu\"><rect class=\"s%d\" width=\"%.1f\" height=\"6\"/></svg>"
		    "</td><td class=\"t\">", top[i]->n, top[i]->n, series,
		    100.0 * (double)top[i]->n / (double)top[0]->n);
		ctlhtml_text(out, top[i]->name);
		buf_str(out, "</td></tr>\n");
	}
	if (n > 0)
		buf_str(out, "</table>\n");
	free(top);
}

void
ctlhtml_page(const struct ctlreport *r, struct buf *out)
{
	buf_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	    "'unsafe-inline'\">\n<title>bivalve: deliveries</title>\n");
	buf_str(out, ctlhtml_style);
	buf_str(out, "</head>\n<body>\n<h1>bivalve</h1>\n<p>");
	ctlhtml_when(out, r->first);
	buf_str(out, " to ");
	ctlhtml_when(out, r->last);
	buf_str(out, "</p>\n");
	ctlhtml_numbers(r, out);
	ctlhtml_time_chart(r, out);
	ctlhtml_table(&r->outcomes, "What became of them", 0, out);
	ctlhtml_table(&r->verdicts, "Verdicts", 0, out);
	ctlhtml_table(&r->viruses, "Signatures", 1, out);
	ctlhtml_table(&r->rules, "Recipes that decided", 0, out);
	ctlhtml_table(&r->folders, "Destinations", 0, out);
	ctlhtml_latency_chart(r, out);
	buf_str(out, "</body>\n</html>\n");
}
