#!/bin/sh
# tidy.sh FILE...: clang-tidy and gcc's analyzer over the C files; slow, so not part of make check.
# COMPILE is the compiler's command line.
set -u
bad=0
if command -v clang-tidy >/dev/null; then
	clang-tidy --quiet -p . "$@" 2>/dev/null || bad=1
else
	echo "left out: clang-tidy (Debian package clang-tidy)"
fi
if command -v gcc >/dev/null; then
	for f; do
		eval "gcc ${COMPILE#* } -Wno-error -fanalyzer -c -o /dev/null $f" || bad=1
	done
else
	echo "left out: gcc -fanalyzer (Debian package gcc)"
fi
exit $bad
