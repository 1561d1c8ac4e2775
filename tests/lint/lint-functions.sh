#!/bin/sh
# lint-functions.sh [ROOT]: no function is longer than 100 lines; says how long they are.
cd "${1:-.}" || exit 1
command -v ctags-universal >/dev/null || { echo "no ctags-universal here (Debian: universal-ctags)"; exit 77; }

find src -name '*.c' | sort | xargs ctags-universal -f - --sort=no --kinds-C=f --fields=ne --excmd=number |
awk -F '\t' '
	{
		start = end = 0
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/) start = substr($i, 6)
			if ($i ~ /^end:/) end = substr($i, 5)
		}
		if (!start || !end)
			next
		lines = end - start + 1
		count[lines]++
		n++
		if (lines > 100) {
			printf "%s:%d: %s has %d lines: cut it, 100 is the limit\n", $2, start, $1, lines
			errors++
		}
	}
	function quantile(q,	i, seen) {
		for (i = 1; i < 10000; i++)
			if ((seen += count[i]) >= q * n)
				return i
	}
	END {
		if (n)
			printf "note: %d functions, median %d lines, 90%% up to %d\n", n,
			    quantile(0.5), quantile(0.9)
		exit errors > 0
	}'
