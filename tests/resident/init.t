#!/bin/sh
# init.t: the init script for systems without systemd.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

[ -x "$B/bivalved" ] || skip_all "bivalved is not built"
resident_conf
cat >"$T/defaults" <<X
DAEMON=$B/bivalved
DAEMON_ARGS="--config $T/conf"
PIDFILE=$T/run/bivalved.pid
X
mkdir -p "$T/run"

init() {
	DEFAULTS=$T/defaults sh "$TOP/recipes/init/bivalved" "$@"
}

trap 'init stop 2>/dev/null; rm -rf "$T"' EXIT

status 3 'it does not run' init status
status 0 'stop is content with that' init stop
status 7 'reload is not' init reload
status 0 'start' init start
pid=$(cat "$T/run/bivalved.pid")
is "$(cat "/proc/$pid/comm")" bivalved 'the pid file has its number'
status 0 'it runs' init status
status 0 'start once more' init start
is "$(cat "$T/run/bivalved.pid")" "$pid" 'changes nothing'
ok 'it serves' resident_is serving true
echo 'Planted.Later:0:*:68656c6c6f' >"$T/signatures/later.ndb"
status 0 'reload' init reload
ok 'loads the signatures' resident_is signatures 8
is "$(cat "$T/run/bivalved.pid")" "$pid" 'in the same process'
status 0 'restart' init restart
not_ok 'ends it' kill -0 "$pid"
status 0 'and starts another' init status
pid=$(cat "$T/run/bivalved.pid")
status 0 'stop' init stop
not_ok 'ends it' kill -0 "$pid"
not_ok 'the pid file is gone' test -e "$T/run/bivalved.pid"
echo $$ >"$T/run/bivalved.pid"
status 1 'a number that is another program'"'"'s now' init status
status 0 'is no hindrance' init start
status 0 'stop' init stop
echo 'no = such key' >>"$T/conf"
status 1 'what cannot start says so' init start
status 2 'another word' init other
done_testing
