/*
 * title.h - what ps(1) shows of a process: its role in place of its command line.
 */
#ifndef BASE_TITLE_H
#define BASE_TITLE_H

/* First thing in main: moves arguments and environment away and keeps their room for titles.
 * argv's strings are copies afterwards, and stay. */
void title_init(int argc, char **argv);
/* "program: what"; cut to the room there is.  Does nothing before title_init. */
void title_set(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
