#!/bin/sh
# lint-banned.sh [ROOT]: functions that must not be called, or only from one place; banned.txt lists
# them with what to use instead.  Comments and string literals are left aside.
list=$(cd "$(dirname "$0")" && pwd)/banned.txt
cd "${1:-.}" || exit 1

find src -name '*.[ch]' ! -path src/base/banned.h | sort | xargs awk -v list="$list" '
BEGIN {
	while ((getline line <list) > 0)
		if (line !~ /^#/ && split(line, f, "\t") == 3) {
			n++
			call[n] = "(^|[^A-Za-z0-9_])(" f[1] ")[ \t]*\\("
			where[n] = f[2] == "-" ? "" : "^src/(" f[2] ")"
			instead[n] = f[3]
			all = all (all ? "|" : "") f[1]
		}
	all = "(^|[^A-Za-z0-9_])(" all ")[ \t]*\\("
}

FNR == 1 { comment = 0 }

{
	text = $0
	gsub(/\\./, "", text)
	gsub(/"[^"]*"/, "\"\"", text)
	if (comment) {
		if (!match(text, /\*\//))
			next
		text = substr(text, RSTART + 2)
		comment = 0
	}
	gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, " ", text)
	sub(/\/\/.*/, "", text)
	if (match(text, /\/\*/)) {
		text = substr(text, 1, RSTART - 1)
		comment = 1
	}
	gsub(/signal\(SIG[A-Z0-9]+, SIG_(DFL|IGN)\)/, "", text)   # sets no handler
	if (text !~ all)
		next
	for (i = 1; i <= n; i++)
		if (text ~ call[i] && (where[i] == "" || FILENAME !~ where[i])) {
			match(text, call[i])
			name = substr(text, RSTART, RLENGTH)
			gsub(/[^A-Za-z0-9_]/, "", name)
			printf "%s:%d: %s: %s\n", FILENAME, FNR, name, instead[i]
			errors++
		}
}

END { exit errors > 0 }'
