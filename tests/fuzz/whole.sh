#!/bin/sh
# tests/fuzz/whole.sh DIR SECONDS: AFL++ on the whole of bivalve, with ASan and UBSan: a message on
# standard input, the recipes in whole.rc, mailboxes in a scratch directory.  Needs afl++ (Debian's
# package of that name).  What it learns is in DIR/out, findings in DIR/out/default/crashes.
set -eu

dir=${1:?"usage: whole.sh DIR SECONDS"} seconds=${2:?"usage: whole.sh DIR SECONDS"}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$dir/seeds" "$dir/home"
dir=$(cd "$dir" && pwd)
make -C "$here/../.." -s -j2 CC=afl-clang-fast SAN=address,undefined B="$dir/build" \
    "$dir/build/bivalve" "$dir/build/bivalve-scan" >"$dir/make.log" 2>&1 || {
	tail -n 20 "$dir/make.log"
	exit 1
}
mkdir -p "$dir/build/sanitizer"
for f in "$here"/corpus/message/* "$here"/corpus/mime/* "$here"/../demo/messages/*.eml; do
	[ "$(wc -c <"$f")" -gt 8192 ] || cp "$f" "$dir/seeds/${f##*/}"
done
sed '/^#/d' "$here/whole.rc" >"$dir/home/rc"
chmod 644 "$dir/home/rc"

# No recipes are run with root's rights.
as_user=
if [ "$(id -u)" -eq 0 ]; then
	as_user='setpriv --reuid=nobody --regid=nogroup --clear-groups --'
	chown -R nobody:nogroup "$dir"
fi
# shellcheck disable=SC2086
env HOME="$dir/home" PATH="$PATH" AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 \
    AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
    $as_user afl-fuzz -V "$seconds" -t 5000 -m none -i "$dir/seeds" -o "$dir/out" -- \
    "$dir/build/bivalve" -t -m HOME="$dir/home" "$dir/home/rc" arg1 arg2 \
    >"$dir/log" 2>&1 </dev/null &
fuzzer=$!
# What is delivered must not fill the disk.
while kill -0 "$fuzzer" 2>/dev/null; do
	sleep 2
	find "$dir/home" -mindepth 1 ! -name rc -delete 2>/dev/null || true
done
grep -E '^(run_time|execs_done|execs_per_sec|corpus_count|bitmap_cvg|saved_crashes|saved_hangs)' \
    "$dir/out/default/fuzzer_stats"
