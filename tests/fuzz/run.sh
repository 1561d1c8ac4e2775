#!/bin/sh
# tests/fuzz/run.sh DIR SECONDS [TARGET...]: fuzzes the targets that build.sh put into DIR, one after
# the other, each for so long, and prints a row for each.  Starts from the corpus in the tree and
# what earlier runs have left in DIR/new; findings are in DIR/found, what was said in DIR/log.
set -u
dir=${1:?"usage: run.sh DIR SECONDS [TARGET...]"} seconds=${2:?"usage: run.sh DIR SECONDS [TARGET...]"}
shift 2
corpora=$(cd "$(dirname "$0")" && pwd)/corpus
if [ $# -eq 0 ]; then
	for program in "$dir"/fuzz-*; do
		set -- "$@" "${program##*/fuzz-}"
	done
fi

# The last figure that libFuzzer printed behind a word.
figure() {
	sed -n "s/.* $1: *\([0-9]*\).*/\1/p" "$log" | tail -n 1
}

printf '%-10s %7s %11s %7s %8s\n' target seconds executions edges findings
for target; do
	log=$dir/log/$target
	mkdir -p "$dir/new/$target" "$dir/found/$target" "$dir/log"
	began=$(date +%s)
	"$dir/fuzz-$target" -max_len=65536 -timeout=20 -rss_limit_mb=1500 -max_total_time="$seconds" \
	    -artifact_prefix="$dir/found/$target/" -print_final_stats=1 \
	    "$dir/new/$target" "$corpora/$target" >"$log" 2>&1 </dev/null
	printf '%-10s %7d %11s %7s %8d\n' "$target" $(($(date +%s) - began)) \
	    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$(figure cov)" \
	    "$(find "$dir/found/$target" -type f | wc -l)"
done
