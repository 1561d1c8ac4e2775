#!/bin/sh
# coverage.sh begin DIR PROGRAM...: makes empty counters for the programs in DIR (built with COV=1),
# into which a process of any user may count.
# coverage.sh show DIR PROGRAM...: lines of each source file and directory that the tests reached.
# DIR/lines then names each line of src/ that none of them did.
set -eu

verb=$1 dir=$2
shift 2

begin() {
	rm -rf "$dir/counters"
	mkdir -p "$dir/counters"
	chmod 1777 "$dir/counters"
	for program; do
		# With --help each says how it is called and does nothing.
		(umask 0 && "$dir/$program" --help) </dev/null >/dev/null 2>&1 || :
	done
}

# The lines of src/ and how often each was run: "FILE:LINE COUNT".
count() {
	rm -f "$dir/counters/all"
	llvm-profdata merge -sparse -o "$dir/counters/all" "$dir"/counters/*.profraw
	first=$dir/$1
	shift
	for program; do
		set -- "$@" -object "$dir/$program"
		shift
	done
	for test in "$dir"/unit/test-*; do
		[ ! -x "$test" ] || set -- "$@" -object "$test"
	done
	llvm-cov export -format=lcov -instr-profile="$dir/counters/all" "$first" "$@" |
	    awk -F '[:,]' -v top="SF:$PWD/" '
		/^SF:/ {
			file = index($0, top "src/") == 1 && /\.c$/ ? substr($0, length(top) + 1) : ""
		}
		/^DA:/ && file { print file ":" $2, $3 }'
}

show() {
	count "$@" >"$dir/lines.all"
	awk '$2 == 0 { print $1 }' "$dir/lines.all" >"$dir/lines"
	awk -F '[: ]' '
		{
			parts = split($1, part, "/")
			of[part[2]]++; of[$1]++; of["in all"]++
			if ($3 > 0) { got[part[2]]++; got[$1]++; got["in all"]++ }
		}
		END {
			for (name in of)
				printf "%d %s\t%6.1f%% of %5d  %s\n", name ~ /^src/ ? 1 : name ~ / / ? 3 : 2,
				    name, 100 * got[name] / of[name], of[name], name
		}' "$dir/lines.all" | sort | cut -f 2
}

"$verb" "$@"
