#include "recipe/score.h"

#include <dlfcn.h>
#include <gnu/lib-names.h>
#include <math.h>
#include <string.h>

#include "base/log.h"

/* What is no number stays none, as in procmail: it is neither above nor below anything. */
double
score_clamp(double x)
{
	return x > SCORE_MAX ? SCORE_MAX : x < SCORE_MIN ? SCORE_MIN : x;
}

/* What a series that never ends still adds, from its weight w on: an empty match counts for ever.
 * The score so far takes part, as in procmail: MIN added to more than 0 is not the minimum, and
 * what the next conditions say counts. */
static double
score_series(double w, double x)
{
	if (x > 0 && x < 1)
		return w / (1 - x);
	if (x >= 1 && w != 0)
		return w < 0 ? SCORE_MIN : SCORE_MAX;
	return 0;
}

double
score_matches(double score, double w, double x, struct regex *re, const struct regex_text *text,
    size_t *from, size_t *to)
{
	size_t pos = 0;
	struct regex_match m;

	while (w != 0 && SCORE_MIN < score && score < SCORE_MAX &&
	    regex_next(re, text, &pos, &m)) {
		if (m.from != REGEX_UNSET) {
			*from = m.from;
			*to = m.to;
		}
		score += w;
		if (m.empty)
			return score_clamp(score + score_series(w * x, x));
		/* What a shrinking series has left does not count any more. */
		if (fabs(x) < 1 && fabs(w) < 1)
			break;
		w *= x;
	}
	return score_clamp(score);
}

double
score_count(double score, double w, double x, unsigned long n)
{
	while (n-- > 0) {
		score += w;
		if (score >= SCORE_MAX || score <= SCORE_MIN)
			break;
		w *= x;
	}
	return score_clamp(score);
}

/* pow() without its library at every start: few rcfiles weigh a size, and to load it takes a tenth
 * of the time of a small delivery. Without it nothing is delivered by a wrong score. */
static double
score_power(double base, double exponent)
{
	static double (*power)(double, double);
	void *library, *symbol = NULL;

	if (exponent == 0)
		return 1;
	if (exponent == 1)
		return base;
	if (!power) {
		if ((library = dlopen(LIBM_SO, RTLD_NOW)) != NULL)
			symbol = dlsym(library, "pow");
		if (!symbol)
			fatal("the score of a size cannot be computed: %s", dlerror());
		memcpy(&power, &symbol, sizeof power);
	}
	return power(base, exponent);
}

double
score_length(double score, double w, double x, size_t size, double limit, bool longer)
{
	double over = longer ? (double)size : limit, under = longer ? limit : (double)size;

	if (under == 0)
		return !longer && over <= 0 ? SCORE_MIN : SCORE_MAX;
	return score_clamp(score + w * score_power(over / under, x));
}
