#!/bin/sh
# trust.t: who is asked for a verdict.  A socket that a stranger made would only ever say "clean".
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

need python3 setpriv
[ "$(id -u)" -eq 0 ] || skip_all 'needs root'
id daemon >/dev/null 2>&1 || skip_all 'no account daemon'

{
	printf 'From: a@example.org\nSubject: infected\n\n'
	printf 'X5O!P%%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\n'
} >"$T/infected"
mkdir "$T/run"
chmod 1777 "$T/run"

# The engine's part of the talk, by somebody who has found all mail clean so far.
cat >"$T/liar.py" <<'X'
import os, socket, struct, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
s.listen(8)
print("listens", flush=True)
while True:
    c, _ = s.accept()
    c.recv(1)
    c.send(b"R")
    if c.recv(1):
        c.send(b"B" + struct.pack(">I", 1) + b"\x01" + b"E" + struct.pack(">I", 0))
        print("asked", flush=True)
    c.close()
X

# lie USER
lie() {
	rm -f "$T/run/scan" "$T/said"
	setpriv --reuid="$1" --regid="$(id -g "$1")" --clear-groups python3 "$T/liar.py" \
	    "$T/run/scan" >"$T/said" &
	liar=$!
	lie_n=0
	while [ ! -s "$T/said" ] && [ "$lie_n" -lt 300 ]; do
		lie_n=$((lie_n + 1))
		sleep 0.1
	done
}

resident_conf
lie daemon
status 75 'a stranger listens, and a resident is required: deferred' deliver "$T/infected"
sed 's/^require_resident = yes/require_resident = no/' "$T/conf" >"$T/conf.own"
mv "$T/conf.own" "$T/conf"
status 0 'none is required: a scanner of our own' deliver "$T/infected"
ok 'finds what the other would have passed' test -s "$T/box/infected"
not_ok 'the stranger was not even asked' grep -q asked "$T/said"
kill "$liar"

# So that the above says something: root may listen there, and is believed.
rm -f "$T/box/infected"
lie root
status 0 'root listens' deliver "$T/infected"
ok 'and is asked' grep -q asked "$T/said"
ok 'what root says counts' test -s "$T/box/inbox"
kill "$liar"

# A socket's path that is too long is a fault of the configuration, not the absence of a resident.
long=$(printf '%0120d' 0)
printf 'scan_socket = %s/%s\n' "$T/run" "$long" >>"$T/conf"
status 75 'a path that is too long for a socket: deferred' deliver "$T/infected"
done_testing
