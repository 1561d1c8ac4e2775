#!/bin/sh
# virbl.t: infected mail over SMTP puts its relay on the block list, sendmail refuses the next
# connection from there and no other; after expiry it is welcome again; rbldnsd serves the list.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

bed=$TOP/tests/testbed
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
[ -x /usr/libexec/sendmail/sendmail ] || skip_all "sendmail is not installed"
[ -d /usr/share/sendmail/cf ] || skip_all "sendmail-cf is not installed"
need python3 makemap m4 unshare
[ -x "$B/bivalve-lookup" ] || skip_all "bivalve-lookup is not built"
[ -x "$B/bivalvectl" ] || skip_all "bivalvectl is not built"

D=$T/bed
rbldnsd=
down() {
	[ -z "$rbldnsd" ] || kill "$rbldnsd"
	[ ! -e "$D/run/keeper.pid" ] || "$bed/sendmail-down" "$D" --rm >/dev/null 2>&1
	rm -rf "$T"
}
trap down EXIT
mkdir -p "$D/bin" "$D/tmp" "$D/quarantine"
cp "$B"/bivalve* "$D/bin/"
chmod 1777 "$D/tmp"
chmod 700 "$D/quarantine"
chown nobody "$D/quarantine"
cp -R "$TOP/recipes/signatures" "$D/signatures"
cp -R /usr/share/sendmail/cf "$T/cf"
cp "$TOP"/recipes/sendmail/*.m4 "$T/cf/feature/"
cat >"$D/bivalve.conf" <<'X'
database = /srv/tb/signatures
site_recipes = /srv/tb/site.rc
quarantine = /srv/tb/quarantine
temp_dir = /srv/tb/tmp
scan_user = nobody
blocklist = /srv/tb/blocklist/virbl.db
blocklist_exempt = 127.0.0.1
mta_names = mx.tb.test
X
cat >"$D/site.rc" <<'X'
DEFAULT=$HOME/Maildir/
:0
* scan:virus ?? .
{
	:0
	@blocklist

	:0
	@quarantine $VIRUS
}
X
eicar='X5O!P%@AP[4'
eicar=$eicar'\PZX54(P^)7CC)7}$EICAR-STAN'
eicar=$eicar'DARD-ANTIVIRUS-TEST-FILE!$H+H*'
printf 'From: a@sender.test\nTo: u1@tb.test\nSubject: hello\n\nhello\n' >"$T/clean"
printf 'From: a@sender.test\nTo: u1@tb.test\nSubject: eicar\n\n%s\n' "$eicar" >"$T/infected"

# features VARIANT FEATURE-LINE...: what comes before MAILER in sendmail.mc
features() {
	printf "FEATURE(%slocal_bivalve', %s%s', %s/srv/tb/bin/bivalve', %s', %s%s')dnl\n" '`' '`' \
	    "$1" '`' '`' '`' '--config /srv/tb/bivalve.conf'
	shift
	printf "FEATURE(%sbivalve_blocklist', %s/srv/tb/blocklist/virbl')dnl\n" '`' '`'
	printf '%s\n' "$@"
}
inside() {
	"$bed/sm-exec" "$D" "$@"
}
ctl() {
	inside /srv/tb/bin/bivalvectl "$@" --config /srv/tb/bivalve.conf
}
# from ADDRESS MESSAGE: what the server answered
from() {
	"$bed/lib/smtp1" -s "$1" -- "$(cat "$D/port")" a@sender.test "${3:-u1}@tb.test" <"$T/$2" 2>&1
}
# until TEXT: the log has it
until_logged() {
	n=0
	while ! grep -aq -e "$1" "$D/log/maillog" && [ $n -lt 200 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	grep -aq -e "$1" "$D/log/maillog"
}

# Before sendmail looks for it.
sed "s,/srv/tb,$D," "$D/bivalve.conf" >"$T/outside.conf"
ok "bivalvectl makes the list and its directory" \
    "$B/bivalvectl" blocklist expire --config "$T/outside.conf"
is "$(stat -c '%U %a' "$D/blocklist" "$D/blocklist/virbl.db" | tr '\n' ' ')" \
    "nobody 755 nobody 644 " "scan_user's, readable for sendmail"

features '' >"$T/mc"
"$bed/sendmail-up" "$D" --cf "$T/cf" --mlocal none --mc "$T/mc" --deliver b >"$T/up" 2>&1 ||
    skip_all "sendmail does not start here: $(tail -n 1 "$T/up")"

inside /srv/tb/bin/bivalvectl sendmail --config /srv/tb/bivalve.conf --check /srv/tb/sendmail.cf \
    >"$T/check" 2>&1
is "$? $(cat "$T/check")" "0 /srv/tb/sendmail.cf: nothing to say." \
    "bivalvectl sendmail finds nothing wrong with what FEATURE makes"

# ---- refused, others not, welcome again
like "$(from 127.0.0.9 clean)" '^\. -> 250' "a client that has done nothing is welcome"
like "$(from 127.0.0.9 infected)" '^\. -> 250' "infected mail is accepted"
ok "its relay is listed" until_logged 'block list: 127.0.0.9 added'
ok "and the mail is kept from the user" until_logged 'outcome=quarantined'
like "$(from 127.0.0.9 clean)" 'MAIL.*-> 550 5\.7\.1 127\.0\.0\.9 sent malware; listed since 1' \
    "the next connection from there is refused"
like "$(from 127.0.0.2 clean)" '^\. -> 250' "another one is not"
like "$(from 127.0.0.1 infected)" '^\. -> 250' "infected mail from an exempt relay"
ok "is logged" until_logged 'blocklist_exempt has 127.0.0.1'
is "$(ctl blocklist list | sed 's/ .*//')" "127.0.0.9" "and does not list it"
is "$(grep -a SYSERR "$D/log/maillog")" "" "no error of sendmail's about the map"
ok "Berkeley DB's own check finds nothing" db_verify -q "$D/blocklist/virbl.db"
is "$(makemap -u btree "$D/blocklist/virbl" 2>/dev/null | sed 's/[[:space:]].*//')" "127.0.0.9" \
    "makemap reads it"

# ---- served by DNS
if command -v rbldnsd >/dev/null; then
	ok "export" inside /srv/tb/bin/bivalvectl blocklist --config /srv/tb/bivalve.conf \
	    --name ns.tb.test -o /srv/tb/zone export ip4tset
	ok "export for IPv6" inside /srv/tb/bin/bivalvectl blocklist --config /srv/tb/bivalve.conf \
	    --name ns.tb.test -o /srv/tb/zone6 export ip6tset
	port=$(python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
	rbldnsd -n -q -u nobody -b "127.0.0.1/$port" -c 1 -w "$D" virbl.test:ip4tset:zone \
	    virbl6.test:ip6tset:zone6 >"$D/log/rbldnsd" 2>&1 &
	rbldnsd=$!
	printf 'dns_servers = 127.0.0.1:%s\ndns_timeout = 5\nsite_recipes = %s\n' "$port" "$T/none" \
	    >"$T/dns.conf"
	# answers ADDRESS ZONE
	answers() {
		printf ':0:\n* dns:%s ?? ^^\\/(.|$)*\n{\nLOG="$MATCH"\n}\nDEFAULT=/dev/null\n' "$2" \
		    >"$T/dns.rc"
		as_user env -i "$B/bivalve" --config "$T/dns.conf" -c "$1" -m "$T/dns.rc" \
		    <"$T/clean" 2>&1 | tr '\n' ' '
	}
	n=0
	while ! answers 127.0.0.2 virbl.test | grep -q 127 && [ $n -lt 50 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	like "$(answers 127.0.0.9 virbl.test)" '127\.0\.0\.2 sent malware: 127\.0\.0\.9' \
	    "rbldnsd serves the list"
	like "$(answers 127.0.0.2 virbl.test)" '127\.0\.0\.2' "with the test entry of RFC 5782"
	not_ok "and not the one that must not be there" grep -q . <<X
$(answers 127.0.0.1 virbl.test | grep '127\.0\.0\.2')
X
	is "$(answers 127.0.0.8 virbl.test | grep -c '127\.0\.0\.2')" 0 "others are not in it"
else
	skip "rbldnsd serves the list" "rbldnsd is not installed"
fi

# ---- over
printf '127.0.0.9 1700000000\n' | ctl blocklist import >/dev/null
is "$(ctl blocklist expire)" "1 expired" "an hour later"
like "$(from 127.0.0.9 clean)" '^\. -> 250' "it is welcome again"

# ---- what the queue keeps
printf ':0\n@tag X-Client: $CLIENT\n' >"$D/home/u2/.bivalverc"
chown 20002 "$D/home/u2/.bivalverc"
mv "$D/site.rc" "$D/away"
mkdir "$D/site.rc"
from 127.0.0.9 clean u2 >/dev/null
ok "a delivery is deferred" until_logged 'to=<u2@.*stat=Deferred'
rmdir "$D/site.rc"
mv "$D/away" "$D/site.rc"
"$bed/sm-runq" "$D" >/dev/null 2>&1
ok "and the message sent" until_logged 'to=<u2@.*stat=Sent'
is "$(sed -n 's/^X-Client: //p' "$D"/home/u2/Maildir/new/*)" 127.0.0.9 \
    "after a queue run the client's address is still known"

# ---- users' own recipes, and maps
printf ':0\n@blocklist 7.7.7.7\n' >"$D/home/u3/.bivalverc"
chown u3 "$D/home/u3/.bivalverc" 2>/dev/null || chown 20003 "$D/home/u3/.bivalverc"
from 127.0.0.2 clean u3 >/dev/null
ok "a user's own recipe" until_logged 'to=<u3>.*outcome=delivered'
is "$(ctl blocklist list)" "" "lists nobody"

# ---- IPv6, as sendmail looks it up
ctl blocklist add 2001:DB8::9 >/dev/null
for key in IPv6:2001:DB8:0:0:0:0:0:9 IPv6:2001:db8::9; do
	like "$(echo "/map virbl $key" | inside /usr/libexec/sendmail/sendmail -C/srv/tb/sendmail.cf \
	    -bt 2>&1)" "returns.*\.FOUND|\.FOUND" "sendmail finds $key"
done
ctl blocklist remove 2001:db8::9 >/dev/null

# ---- with delay_checks
printf '127.0.0.9\n' | ctl blocklist import >/dev/null
features exec 'FEATURE(`delay_checks'"')dnl" >"$T/mc"
"$bed/sendmail-up" "$T/second" --cf "$T/cf" --mlocal none --mc "$T/mc" --port "$(cat "$D/port")" \
    --cf-only >/dev/null
cp "$T/second/sendmail.cf" "$D/sendmail.cf"
"$bed/sm-stop" "$D" >/dev/null 2>&1
"$bed/sm-start" "$D" >/dev/null 2>&1
like "$(from 127.0.0.9 clean)" 'RCPT.*-> 550 5\.7\.1 .*127\.0\.0\.9 sent malware' \
    "with delay_checks it is refused at RCPT"
like "$(from 127.0.0.2 clean u4)" '^\. -> 250' "and another one is not"
ok "whose mail bivalve delivers, started as a program" until_logged \
    'to=<u4> client=127.0.0.2.*outcome=delivered'

# ---- later: a 421 in place of the banner
features exec | sed "s|blocklist/virbl'|&, \`later'|" >"$T/mc"
"$bed/sendmail-up" "$T/second" --cf "$T/cf" --mlocal none --mc "$T/mc" --port "$(cat "$D/port")" \
    --cf-only >/dev/null
cp "$T/second/sendmail.cf" "$D/sendmail.cf"
"$bed/sm-stop" "$D" >/dev/null 2>&1
"$bed/sm-start" "$D" >/dev/null 2>&1
like "$(from 127.0.0.9 clean)" '^banner 421 4\.7\.1 127\.0\.0\.9 sent malware' \
    "with \"later\" the banner is a 421"

# ---- why
id=$(sed -n 's/.*\]: \([0-9A-Za-z]*\): to=<u2@.*stat=Deferred.*/\1/p' "$D/log/maillog" | head -n 1)
"$B/bivalvectl" why --log "$D/log/maillog" "$id" >"$T/why" 2>&1
like "$(cat "$T/why")" 'asked for patience|waits in the queue' "bivalvectl why explains a deferral"
ok "and what bivalve said of it" grep -q 'why=' "$T/why"
ok "and how it ended" grep -q 'took it: delivered' "$T/why" || diag "$(cat "$T/why")"

done_testing
