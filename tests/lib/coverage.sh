#!/bin/sh
# coverage.sh DIR: lines of each source file that the tests reached, from the objects in DIR.
set -eu
find "$1" -name '*.gcno' ! -path '*/tests/*' | sort | while read -r notes; do
	gcov -n -o "${notes%/*}" "$notes" 2>/dev/null
done | awk '
	/^File / { file = $2; gsub(/\047/, "", file); next }
	/^Lines executed:/ && file ~ /^src\/.*\.c$/ {
		split($0, part, /[:% ]+/)
		percent = part[3]; lines = part[5]
		printf "%6.1f%% of %5d  %s\n", percent, lines, file
		reached += percent * lines / 100; all += lines; file = ""
	}
	END { if (all) printf "%6.1f%% of %5d  in all\n", 100 * reached / all, all }'
