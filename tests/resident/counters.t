#!/bin/sh
# counters.t: what bivalved counts of deliveries, and that no delivery can count itself.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

need python3
[ -x "$B/bivalved" ] || skip_all "bivalved is not built"
me=$(as_user id -un) || skip_all "no name for the user who runs the tests"
user_dir "$T/kept"
chmod 700 "$T/kept"
resident_conf "quarantine = $T/kept"
cat >>"$T/recipes" <<'X'
:0
* ^Subject: drop
@drop
:0
* ^Subject: keep
@quarantine
:0
* ^Subject: reject
@reject no
:0
* ^Subject: defer
@defer later
:0
* ^Subject: die
* ? kill -9 $PPID; :
/dev/null
:0
* ^Subject: exit
{ EXITCODE=75 }
:0
* ^Subject: look
* ? cat /proc/$PPID/maps >maps; ls -l /proc/$PPID/fd >>maps
/dev/null
X
sed -i "1i MAILDIR=$T/box" "$T/recipes"
ok 'bivalved serves' resident_start

load() {
	python3 "$TOP/tests/resident/load.py" "$T/run/lmtp" "$me" "$@"
}

is "$(load plain plain infected drop keep reject defer die exit)" '250=5 451=3 550=1' \
    'nine messages, each with its fate'
want='"delivered":3,"dropped":1,"quarantined":1,"rejected":1,"deferred":2,"crashed":1'
like "$(resident_status)" "\"deliveries\":\\{$want," 'each is counted'
like "$(resident_status)" '"deliveries_minute":9' 'and as this minute'"'"'s'
ok 'so are the scans' resident_is scans_minute 9
like "$(resident_status)" '"delivery":\{"count":9,"total_ms":[1-9]' 'with the time it took'
is "$(load keep look)" '250=2' 'a delivery looks around'
not_ok 'and holds no counters' grep -q 'tally' "$T/box/maps"
like "$("$B/bivalvectl" status --config "$T/conf")" \
    '^deliveries  11 in the last minute: 4 delivered, 1 dropped, 2 quarantined, 1 rejected' \
    'bivalvectl status says so'
python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); text = b""
while True:
    b = s.recv(65536)
    if not b: break
    text += b
print(text.decode())' "$T/run/metrics" >"$T/metrics"
like "$(cat "$T/metrics")" '^bivalve_deliveries\{outcome="rejected"\} 1' 'so do the metrics'
like "$(cat "$T/metrics")" '^bivalve_stage_seconds_count\{stage="delivery"\} 11' 'times too'

resident_status | python3 -c 'import json, sys; json.load(sys.stdin)'
is $? 0 'the status is JSON'
python3 - "$T/metrics" <<'X'
import re, sys
last, types = {}, {}
for line in open(sys.argv[1]):
    if line.startswith("# TYPE "):
        _, _, name, kind = line.split()
        types[name] = kind
    if line.startswith("#") or not line.strip():
        continue
    m = re.fullmatch(r"(\w+)(?:\{((?:\w+=\"[^\"]*\",?)*)\})? (\d+(?:\.\d+)?)\n", line)
    assert m, line
    name, labels, value = m.group(1), m.group(2) or "", float(m.group(3))
    family = re.sub("_(bucket|sum|count)$", "", name)
    assert name in types or types.get(family) == "histogram", line
    if name.endswith("_bucket"):
        stage = labels.split(",")[0]
        assert value >= last.get(stage, 0), line
        last[stage] = value
    if name.endswith("_count"):
        assert value == last[labels], line
assert len(last) == 4, last
X
is $? 0 'the metrics are what Prometheus reads'

# The exec'd agent tells how it ended.
for subject in plain drop keep reject defer exit; do
	printf 'Subject: %s\n\nx\n' "$subject" >"$T/message"
	deliver "$T/message" >/dev/null 2>&1
done
ok 'what an MTA starts by itself is counted, too' resident_is delivered 5
want='"delivered":5,"dropped":2,"quarantined":3,"rejected":2,"deferred":4,"crashed":1'
like "$(resident_status)" "\"deliveries\":\\{$want," 'by how it ended'
python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for text in b"", b"x", b"x" * 8, b"\0" * 7, b"\0" * 9, b"\0" * 4000:
    s.sendto(text, sys.argv[1])' "$T/run/counts"
kill -0 "$resident_pid"
is $? 0 'nonsense is no number'
like "$(resident_status)" "\"deliveries\":\\{$want," 'and changes nothing'

kill -HUP "$resident_pid"
ok 'behind a reload' resident_is engines_started 1
ok 'the counters go on' resident_is quarantined 3
is "$(load keep)" '250=1' 'one more'
ok 'is counted' resident_is quarantined 4
is "$(resident_value deliveries_minute)" 1 'alone in the minute since'
resident_stop
is "$?" 0 'an end in order'
resident_pid=
done_testing
