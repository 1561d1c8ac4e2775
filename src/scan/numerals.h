/*
 * numerals.h - sscanf(3) as libclamav needs it.
 *
 * libclamav reads the expression of each logical signature anew for each layer of a message, number
 * by number, with sscanf: 80 000 times for a small mail with the official signatures, which was a
 * third of the time of its scan.  The program's own sscanf (the dynamic linker prefers it to the C
 * library's) reads a plain number of up to nine digits by itself, in a twentieth of the time, and
 * asks the C library for all else, so that it answers what the C library would.
 */
#ifndef SCAN_NUMERALS_H
#define SCAN_NUMERALS_H

/* sscanf of the dialect before C99, the one that libclamav is compiled for. Where it is compiled
 * for another it calls by another name, and gets the C library's. */
int numerals_sscanf(const char *text, const char *format, ...) __asm__("sscanf");

#endif
