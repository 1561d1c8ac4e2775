#!/bin/sh
# lint-text.sh [ROOT]: what no file of ours may contain: notes to oneself, one machine's paths, hosts
# of package registries; in C also blanks at the end of a line, and in src/ lines over 100 columns
# (the tables of unit tests may be wider).
cd "${1:-.}" || exit 1

# Recorded data and these scripts' own lists are left aside.
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	git ls-files -co --exclude-standard
else
	find . -type f ! -path './build/*' | sed 's,^\./,,'
fi | grep -Ev '^(tests/(compat/cases|lint|mail)/|LICENSE$)|\.(eml|ndb|hdb|msg|png|zip)$' |
while read -r file; do
	[ -f "$file" ] && printf '%s\n' "$file"
done | xargs awk '
function bad(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text
	errors++
}

FNR == 1 { c = FILENAME ~ /\.[ch]$/ }

/(^|[^A-Za-z_])(TODO|FIXME|XXX|HACK|NEEDSWORK)([^A-Za-z_]|$)/ {
	bad("a note to oneself: do it, or file an issue")
}
c && tolower($0) ~ /(^|[^a-z_])(stub|not (yet )?implemented|unimplemented)([^a-z_]|$)/ {
	bad("do it, or leave it out")
}
/(^|[^A-Za-z0-9_.])(\/work\/|\/home\/[a-z]+\/src|\/root\/|shared\/(notes|design|compat|lab|testbed|mail|sigs))/ {
	bad("a path of one machine")
}
/(deb|security|ftp)\.[a-z.]*debian\.org|registry\.npmjs|pypi\.org|proxy\.golang/ {
	bad("the host of a package registry: name the package")
}
c {
	line = $0
	columns = 0
	while ((at = index(line, "\t")) > 0) {
		columns += at - 1
		columns += 8 - columns % 8
		line = substr(line, at + 1)
	}
	gsub(/[\200-\277]/, "", line)
	if (FILENAME ~ /^src\// && columns + length(line) > 100)
		bad(columns + length(line) " columns: 100 is the limit")
	if (/[ \t]$/)
		bad("blanks at the end of the line")
}

END { exit errors > 0 }'
