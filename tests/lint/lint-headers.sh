#!/bin/sh
# lint-headers.sh [ROOT]: each header compiles alone, and twice, and its guard is DIR_STEM_H.
cd "${1:-.}" || exit 1
COMPILE=${TEXT:-${COMPILE:-cc -std=c11 -Isrc -D_GNU_SOURCE}}
# Not helped by what the command line includes.
command=$(printf '%s' "$COMPILE" | sed 's/-include [^ ]*//; s/-MMD\|-MP\|-O[0-9]//g')
command="$command -U_FORTIFY_SOURCE -Wno-unused-function -fsyntax-only -x c -"

bad=0
for header in src/*/*.h; do
	[ -f "$header" ] || continue
	name=${header#src/}
	guard=$(printf '%s' "$name" | tr '[:lower:]/.-' '[:upper:]___')
	if ! grep -q "^#ifndef $guard\$" "$header"; then
		echo "$header:1: the guard must be $guard"
		bad=1
	fi
	if ! errors=$(printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
	    eval "$command" 2>&1); then
		printf '%s\n' "$errors" | grep -E 'error' | head -n 5
		echo "$header:1: does not compile alone: include what it uses"
		bad=1
	fi
done
exit $bad
