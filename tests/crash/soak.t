#!/bin/sh
# soak.t: some hundred messages through one bivalved leave no descriptor, process or file behind.
# tests/crash/soak by itself takes 100 000.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need python3
for program in bivalve bivalve-scan bivalved; do
	[ -x "$B/$program" ] || skip_all "$program is not built"
done
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
here=$(cd "$(dirname "$0")" && pwd)

B=$B python3 "$here/soak" -n "${MESSAGES:-300}" -r 3 >"$T/table"
result=$?
diag "$(cat "$T/table")"
is $result 0 "all arrive where they belong, and nothing grows"
done_testing
