#!/bin/sh
# next.t: one process speaks with the MTA on several connections, one after another, and nothing of
# one is found in the next; with others it speaks on one.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

need python3
[ -x "$B/bivalved" ] || skip_all "bivalved is not built"
me=$(as_user id -un) || skip_all "no name for the user who runs the tests"
port=$(free_port)

# next.py unix|tcp ACTION...: one connection; prints the session's process number, or what it is told
cat >"$T/next.py" <<'END'
import re, socket, subprocess, sys, time
run, port, master, user = sys.argv[1:5]
def connect(how):
    if how == "tcp":
        s = socket.create_connection(("127.0.0.1", int(port)))
    else:
        s = socket.socket(socket.AF_UNIX)
        s.connect(run + "/lmtp")
    s.settimeout(60)
    return s, s.makefile("rwb")
def reply(f):
    while (line := f.readline())[3:4] == b"-":
        pass
    return line.decode()[:3]
def say(f, text):
    f.write(text.encode() + b"\r\n")
    f.flush()
    return reply(f)
def session():
    """The session that has a peer: the one whose monitor does not wait."""
    rows = [re.match(r" *(\d+) +(\d+) (.*)", r).groups() for r in
            subprocess.run(["ps", "-e", "-o", "pid=,ppid=,args="], capture_output=True,
                           text=True).stdout.splitlines()]
    busy = [p for p, q, a in rows if q == master and a.startswith("bivalve: LMTP monitor")]
    return [p for p, q, a in rows if q in busy and a.startswith("bivalve: LMTP session")]
def begin(f):
    return say(f, "LHLO x"), say(f, "MAIL FROM:<a@example.org>"), say(f, "RCPT TO:<%s>" % user)
s, f = connect(sys.argv[5])
told = [reply(f)]
for action in sys.argv[6:]:
    if action == "pid":
        # One that has just ended may show for a moment.
        for _ in range(100):
            if len(now := session()) == 1:
                break
            time.sleep(0.05)
        told = now
    elif action == "begin":
        told = begin(f)
    elif action.startswith("cut="):     # so much of a message, and no end
        told = begin(f) + (say(f, "DATA"),)
        f.write(b"Subject: cut\r\n\r\n" + b"left behind\r\n" * (int(action[4:]) // 13))
        f.flush()
    elif action.startswith("mail="):
        told = begin(f) + (say(f, "DATA"), say(f, "Subject: %s\r\n\r\nwhole\r\n." % action[5:]))
    elif action == "data":
        told = [say(f, "LHLO x"), say(f, "DATA")]
    elif action == "quit":
        told = [say(f, "QUIT"), f.readline().decode()]
    elif action == "gone":
        s.shutdown(socket.SHUT_WR)
        f.read()
print(*told)
END
talk() {
	timeout 120 python3 "$T/next.py" "$T/run" "$port" "$resident_pid" "$me" "$@"
}

# waiting N: so many monitors wait, 20 seconds from now at most
waiting() {
	waiting_n=0
	while [ "$(pids 'monitor (waiting)' | wc -l)" -ne "$1" ]; do
		waiting_n=$((waiting_n + 1))
		[ "$waiting_n" -lt 200 ] || return 1
		sleep 0.1
	done
}

resident_conf 'connections_per_session = 3' "lmtp_listen = 127.0.0.1:$port" 'spare_sessions = 1'
ok 'bivalved serves' resident_start

# ---- which process it is

first=$(talk unix pid)
like "$first" '^[0-9]+$' 'a connection has a session'
# A second monitor waits by now, and either may take the next one: so only what may not be is told.
sleep 1
: >"$T/seen"
for n in 1 2 3 4 5 6 7 8 9; do
	talk unix "mail=$n" pid >>"$T/seen"
done
is "$(grep -c '^whole$' "$T/box/inbox")" 9 'nine connections bring nine messages'
most=$(sort "$T/seen" | uniq -c | sort -rn | awk '{ print $1; exit }')
ok 'a process has several of them' test "$most" -gt 1
ok 'and no more than it may' test "$most" -le 3

one=$(talk tcp pid)
two=$(talk tcp pid)
three=$(talk tcp pid)
is "$(printf '%s\n' "$one" "$two" "$three" | sort -u | wc -l)" 3 'over TCP each has its own'
is "$(sort -u "$T/seen" | grep -cx -e "$one" -e "$two" -e "$three")" 0 \
    'and none that the MTA has had'

# Two that rest are all that there may be, and they do not wait for a peer over TCP.
resident_stop
resident_conf 'max_sessions = 2' "lmtp_listen = 127.0.0.1:$port" 'spare_sessions = 2'
resident_start
timeout 60 python3 - "$T/run/lmtp" "$port" >"$T/told" <<'END'
import socket, sys, time
def greeting(s):
    s.settimeout(30)
    return s.recv(100)[:3].decode()
def unix():
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    return s
held = [unix(), unix()]
told = [greeting(s) for s in held]
for s in held:
    s.shutdown(socket.SHUT_WR)
    while s.recv(100):
        pass
time.sleep(0.5)
begun = time.monotonic()
told.append(greeting(socket.create_connection(("127.0.0.1", int(sys.argv[2])))))
told.append("soon" if time.monotonic() - begun < 5 else "late")
print(*told)
END
is "$(cat "$T/told")" '220 220 220 soon' 'when no more may be, one that rests gives way to TCP'

# ---- what is left of a connection

resident_stop
resident_conf 'connections_per_session = 100' 'spare_sessions = 1' 'spool_memory = 64'
resident_start
rm -f "$T/box/inbox"
session=$(talk unix pid)
: >"$T/seen"
for size in 13 40000 300000; do
	talk unix "cut=$size" gone >/dev/null
	talk unix "mail=behind $size" pid >>"$T/seen"
done
ok 'a process that had half a message goes on' grep -qx "$session" "$T/seen"
is "$(grep -c '^whole$' "$T/box/inbox")" 3 'the next ones are whole'
is "$(grep -c -e 'left behind' -e 'Subject: cut' "$T/box/inbox")" 0 'and hold nothing of it'
is "$(grep -c '^From ' "$T/box/inbox")" 3 'nothing came of the halves'
# files: descriptors of files without a name that monitors have, none 5 seconds from now at most
files() {
	files_n=0
	while for pid in $(pids monitor); do
		ls -l "/proc/$pid/fd" 2>/dev/null
	done | grep -v '/memfd:' | grep -q '(deleted)$'; do
		files_n=$((files_n + 1))
		[ "$files_n" -lt 50 ] || return 1
		sleep 0.1
	done
}
talk unix cut=300000 gone >/dev/null
ok 'and its file takes no room' files
for n in 1 2 3; do
	talk unix begin gone >/dev/null
	talk unix data
done >"$T/told"
is "$(sort -u "$T/told")" '250 503' 'the sender and recipients of one are not the next one'\''s'
like "$(talk unix quit)" '^221' 'an end in order'
is "$(talk unix mail=last)" '250 250 250 354 250' 'and another beginning'
sed -n 's/^bivalved: \([^ ]*\): from=.*/\1/p' "$T/bivalved.log" >"$T/ids"
ok 'each message has its line in the log' test "$(wc -l <"$T/ids")" -ge 13
is "$(sort "$T/ids" | uniq -d)" '' 'and no two have one id'

# ---- how it ends

kill -KILL "$(pgrep -P "$(pids 'monitor (waiting)' | sort -n | head -n 1)" -f '^bivalve: LMTP session')"
is "$(talk unix mail=killed)" '250 250 250 354 250' 'a session that waits is killed: nobody notices'
ok 'those that have waited for long end, and one is left' waiting 1
not_ok 'it is fresh: it has no session yet' pgrep -P "$(pids 'monitor (waiting)')"

held() { # a session that waits
	talk unix mail=held >/dev/null
	talk unix mail=held >/dev/null
}
# One that is woken for a peer is killed before it accepts: the others sleep on.
if [ -z "${SAN-}" ]; then
	cat >"$T/kill.c" <<'END'
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
int
accept4(int fd, struct sockaddr *a, socklen_t *size, int flags)
{
	int full = getenv("FULL") ? open(getenv("FULL"), O_WRONLY | O_APPEND) : -1;

	if (full >= 0) {
		errno = write(full, "x", 1) == 1 ? EMFILE : EIO;
		close(full);
		return -1;
	}
	/* The first that come along remove a file each. */
	if ((getenv("KILL") && unlink(getenv("KILL")) == 0)
	    || (getenv("NEXT") && unlink(getenv("NEXT")) == 0))
		kill(getpid(), SIGKILL);
	return (int)syscall(SYS_accept4, fd, a, size, flags);
}
END
	${CC:-cc} -shared -fPIC -o "$T/kill.so" "$T/kill.c" || exit 1
	resident_stop
	resident_conf 'spare_sessions = 1'
	LD_PRELOAD="$T/kill.so" KILL="$T/run/kill" NEXT="$T/run/kill.2" FULL="$T/run/full" \
	    "$B/bivalved" -v -c "$T/conf" >>"$T/bivalved.log" 2>&1 &
	resident_pid=$!
	resident_is serving true
	held # more than have to be ready
	touch "$T/run/kill"
	begun=$(date +%s)
	is "$(talk unix mail=woken)" '250 250 250 354 250' 'one is killed as it is woken: another takes the peer'
	ok 'at once' test $(($(date +%s) - begun)) -lt 5
	not_ok 'and it was killed' test -e "$T/run/kill"
	timeout 60 python3 - "$T/run" "$resident_pid" >"$T/told" <<'END'
import os, signal, socket, sys, time
run, master = sys.argv[1], int(sys.argv[2])
kill = [run + "/kill", run + "/kill.2"]
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5)
    s.connect(run + "/lmtp")
    return s
# So many wait that their death alone makes the master fork none.
many = [connect() for _ in range(6)]
for s in many:
    s.recv(100)
    s.close()
time.sleep(0.5)
# The master hears of both deaths at once.
os.kill(master, signal.SIGSTOP)
held = []
for path in kill:
    open(path, "w").close()
    held.append(connect())
    for _ in range(100):
        if not os.path.exists(path):
            break
        time.sleep(0.05)
os.kill(master, signal.SIGCONT)
print(*[s.recv(100)[:3].decode() for s in held])
END
	is "$(cat "$T/told")" '220 220' 'two are killed as they are woken: both peers are taken, at once'
	: >"$T/run/full"
	talk unix mail=full >"$T/told" &
	full=$!
	sleep 1
	tries=$(wc -c <"$T/run/full")
	rm "$T/run/full"
	wait "$full"
	is "$(cat "$T/told")" '250 250 250 354 250' 'no descriptor is left for a peer: he waits for one'
	ok 'looked for now and then' test "$tries" -gt 0 -a "$tries" -lt 100
	resident_stop
	resident_start
else
	skip 'one is killed as it is woken' "a sanitizer's library must come first, and so must ours"
fi

held
kill -HUP "$resident_pid"
is "$(talk unix mail=reloaded)" '250 250 250 354 250' 'over a reload no connection is refused'
ok 'and old processes are gone' waiting 2
held
kill -KILL "$resident_pid"
wait "$resident_pid" 2>/dev/null
ok 'a new master serves where the old one was killed' resident_start
is "$(talk unix mail=again)" '250 250 250 354 250' 'and takes mail'
held
begun=$(date +%s)
resident_stop
is $? 0 'an end in order'
ok 'it waits for none that waits' test $(($(date +%s) - begun)) -lt 5
resident_pid=
done_testing
