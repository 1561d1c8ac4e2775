#!/bin/sh
# scan.t: bivalvectl scan and show.
. "$(dirname "$0")/../lib/tap.sh"

[ -x "$B/bivalvectl" ] || skip_all "no bivalvectl was built"
[ -x "$B/bivalve-scan" ] || skip_all "no bivalve-scan was built"

mkdir "$T/db" && cp "$TOP"/recipes/signatures/*.?db "$T/db"
cp "$B/bivalvectl" "$B/bivalve-scan" "$T"
user_dir "$T/tmp"
printf 'temp_dir = %s\nspool_dir = %s\nscan_socket =\n' "$T/tmp" "$T/tmp" >"$T/conf"
# Split, so that nothing takes this script for it.
eicar="X5O!P%@AP[4"'\PZX54(P^)7'"CC)7}"'$'"EICAR-STAN"
eicar="${eicar}DARD-ANTIVIRUS-TE"'ST-FILE!$H+H*'

# mail BODY: a message with that part behind a text
mail() {
	printf '%s\n' 'From: a@example.org' 'Subject: test' 'MIME-Version: 1.0' \
	    'Content-Type: multipart/mixed; boundary=bnd' '' --bnd 'Content-Type: text/plain' '' \
	    'Hello.' --bnd "$@" --bnd--
}
mail 'Content-Type: text/csv; name=a.csv' '' 'a,b' >"$T/clean"
mail 'Content-Type: application/x-test; name=b.com' '' "$eicar" >"$T/infected"
mail 'Content-Type: text/plain' '' '-----BEGIN PGP MESSAGE-----' '' 'hQEMA' \
    '-----END PGP MESSAGE-----' >"$T/encrypted"
mail 'Content-Type: text/csv; name=a.csv' 'Content-Type: image/png' '' 'a,b' >"$T/odd"

ctl() {
	rc=0
	out=$(cd "$T" && as_user ./bivalvectl "$@" --config "$T/conf" --db "${db-$T/db}" 2>"$T/err") ||
	    rc=$?
}

ctl scan clean
is "$rc $out" "0 clean: clean" "a clean file"
ctl scan infected
is "$rc" 1 "malware is status 1"
like "$out" '^infected: infected class malware virus .*EICAR' "with class and name"
ctl scan encrypted
is "$rc $out" "2 encrypted: unscannable class encrypted" "encrypted is status 2"
ctl scan odd
is "$rc $out" "0 odd: clean defect duplicate-content-type" "a defect is no verdict"
ctl scan clean encrypted infected odd
is "$rc $(printf '%s\n' "$out" | wc -l)" "1 4" "several: a line each, the worst as status"
ctl scan clean nosuch encrypted
is "$rc" 75 "what could not be scanned comes before what cannot be"
like "$out" 'nosuch: error .*No such file' "and is told"
db=$T/none ctl scan infected
is "$rc" 75 "no signatures"
like "$out" '^infected: error ' "are an error"
ctl scan
is "$rc" 64 "no file"
out=$(cd "$T" && as_user ./bivalvectl scan --config "$T/conf" --db "$T/db" - <infected)
like "$out" '^-: infected' "standard input"

ctl scan --json infected clean
is "$(printf '%s\n' "$out" | wc -l)" 2 "JSON is an object on a line for each"
if command -v python3 >/dev/null; then
	printf '%s\n' "$out" >"$T/json"
	is "$(python3 -c '
import json, sys
a, b = [json.loads(line) for line in sys.stdin]
print(sorted(a) == sorted(["file", "status", "class", "virus", "defect"]), a["file"], a["status"],
      a["class"], len(a["virus"]) > 0, b["status"], b["virus"])' <"$T/json")" \
	    "True infected infected ['malware'] True clean []" "that others read"
	ctl show --json infected
	printf '%s\n' "$out" >"$T/json"
	is "$(python3 -c '
import json, sys
m = json.load(sys.stdin)
print(m["status"], [(p["parent"], p["type"], p["name"], len(p["virus"]) > 0) for p in m["parts"]])
' <"$T/json")" "infected [(-1, 'multipart/mixed', [], False), (0, 'text/plain', [], False), \
(0, 'application/x-test', ['b.com'], True)]" "the tree as JSON"
else
	skip "JSON" "no python3 here"
fi

ctl show odd
is "$rc" 0 "show"
is "$out" "odd: clean
  defect duplicate-content-type
  unpacked a.csv
multipart/mixed, 117 bytes
  text/plain, 6 bytes
  text/csv, 3 bytes
      name a.csv
      defect duplicate-content-type" "the tree, with the defect at its part"
ctl show nosuch
is "$rc" 75 "a file that is not there" || diag "$(cat "$T/err")"
db=$T/none ctl show odd
is "$rc" 75 "show without signatures"
is "$(find "$T/tmp" -mindepth 1)" "" "nothing is left behind"

done_testing
