#include "scan/numerals.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define NUMERALS_DIGITS 9   /* any number of so many fits into unsigned int */

/* stdio.h's is that of C99, which reads "%as" in another way. */
int numerals_vsscanf(const char *text, const char *format, va_list ap) __asm__("vsscanf");

/* Behind the number that text begins with; NULL when it is the C library's to judge: no digit comes
 * first (but a blank or a sign, perhaps), or too many come. */
static const char *
numerals_read(const char *text, unsigned *number_r)
{
	unsigned number = 0;
	int n;

	for (n = 0; n < NUMERALS_DIGITS && *text >= '0' && *text <= '9'; n++)
		number = number * 10 + (unsigned)(*text++ - '0');
	if (n == 0 || (*text >= '0' && *text <= '9'))
		return NULL;
	*number_r = number;
	return text;
}

/* The numbers of "%u" or "%u,%u", as many as sscanf would find; 0: ask the C library. */
static int
numerals_list(const char *text, const char *format, unsigned number_r[2])
{
	bool pair = strcmp(format, "%u,%u") == 0;

	if (!pair && strcmp(format, "%u") != 0)
		return 0;
	text = numerals_read(text, &number_r[0]);
	if (!text)
		return 0;
	if (!pair || *text != ',')
		return 1;
	return numerals_read(text + 1, &number_r[1]) ? 2 : 0;
}

int
numerals_sscanf(const char *text, const char *format, ...)
{
	unsigned number[2];
	int n = numerals_list(text, format, number);
	va_list ap;

	va_start(ap, format);
	if (n == 0)
		n = numerals_vsscanf(text, format, ap);
	else
		for (int i = 0; i < n; i++)
			*va_arg(ap, unsigned *) = number[i];
	va_end(ap);
	return n;
}
