#!/bin/sh
# lint-symbols.sh [ROOT]: an external symbol of foo.c is foo_something, or the descriptor DIR_foo of
# its directory's table (act_maildir in act/maildir.c).  The exceptions are in symbols.allow.  File
# stems are unique, so that a symbol's name says where it is defined.  Looks at the objects in $B.
allow=$(cd "$(dirname "$0")" && pwd)/symbols.allow
cd "${1:-.}" || exit 1
B=${B:-build/cc}
command -v nm >/dev/null || { echo "no nm here"; exit 77; }

find src -name '*.c' | sort | awk -F / '
	{ stem = $NF; if (stem in first) {
		print $0 ":1: " first[stem] " has the same name: rename one"; bad = 1 }
	  first[stem] = $0 }
	END { exit bad }' || bad=1

found=$(find src -name '*.c' | sort | while read -r file; do
	object=${file#src/}
	object=$B/${object%.c}.o
	[ -f "$object" ] || continue
	nm -g -P --defined-only "$object" | awk -v file="$file" '{ print file, $1 }'
done | awk -v allow="$allow" '
	BEGIN {
		while ((getline line <allow) > 0)
			if (line !~ /^#/ && split(line, f, /[ \t]+/) >= 2)
				exception[f[1]] = "^(" f[2] ")$"
	}
	{
		n = split($1, path, "/")
		file = path[n - 1] "/" path[n]
		stem = path[n]
		sub(/\.c$/, "", stem)
		gsub(/-/, "_", stem)
		if (index($2, stem "_") == 1 || $2 == stem || $2 == "main" ||
		    $2 == path[n - 1] "_" stem || $2 ~ /^(__gcov|__asan|__odr_asan|__ubsan)/)
			next
		if (file in exception && $2 ~ exception[file])
			next
		print $1, $2, stem
	}')
[ -z "$found" ] || bad=1
printf '%s\n' "$found" | while read -r file symbol stem; do
	[ -n "$symbol" ] || continue
	line=$(grep -nE "^([a-z].*[ *])?$symbol *[][(=;,]" "$file" | head -n 1 | cut -d: -f1)
	echo "$file:${line:-1}: $symbol is external: make it static, or name it ${stem}_..."
done
exit "${bad-0}"
