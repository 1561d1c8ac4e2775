#!/bin/sh
# compile-commands.sh OUTPUT FILE...: one entry a source file for clang's tools.  The command, as a
# shell would read it, is in the environment variable TEXT.
set -eu
out=$1
shift
command=$(printf '%s' "$TEXT" | sed 's/\\/\\\\/g; s/"/\\"/g')
{
	sep='['
	for f; do
		printf '%s\n{"directory": "%s", "file": "%s", "command": "%s -c %s"}' \
		    "$sep" "$PWD" "$f" "$command" "$f"
		sep=','
	done
	printf '\n]\n'
} >"$out.$$.tmp"
mv "$out.$$.tmp" "$out"
