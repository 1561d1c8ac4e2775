#include "proc/places.h"

static int32_t
places_monitor(const struct places *p, int i)
{
	return __atomic_load_n(&p->monitor[i], __ATOMIC_ACQUIRE);
}

/* How many there are; *of_user_r those of uid. */
static long
places_count(const struct places *p, uint32_t uid, long *of_user_r)
{
	long n = 0, of_user = 0;

	for (int i = 0; i < PLACES_MONITORS; i++) {
		if (places_monitor(p, i) == 0)
			continue;
		for (int k = 0; k < PLACES_DELIVERIES; k++) {
			uint32_t who = __atomic_load_n(&p->uid[i][k], __ATOMIC_SEQ_CST);

			n += who != 0;
			of_user += who == uid;
		}
	}
	*of_user_r = of_user;
	return n;
}

/* The row of a monitor; -1: it has none. */
static int
places_row(const struct places *p, pid_t monitor)
{
	for (int i = 0; i < PLACES_MONITORS; i++)
		if (places_monitor(p, i) == (int32_t)monitor)
			return i;
	return -1;
}

static int
places_own_row(struct places *p, pid_t monitor)
{
	int row = places_row(p, monitor);

	for (int i = 0; row < 0 && i < PLACES_MONITORS; i++) {
		int32_t nobody = 0;

		if (__atomic_compare_exchange_n(&p->monitor[i], &nobody, (int32_t)monitor, false,
		    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			row = i;
	}
	return row;
}

static void
places_set(struct places *p, int row, int place, uint32_t uid)
{
	__atomic_store_n(&p->uid[row][place], uid, __ATOMIC_SEQ_CST);
}

bool
places_any(const struct places *p, long most)
{
	long of_user;

	return places_count(p, 0, &of_user) < most;
}

/* Taken first and counted then: of two at the same time one may be refused too much, but neither
 * gets what is not there. */
enum places_answer
places_take(struct places *p, pid_t monitor, uint32_t uid, long most, long per_user, int *place_r)
{
	int row = places_own_row(p, monitor), place = 0;
	long all, of_user;

	*place_r = -1;
	while (row >= 0 && place < PLACES_DELIVERIES && p->uid[row][place] != 0)
		place++;
	if (row < 0 || place == PLACES_DELIVERIES)
		return PLACES_FULL;
	places_set(p, row, place, uid);
	all = places_count(p, uid, &of_user);
	if (all <= most && of_user <= per_user) {
		*place_r = place;
		return PLACES_TAKEN;
	}
	places_set(p, row, place, 0);
	return all > most ? PLACES_FULL : PLACES_USER_FULL;
}

void
places_give(struct places *p, pid_t monitor, int place)
{
	int row = places_row(p, monitor);

	if (row >= 0 && place >= 0 && place < PLACES_DELIVERIES)
		places_set(p, row, place, 0);
}

void
places_clear(struct places *p, pid_t monitor)
{
	int row = places_row(p, monitor);

	for (int place = 0; row >= 0 && place < PLACES_DELIVERIES; place++)
		places_set(p, row, place, 0);
	if (row >= 0)
		__atomic_store_n(&p->monitor[row], 0, __ATOMIC_RELEASE);
}
