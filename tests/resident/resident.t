#!/bin/sh
# resident.t: bivalved's scanners serve the exec'd agent; what happens when they do not.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

for python in /usr/bin/python3 "$(command -v python3)" ''; do
	[ -z "$python" ] || ! as_user "$python" -c '' 2>/dev/null || break
done
[ -n "$python" ] || skip_all 'no python3 that an ordinary user may run'

printf 'From: a@example.org\nSubject: clean\n\nhello\n' >"$T/clean"
{
	printf 'From: a@example.org\nSubject: infected\n\n'
	printf 'X5O!P%%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\n'
} >"$T/infected"

ask() {
	as_user "$python" "$T/ask.py" "$T/run/scan" "$@"
}

count() {
	[ -f "$1" ] || { echo 0; return; }
	grep -c '^Subject:' "$1"
}

resident_conf 'scanners = 4' 'scan_queue = 4' 'scan_per_user = 6' 'scan_wait = 3'

# ---- not there ----

status 75 'no resident, and one is required: deferred' deliver "$T/clean"
sed 's/^require_resident = yes/require_resident = no/' "$T/conf" >"$T/conf.own"
mv "$T/conf" "$T/conf.keep" && mv "$T/conf.own" "$T/conf"
status 0 'no resident, and none is required: a scanner of our own' deliver "$T/infected"
is "$(count "$T/box/infected")" 1 'it finds what is to be found'
mv "$T/conf.keep" "$T/conf"
rm -f "$T/box/infected"

# ---- there ----

ok 'bivalved serves' resident_start
is "$(pids engine | wc -l)" 1 'one engine'
is "$(pids scanner | wc -l)" 2 'two scanners wait'
if [ "$(id -u)" -eq 0 ]; then
	is "$(ps -o user= -p "$(pids engine)")" nobody 'the engine is scan_user'
	is "$(ps -o user= -p "$(pids scanner | head -n 1)")" nobody 'so is a scanner'
else
	skip 'the engine is scan_user' 'needs root'
	skip 'so is a scanner' 'needs root'
fi
is "$(grep -h Seccomp: /proc/"$(pids scanner | head -n 1)"/status | tr -d '\t')" Seccomp:2 \
    'a scanner that waits is in the sandbox already'
is "$(stat -c %a "$T/run/scan" "$T/run/lmtp" | tr '\n' ' ')" '666 600 ' 'who may connect'
status 0 'clean mail' deliver "$T/clean"
status 0 'infected mail' deliver "$T/infected"
is "$(count "$T/box/inbox") $(count "$T/box/infected")" '1 1' 'each in its place'
resident_is infected 1
is "$(resident_value clean) $(resident_value died)" '1 0' 'counted'
like "$("$B/bivalvectl" status --config "$T/conf")" '^scans .* 1 clean, 1 infected' \
    'bivalvectl status shows it'

# ---- clients that misbehave ----

# hold COMMAND N: until let_go
hold() {
	rm -f "$T/hold"
	mkfifo "$T/hold"
	ask "$@" <"$T/hold" >"$T/held" &
	holder=$!
	exec 7>"$T/hold"
	hold_n=0
	while [ ! -s "$T/held" ] && [ "$hold_n" -lt 100 ]; do
		hold_n=$((hold_n + 1))
		sleep 0.1
	done
}

let_go() {
	exec 7>&-
	wait "$holder"
}

cp "$TOP/tests/resident/ask.py" "$T/ask.py"
hold silent 5
status 0 'beside silent connections mail is scanned' deliver "$T/clean"
let_go
hold idle 6
resident_is busy 3
is "$(resident_value members)" 4 'one user leaves scanners to others'
is "$(ask scan "$T/clean")" busy 'over the limit of one user: busy at once'
status 75 'bivalve defers then' deliver "$T/clean"
let_go
resident_is busy 0
status 0 'and is served again afterwards' deliver "$T/clean"

# ---- a peer that says nonsense ----

"$python" -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.send(b"nonsense" * 100)' "$T/run/scan"
is "$(ask scan "$T/infected")" infected 'nonsense on the socket ends nobody but its scanner'
is "$(pids engine | wc -l)" 1 'the engine is there'

# ---- scanners that die ----

as_user sh -c "cat >'$T/box/slow.py'" <<'END'
import array, os, signal, socket, sys
sys.argv = ["", sys.argv[1], "x", "x"]
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
fd = os.memfd_create("m")
os.write(fd, open(os.environ["MESSAGE"], "rb").read() + b"x" * 30000000)
s.sendmsg([b"F"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
assert s.recv(1) == b"R"
s.send(b"S")
os.ftruncate(fd, 4096)      # the file goes away below the scanner's feet
print("gone" if not s.recv(5) else "answer")
END
cp "$T/clean" "$T/box/message" && chmod 644 "$T/box/message"
is "$(as_user env MESSAGE="$T/box/message" "$python" "$T/box/slow.py" "$T/run/scan")" gone \
    'a file cut while it is read ends its scanner only'
resident_is died 1
resident_is killed_turn 0
is "$(ask scan "$T/clean")" clean 'the next message is scanned'

# ---- reload ----

old=$(pids engine)
printf 'This is no signature\n' >"$T/signatures/broken.ndb"
kill -HUP "$resident_pid"
ok 'a broken set is refused' resident_is refused true
is "$(pids engine)" "$old" 'the old engine stays'
status 0 'and serves' deliver "$T/clean"
rm "$T/signatures/broken.ndb"
echo 'Planted.Later:0:*:68656c6c6f' >"$T/signatures/later.ndb"
kill -HUP "$resident_pid"
ok 'a good one is loaded' resident_is signatures 8
resident_is engines_started 1
resident_n=0
while kill -0 "$old" 2>/dev/null && [ "$resident_n" -lt 50 ]; do
	resident_n=$((resident_n + 1))
	sleep 0.1
done
not_ok 'the old engine has ended' kill -0 "$old"
is "$(ask scan "$T/clean")" infected 'by the new signatures'

# not_reloaded LINE REASON TEXT: a configuration with that line is refused, and changes nothing
not_reloaded() {
	echo "$1" >>"$T/conf"
	kill -HUP "$resident_pid"
	resident_n=0
	while ! tail -n 1 "$T/bivalved.log" | grep -q "not reloaded: $2" && [ "$resident_n" -lt 50 ]; do
		resident_n=$((resident_n + 1))
		sleep 0.1
	done
	like "$(tail -n 3 "$T/bivalved.log")" "not reloaded: $2" "$3"
	is "$(ask scan "$T/clean")" infected 'bivalved goes on as it was'
	sed -i '$d' "$T/conf"
}
not_reloaded 'no = such key' '.*no key' 'a configuration with an error is refused'
# Good by its form: only who would begin with it finds out.
not_reloaded 'lmtp_listen = 8.8.8.8:24' 'lmtp_listen' 'so is one with an address that is not private'
not_reloaded "pid_file = $T/none/pid" 'pid_file' 'so is one with a pid_file that cannot be written'

# ---- a path that is something else ----

echo 'mail' >"$T/run/mailbox"
sed -e "s,^\\(.*_socket\\) = $T/run,\\1 = $T/other," \
    -e "s,^status_socket.*,status_socket = $T/run/mailbox," "$T/conf" >"$T/other.conf"
status 75 'a socket is not put in the place of a file' \
    timeout 20 "$B/bivalved" -c "$T/other.conf"
is "$(cat "$T/run/mailbox")" mail 'which stays'
rm "$T/run/mailbox"

# ---- the engine dies ----

# It has not read what it was asked last.
kill -STOP "$(pids engine)"
sleep 2
kill -KILL "$(pids engine)"
status 0 'mail that comes while the engine is away waits' deliver "$T/infected"
ok 'there is another engine' resident_is engines_died 1
not_ok 'it is not taken for one that says nonsense' grep 'says what it may not' "$T/bivalved.log"

# ---- order ----

resident_stop
is "$?" 0 'an end in order'
resident_pid=
is "$(ls "$T/tmp")" '' 'no temporary file is left'

# ---- no room for a descriptor ----

resident_conf 'scanners = 4' 'scan_queue = 64' 'scan_per_user = 64' 'temp_memory = 0'
(
	# shellcheck disable=SC3045
	ulimit -S -n 24
	exec "$B/bivalved" -v -c "$T/conf" >"$T/bivalved.log" 2>&1
) &
resident_pid=$!
resident_is serving true
hold silent 40
sleep 1
ok 'no room for another connection: it is said now and then' \
    test "$(wc -l <"$T/bivalved.log")" -lt 100
kill -KILL "$(pids scanner | head -n 1)"
sleep 1
ok 'nor for a scanner: nothing is left of those that were tried' \
    test "$(find "$T/tmp" -mindepth 2 | wc -l)" -le 2
let_go
is "$(ask scan "$T/infected")" infected 'there is again: served'

# ---- what a killed engine leaves takes long to remove ----

engine=$(pids engine)
as_user "$python" -c 'import os, sys
for n in range(30000): os.makedirs("%s/%d" % (sys.argv[1], n))' "$T/tmp/bivalve-$engine-left"
kill -KILL "$engine"
resident_n=0 sweeper=
while [ -z "$sweeper" ] && [ "$resident_n" -lt 100 ]; do
	resident_n=$((resident_n + 1))
	sweeper=$(pids sweeper)
done
ls -l "/proc/$sweeper/fd" >"$T/fds"
ok 'somebody is at it' grep -q "$T/tmp/bivalve-$engine" "$T/fds"
is "$(grep -c -e socket: -e memfd: "$T/fds")" 0 'and has none of what the master holds'
resident_stop
resident_pid=

# ---- no signatures at all ----

resident_conf 'scan_wait = 1'
rm "$T/signatures"/*
resident_begin
resident_is serving false
begun=$(date +%s)
"$B/bivalvectl" scan --config "$T/conf" "$T/clean" >"$T/said" 2>&1
is $? 75 'without signatures nothing is scanned'
like "$(cat "$T/said")" 'no signatures yet.*bivalvectl status' 'and it is said whom to ask'
# The resident itself has five seconds more to say so.
ok 'once, not twice' test $(($(date +%s) - begun)) -lt 10
done_testing
