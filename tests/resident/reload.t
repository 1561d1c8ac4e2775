#!/bin/sh
# reload.t: signatures and configuration change while mail comes: no connection is refused, every
# message is delivered, and every one is scanned.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

need python3
[ -x "$B/bivalved" ] || skip_all "bivalved is not built"
me=$(as_user id -un) || skip_all "no name for the user who runs the tests"
resident_conf 'scan_per_user = 64'
ok 'bivalved serves' resident_start

# Over LMTP on one side, the exec'd agent on the other.
python3 "$TOP/tests/resident/load.py" "$T/run/lmtp" "$me" -s "$T/stop" >"$T/said" &
lmtp=$!
{
	printf 'From: a@example.org\nSubject: infected\n\n'
	printf 'X5O!P%%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\n'
} >"$T/infected"
while [ ! -e "$T/stop" ]; do
	deliver "$T/infected" 2>>"$T/deliver.log"
	echo $?
done >"$T/statuses" &
exec=$!

# more: waits until mail has come since
more() {
	more_now=$(wc -l <"$T/statuses")
	more_n=0
	while [ "$(wc -l <"$T/statuses")" -lt $((more_now + 3)) ] && [ "$more_n" -lt 300 ]; do
		more_n=$((more_n + 1))
		sleep 0.1
	done
}

more
echo 'Planted.Later:0:*:706c616e746564' >"$T/signatures/later.ndb"
kill -HUP "$resident_pid"
ok 'new signatures' resident_is signatures 8
more
printf 'This is no signature\n' >"$T/signatures/broken.ndb"
kill -HUP "$resident_pid"
ok 'broken signatures are refused' resident_is refused true
more
is "$(resident_value signatures)" 8 'and the old ones stay'
rm "$T/signatures/broken.ndb"
echo 'reload = stop' >>"$T/conf"
kill -HUP "$resident_pid"
ok 'the configuration says that the old ones go first' resident_is refused false
more
rm "$T/signatures/later.ndb"
kill -HUP "$resident_pid"
ok 'as they do' resident_is signatures 7
more
touch "$T/stop"
wait "$lmtp" "$exec"

diag "LMTP: $(cat "$T/said"); by hand: $(wc -l <"$T/statuses")"
like "$(cat "$T/said")" '^250=[0-9]+$' 'over LMTP every message was taken, and no connection refused'
is "$(sort -u "$T/statuses")" 0 'so was every message by hand'
taken=$(($(sed 's/250=//' "$T/said") + $(wc -l <"$T/statuses")))
is "$(cat "$T"/box/inbox "$T"/box/infected | grep -c '^Subject:')" "$taken" 'none is lost or doubled'
not_ok 'none passed unscanned' grep -q EICAR-STANDARD "$T/box/inbox"
is "$(grep -c EICAR-STANDARD "$T/box/infected")" "$(grep -c '^Subject:' "$T/box/infected")" \
    'and none was kept that need not be'
is "$(resident_value engines_died)" 0 'no engine died but the one with broken signatures' ||
    resident_status
resident_stop
is "$?" 0 'an end in order'
is "$(ls "$T/run")" '' 'which leaves none of the sockets that it had made before'

# ---- what a configuration names no more, and what is not ours

# reload REASON: with the configuration of now; waits until the log says so
reload() {
	reload_n=$(grep -c "$1" "$T/bivalved.log")
	kill -HUP "$resident_pid"
	reload_wait=0
	while [ "$(grep -c "$1" "$T/bivalved.log")" -eq "$reload_n" ] && [ "$reload_wait" -lt 100 ]; do
		reload_wait=$((reload_wait + 1))
		sleep 0.1
	done
}

# pid_file PATH
pid_file() {
	sed -i "s,^pid_file = .*,pid_file = $1," "$T/conf"
}

ln -s run "$T/also"
resident_conf "pid_file = $T/run/one.pid" 'lmtp_owner = nobody'
ok 'bivalved serves again' resident_start
is "$(cat "$T/run/one.pid")" "$resident_pid" 'its number is in pid_file'
pid_file "$T/run/two.pid"
reload ' reloading'
is "$(cd "$T/run" && grep . ./*.pid)" "$resident_pid" 'behind a reload in the new one alone'
pid_file "$T/run/three.pid"
echo 'lmtp_listen = 8.8.8.8:24' >>"$T/conf"
reload 'not reloaded'
is "$(cd "$T/run" && ls ./*.pid)" './two.pid' 'one that is refused leaves no other'
sed -i '$d' "$T/conf"
pid_file "$T/also/two.pid"
reload ' reloading'
is "$(cat "$T/run/two.pid")" "$resident_pid" 'the same by another name stays'
sed -i "s,^lmtp_socket = .*,lmtp_socket = $T/run/other," "$T/conf"
reload 'reloaded\|reloading'
like "$(grep 'reload[ei]' "$T/bivalved.log" | tail -n 1)" ' reloading' 'a new lmtp_socket is no hindrance'
rm "$T/run/status" "$T/run/scan"
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$T/run/status"
echo file >"$T/run/scan"
echo $$ >"$T/run/two.pid"
kill -TERM "$resident_pid"
wait "$resident_pid"
is "$(cd "$T/run" && echo *)" 'scan status two.pid' 'what has come into their place stays, all else goes'
resident_pid=
done_testing
