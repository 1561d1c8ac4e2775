#!/bin/sh
# lint-shell.sh [ROOT]: shellcheck has nothing to say about our shell scripts.
cd "${1:-.}" || exit 1
command -v shellcheck >/dev/null || { echo "no shellcheck here"; exit 77; }

# SC1091: it need not follow what is included.  SC2016: awk programs, given by xargs.  SC1007, SC2028:
# "a= b=" and an echo of backslashes are meant.
check='shellcheck -f gcc -e SC1091,SC2016,SC1007,SC2028'

list=$(find tests .ci recipes -type f ! -path 'tests/compat/cases/*' 2>/dev/null | sort |
    while read -r file; do
	case $(head -c 40 "$file" | head -n 1 | tr -d '\000'):$file in
	'#!/bin/bash'* | '#!/usr/bin/env bash'*) echo "bash:$file" ;;
	'#!/bin/sh'* | *.sh) echo "sh:$file" ;;
	esac
done)
# shellcheck disable=SC2046  # lists of words
for shell in sh bash; do
	set -- $(printf '%s\n' "$list" | sed -n "s/^$shell://p")
	[ $# -eq 0 ] || $check -s $shell "$@" || bad=1
done
exit "${bad-0}"
