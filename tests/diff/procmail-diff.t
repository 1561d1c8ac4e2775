#!/bin/sh
# A fixed selection of random rcfiles and messages, through bivalve and procmail (see procmail-diff).
. "$(dirname "$0")/../lib/tap.sh"
[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
need procmail python3
[ -z "${SAN-}" ] || skip_all "too slow to race with procmail under a sanitizer"

# A program that ends without reading its input races with procmail, which then differs from itself
# on a busy machine: what differs in each of three runs is a difference, what comes and goes is not.
here=$(cd "$(dirname "$0")" && pwd)
status=1
for _ in 1 2 3; do
	timeout 90 "$here/procmail-diff" -n 150 -s fixed -t 60 -p "$B/bivalve" >"$T/out" 2>&1
	status=$?
	[ $status -ne 0 ] || break
done
is $status 0 "150 random cases: files, exit status, output, forwards and log as procmail's"
sed 's/^/# /' "$T/out"
done_testing
