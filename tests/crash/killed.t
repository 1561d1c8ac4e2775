#!/bin/sh
# killed.t: any process of bivalved is killed, or stopped for longer than its time limits, while mail
# comes: nothing is lost, torn or passed.  "make bench" kills 200 times.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need python3
for program in bivalve bivalve-scan bivalved; do
	[ -x "$B/$program" ] || skip_all "$program is not built"
done
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
here=$(cd "$(dirname "$0")" && pwd)

B=$B python3 "$here/killed" -n "${KILLS:-30}" >"$T/table"
result=$?
diag "$(cat "$T/table")"
is $result 0 "whatever process is killed: nothing lost, torn, passed, doubled without need or left"
like "$(sed -n 1p "$T/table")" 'engine.*master' "and the engine and the master were among them"

B=$B python3 "$here/killed" -n 8 --stop "${STOP:-6}" >"$T/table"
result=$?
diag "$(cat "$T/table")"
is $result 0 "nor when each is stopped for a while, and the machine as a whole"
done_testing
