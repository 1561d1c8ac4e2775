/*
 * clock.h - time that only goes forward, for limits and measurements.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds, microseconds since some moment; not changed by setting the clock. */
int64_t clock_ms(void);
int64_t clock_us(void);

#endif
