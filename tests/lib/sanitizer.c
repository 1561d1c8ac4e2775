/*
 * sanitizer.c - settings for programs built with SAN=...; linked into each of them.
 *
 * In the program and not in the environment, because a delivery agent runs with an environment
 * that its caller or the test made.  Reports go to files: a test that expects a failing program,
 * or throws its standard error away, would not show them; tests/run looks for the files.
 * SAN_LOG, SAN_LEAKS: from the Makefile.
 */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
const char *__lsan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *
__asan_default_options(void)
{
	return "halt_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1:"
	    "detect_leaks=" SAN_LEAKS ":log_path=" SAN_LOG;
}

const char *
__ubsan_default_options(void)
{
	return "halt_on_error=1:print_stacktrace=1:log_path=" SAN_LOG;
}

/* That something was suppressed is no report. */
const char *
__lsan_default_options(void)
{
	return "print_suppressions=0";
}

/* What these libraries keep for the life of the process; libdb also what it found damaged. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libglib-2.0\nleak:libgmime-3.0\nleak:libcrypto\nleak:libdb-5.3\n";
}
