#!/bin/sh
# limits.t: so many sessions and deliveries, in all and for one user; what is over is told so.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

need python3
[ -x "$B/bivalved" ] || skip_all "bivalved is not built"
me=$(as_user id -un) || skip_all "no name for the user who runs the tests"

# ---- sessions, over TCP

port=$(free_port)
resident_conf 'max_sessions = 3' "lmtp_listen = 127.0.0.1:$port"
ok 'bivalved serves' resident_start
cat >"$T/sessions.py" <<'X'
import json, os, signal, socket, sys, time
def greeting(s):
    s.settimeout(60)
    line = b""
    while not line.endswith(b"\n"):
        line += s.recv(100) or b"\n"
    return line.split()[0].decode()
def tcp():
    return socket.create_connection(("127.0.0.1", int(sys.argv[2])))
def unix(name="lmtp"):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1] + "/" + name)
    return s
def free():
    # The process of one that was closed may need a moment to end, and a busy machine many.
    end = time.monotonic() + 60
    while time.monotonic() < end:
        s = unix()
        if greeting(s) == "220":
            return s
        time.sleep(0.01)
    sys.exit("none has given way in a minute")
def status(key):
    return json.loads(unix("status").makefile().read())[key]
def told():
    return [greeting(unix()), greeting(tcp())]
held = [tcp(), unix(), tcp()]
print(*[greeting(s) for s in held], *told())
held.pop().close()
held.append(free())
print(*told())
os.kill(int(sys.argv[3]), signal.SIGHUP)
# The new program has served nobody.
while status("connections") > 0:
    pass
print(*told(), status("sessions"))
held.pop(0).close()
held.append(free())
held[0].sendall(b"noop\r\n")
print(greeting(held[0]), *told(), status("sessions"))
# One waits, and gets a peer; the master hears of it as it reloads.
held.pop(0).close()
while status("sessions") > 2:
    time.sleep(0.01)
os.kill(int(sys.argv[3]), signal.SIGSTOP)
while open("/proc/%s/stat" % sys.argv[3]).read().rsplit(")", 1)[1].split()[0] != "T":
    time.sleep(0.01)
held.append(unix())
print(greeting(held[-1]), end=" ", flush=True)
os.kill(int(sys.argv[3]), signal.SIGHUP)
os.kill(int(sys.argv[3]), signal.SIGCONT)
while status("sessions") < 3:
    time.sleep(0.01)
print(*told(), status("sessions"))
X
timeout 240 python3 "$T/sessions.py" "$T/run" "$port" "$resident_pid" >"$T/told"
is "$(sed -n 1p "$T/told")" '220 220 220 421 421' 'over max_sessions: 421 at once, on both sockets'
is "$(sed -n 2p "$T/told")" '421 421' 'one that has ended gives way to one'
is "$(sed -n 3p "$T/told")" '421 421 3' 'behind a reload those from before it count'
is "$(sed -n 4p "$T/told")" '250 421 421 3' 'they go on, and give way when they have ended'
is "$(sed -n 5p "$T/told")" '220 421 421 3' 'and so does one that came as the master was about to reload'
resident_stop
resident_pid=
echo 'lmtp_listen = 192.0.2.1:24' >>"$T/conf"
resident_begin
wait "$resident_pid"
is $? 75 'an address that is not private is not listened on'
like "$(tail -n 1 "$T/bivalved.log")" 'lmtp_listen.*192.0.2.1' 'the log says why'
resident_pid=

# ---- deliveries

cat >"$T/wait.rc" <<X
:0
* ^Subject: wait
* ? touch $T/box/waits; for i in \`seq 600\`; do [ ! -e $T/box/go ] || break; sleep 0.1; done
{ }
DEFAULT=$T/box/inbox
X
# limits LINE...: bivalved with these
limits() {
	resident_stop
	resident_conf "$@" 'scan_per_user = 64'
	cp "$T/wait.rc" "$T/recipes"
	resident_start
}

load() {
	python3 "$TOP/tests/resident/load.py" "$T/run/lmtp" "$me" "$@"
}

# begin: a delivery that goes on until "finish"
begin() {
	rm -f "$T/box/waits" "$T/box/go"
	load wait >"$T/waited" &
	begun=$!
	begin_n=0
	while [ ! -e "$T/box/waits" ] && [ "$begin_n" -lt 300 ]; do
		begin_n=$((begin_n + 1))
		sleep 0.1
	done
}

finish() {
	touch "$T/box/go"
	wait "$begun"
}

limits 'deliveries_per_user = 1'
begin
is "$(load over)" '451=1' 'over deliveries_per_user: 451'
finish
is "$(cat "$T/waited")" '250=1' 'the one that was there is delivered'
is "$(load under)" '250=1' 'and then another'
is "$(resident_value refused_limit)" 1 'the refusal is counted'

limits 'max_deliveries = 1' 'scan_wait = 1'
begin
is "$(load over)" '451=1' 'over max_deliveries: 451, when it has waited for scan_wait'
for monitor in $(pgrep -P "$resident_pid" -f '^bivalve: LMTP monitor'); do
	pgrep -P "$monitor" -f '^bivalve: delivery' >/dev/null || continue
	kill -KILL "$monitor"
	break # the message that comes again may be another's by now
done
finish
is "$(cat "$T/waited")" '250=1 cut=1' 'a monitor is killed; its message comes again, and is taken'
is "$(load under)" '250=1' 'what it had is free again'

# ---- time: TERM so long behind the delivery's own limit, KILL so long behind TERM
limits 'timeout = 2' 'grace = 1'
sed -i "1i :0\n* ^Subject: stop\n* ? kill -STOP \$PPID; sleep 60\n/dev/null" "$T/recipes"
is "$(load stop after)" '250=1 451=1' 'a delivery that nothing but SIGKILL ends: 451'
is "$(resident_value crashed)" 1 'it is counted as one that crashed'

limits 'max_deliveries = 1'
begin
cat >"$T/rcpt.py" <<'X'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(20)
s.connect(sys.argv[1])
f = s.makefile("rwb")
for line in None, "LHLO x", "MAIL FROM:<>", "RCPT TO:<%s>" % sys.argv[2]:
    if line:
        f.write(line.encode() + b"\r\n")
        f.flush()
    while True:
        reply = f.readline()
        if reply[3:4] != b"-":
            break
print(reply.decode()[:3])
X
is "$(python3 "$T/rcpt.py" "$T/run/lmtp" "$me" 2>&1 | tail -n 1)" 250 \
    'whether there is a user is told whoever waits for a delivery'
load queued >"$T/queued" &
queued=$!
finish
wait "$queued"
is "$(cat "$T/waited" "$T/queued" | tr '\n' ' ')" '250=1 250=1 ' 'one that waits has its turn'
kill -HUP "$resident_pid"
ok 'behind a reload' resident_is engines_started 1
is "$(load one two three)" '250=3' 'nothing is left over'
resident_stop
is "$?" 0 'an end in order'
resident_pid=
done_testing
