#!/bin/sh
# restart.t: bivalved's first process is killed at the worst moments, and started again at once.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"
need python3

resident_conf
printf 'From: a@example.org\nSubject: clean\n\nhello\n' >"$T/clean"

# killed: as by the kernel, and waited for
killed() {
	kill -KILL "$resident_pid"
	wait "$resident_pid" 2>/dev/null
}

# ends PID...: waits until they have
ends() {
	for ends_pid; do
		ends_n=0
		while kill -0 "$ends_pid" 2>/dev/null; do
			ends_n=$((ends_n + 1))
			[ "$ends_n" -lt 200 ] || return 1
			sleep 0.1
		done
	done
}

# ---- a session goes on meanwhile ----

ok 'bivalved serves' resident_start
python3 - "$T/run/lmtp" "$T/held" "$T/go" <<'X' &
import os, socket, sys, time
path, held, go = sys.argv[1:]
s = socket.socket(socket.AF_UNIX)
s.connect(path)
s.send(b"LHLO peer\r\n")
s.recv(4000)
with open(held, "w") as f:
    f.write("held")
while not os.path.exists(go):
    time.sleep(0.05)
s.send(b"QUIT\r\n")
said = b""
while chunk := s.recv(4000):
    said += chunk
with open(held, "w") as f:
    f.write(said.decode().split("\r\n")[-2][:3])
X
holder=$!
n=0
while [ ! -s "$T/held" ] && [ $n -lt 100 ]; do
	n=$((n + 1))
	sleep 0.1
done
is "$(cat "$T/held")" held 'a session goes on'
killed
ok 'the next master serves beside it' resident_start
status 0 'mail is scanned and delivered' deliver "$T/clean"
: >"$T/go"
wait "$holder"
is "$(cat "$T/held")" 221 'and the session ends in order'
resident_stop

# ---- the engine loads meanwhile ----

# Ten seconds with the full signatures; here for as long as nobody ends it.
printf '#!/bin/sh\nexec 2>/dev/null\necho $$ >%s/tmp/loading\nexec sleep 300\n' "$T" >"$T/loads"
chmod 755 "$T/loads"
cp "$T/conf" "$T/conf.right"
echo "scanner = $T/loads" >>"$T/conf"
resident_begin
n=0
while [ ! -s "$T/tmp/loading" ] && [ $n -lt 100 ]; do
	n=$((n + 1))
	sleep 0.1
done
loading=$(cat "$T/tmp/loading")
killed
ok 'an engine that loads ends with its master' ends "$loading"
rm "$T/tmp/loading"
mv "$T/conf.right" "$T/conf"
ok 'the next master serves' resident_start
resident_stop

# ---- no room for an engine, for a moment ----

if [ -z "${SAN-}" ]; then
	${CC:-cc} -O2 -D_GNU_SOURCE -shared -fPIC -o "$T/shim.so" "$TOP/tests/crash/shim.c" || exit 1
	export LD_PRELOAD="$T/shim.so"
	for call in socketpair fork; do
		export CRASH_LOG="$T/calls"
		resident_begin
		unset CRASH_LOG
		LD_PRELOAD='' resident_is serving true
		LD_PRELOAD='' resident_stop
		CRASH_AT=$(awk -v call=$call '$1 ~ /^0:/ && $2 == call { print $1; exit }' "$T/calls")
		CRASH_DO=11
		export CRASH_AT CRASH_DO
		resident_begin
		unset CRASH_AT CRASH_DO
		LD_PRELOAD='' resident_is serving true
		is $? 0 "a $call that fails is tried again"
		LD_PRELOAD='' resident_stop
		rm "$T/calls"
	done
	unset LD_PRELOAD
else
	skip 'an engine is tried again' "a sanitizer's library must come first, and so must ours"
fi
resident_pid=
is "$(find "$T/tmp" -mindepth 1 | wc -l)" 0 'no temporary file is left'
done_testing
