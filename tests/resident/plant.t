#!/bin/sh
# plant.t: a scanner of bivalved that a message has taken over can do nothing; a message that ends
# its scanner is put off, and then unscannable.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

[ -z "${SAN-}" ] || skip_all "a sanitizer's library must come first"
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
${CC:-cc} -O1 -D_GNU_SOURCE -shared -fPIC -o "$T/plant.so" "$TOP/tests/resident/plant.c" -ldl ||
    skip_all "the library does not compile"

# ---- a kernel without Landlock
printf '#!/bin/sh\nLD_PRELOAD=%s PLANT_OLD=1 exec %s "$@"\n' "$T/plant.so" "$B/bivalve-scan" >"$T/old"
chmod 755 "$T/plant.so" "$T/old"
printf 'From: a@example.org\nSubject: clean\n\nhello\n' >"$T/clean"
resident_conf "scanner = $T/old"
ok 'bivalved serves without Landlock' resident_start
for n in 1 2 3; do
	status 0 "message $n is scanned and delivered" deliver "$T/clean"
done
is "$(grep -c 'no Landlock' "$T/bivalved.log")" 1 'the log says once what is missing'
resident_stop

# A file of scan_user's, with which a scanner has no business.
user_dir "$T/own"
cat >"$T/scanner" <<X
#!/bin/sh
LD_PRELOAD=$T/plant.so PLANT_OWN=$T/own exec $B/bivalve-scan "\$@"
X
chmod 755 "$T/scanner"
resident_conf "scanner = $T/scanner" 'scan_timeout = 1' 'grace = 1'
ok 'bivalved serves' resident_start

# planted WHAT: the message, as a file
planted() {
	printf 'From: a@example.org\nSubject: s\nPlant: %s\n\nx\n' "$1" >"$T/message"
	echo "$T/message"
}

# fate WHAT: how its first scanner ended
fate() {
	: >"$T/bivalved.log"
	deliver "$(planted "$1")" 2>/dev/null
	fate_status=$?
	fate_n=0
	# It is tried twice.
	until [ "$(grep -c 'ended with' "$T/bivalved.log")" -ge 2 ] || [ "$fate_n" -gt 300 ]; do
		fate_n=$((fate_n + 1))
		sleep 0.1
	done
	grep -o 'scanner [0-9]* ended with.*' "$T/bivalved.log" | head -n 1 |
	    sed 's/.*ended with //'
	return $fate_status
}

status 0 'a planted library that does nothing changes nothing' deliver "$T/clean"

sys='signal 31' acces="status $((100 + 13))" perm="status $((100 + 1))"
for deed in "read:$acces" "write:$acces" "directory:$acces" "proc:$acces" "mode:status 100" \
    "name:$acces" "link:$sys" "message:$perm" "socket:$sys" "pair:$sys" \
    "exec:$sys" "fork:$sys" "kill:$sys" "thread-kill:$sys" "owner:$sys" "ptrace:$sys" \
    "code:$sys" "limit:$sys" "say-unknown:signal 9" "say-short:signal 9" "say-done:signal 9" \
    "say-much:signal 9"; do
	got=$(fate "${deed%%:*}")
	is "$got $?" "${deed#*:} 75" "planted in a scanner, ${deed%%:*}: the mail is deferred"
done
# These have to be waited for.
: >"$T/bivalved.log"
for deed in say-on say-over; do
	cp "$(planted "$deed")" "$T/$deed"
	deliver "$T/$deed" 2>/dev/null &
done
wait_n=0
until [ "$(grep -c 'ended with' "$T/bivalved.log")" -ge 4 ] || [ "$wait_n" -gt 900 ]; do
	wait_n=$((wait_n + 1))
	sleep 0.1
done
is "$(grep -o 'ended with.*' "$T/bivalved.log" | uniq -c | tr -s ' ')" ' 4 ended with signal 9' \
    'planted in a scanner, questions without end, or none: it is ended'
is "$(stat -c %a "$T/own")" 755 "no mode is changed, whatever it is told"
is "$(pids engine | wc -l)" 1 "the engine is there"
resident_is engines_died 0
status 0 'and serves' deliver "$T/clean"

# ---- a message that ends its scanners
got=$(fate endless)
is "$got $?" 'signal 14 75' "a scan without end is ended"
got=$(fate crash)
is "$got $?" 'signal 11 75' "a message that crashes its scanner is deferred"
fate_n=0
until grep -q 'has ended its scanner 2 times' "$T/bivalved.log" || [ "$fate_n" -gt 100 ]; do
	fate_n=$((fate_n + 1))
	sleep 0.1
done
like "$(cat "$T/bivalved.log")" 'has ended its scanner 2 times' "and remembered"
died=$(grep -c 'ended with' "$T/bivalved.log")
status 0 "brought again it is unscannable" deliver "$(planted crash)"
is "$(grep -c '^Plant: crash' "$T/box/unscannable")" 1 "and goes where the recipe says"
is "$(grep -c 'ended with' "$T/bivalved.log")" "$died" "without another scanner's death"
printf 'From: a@example.org\nSubject: other\nPlant: crash\n\nx\n' >"$T/other"
status 75 "another message is another one" deliver "$T/other"

# ---- a scanner reads on when the delivery that asked has ended, and another message has come
# works PID: it has used a fifth of a second
works() {
	[ "$(awk '{ print $14 }' "/proc/$1/stat" 2>/dev/null || echo 0)" -ge 20 ]
}

resident_stop
resident_conf "scanner = $T/scanner" 'messages_per_scanner = 1' 'scan_timeout = 60'
resident_start
# As if by somebody, and by its own limit.
for signal in KILL ALRM; do
	: >"$T/bivalved.log"
	chmod 755 "$T/own"
	# shellcheck disable=SC2154  # tap.sh sets it
	python3 "$TOP/tests/resident/load.py" "$T/run/lmtp" "$tap_user" \
	    "$(printf 's\r\nPlant: linger')" next >"$T/sent" &
	sender=$!
	linger_n=0 lingering=
	until [ -n "$lingering" ] || [ "$linger_n" -gt 300 ]; do
		linger_n=$((linger_n + 1))
		sleep 0.1
		for pid in $(pids scanner); do
			if works "$pid"; then lingering=$pid; fi
		done
	done
	# shellcheck disable=SC2154  # lib.sh sets it
	delivery=$(for monitor in $(pgrep -P "$resident_pid" -f '^bivalve: LMTP monitor'); do
		pgrep -P "$monitor" -f '^bivalve: delivery'
	done)
	ok 'a delivery waits for its scanner' test -n "$lingering" -a -n "$delivery"
	kill -s "$signal" "$delivery"
	wait "$sender"
	is "$(cat "$T/sent")" '250=1 451=1' "SIG$signal ends it: 451; the next message is taken"
	chmod 700 "$T/own"
	until [ ! -e "/proc/$lingering" ] || [ "$linger_n" -gt 400 ]; do
		linger_n=$((linger_n + 1))
		sleep 0.1
	done
	is "$(grep -o 'ended with.*' "$T/bivalved.log")" 'ended with status 100' \
	    'and the scanner has its message still'
done
done_testing
