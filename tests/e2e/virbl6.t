#!/bin/sh
# virbl6.t: the relay block list over IPv6: infected mail from a client, the next connection from
# there is refused, others are not; after expiry it is welcome again; rbldnsd serves the list.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/foreign.sh
. "$TOP/tests/lib/foreign.sh"

[ -x "$B/bivalve-lookup" ] || skip_all "bivalve-lookup is not built"
[ -x "$B/bivalve-scan" ] || skip_all "bivalve-scan is not built"
[ -x /usr/libexec/sendmail/sendmail ] || skip_all "sendmail is not installed"
[ -f /usr/share/sendmail/cf/m4/cf.m4 ] || skip_all "sendmail-cf is not installed"
need python3 m4
foreign_begin "$0"
# Any address below is a client that may connect from here, and none is this machine's own.
ip -6 route add local 2001:db8:9::/64 dev lo 2>/dev/null || skip_all "no IPv6 here"
echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind || skip_all "no IPv6 here"

mkdir "$R/bin" "$R/tmp" "$R/quarantine"
cp "$B"/bivalve* "$R/bin/"
cp -R "$TOP/recipes/signatures" "$R/signatures"
chmod 1777 "$R/tmp"
chmod 700 "$R/quarantine"
chown nobody "$R/quarantine"
foreign_account u1 20001
cat >"$R/conf" <<X
database = $R/signatures
site_recipes = $R/site.rc
quarantine = $R/quarantine
temp_dir = $R/tmp
scan_user = nobody
blocklist = /var/lib/bivalve/blocklist/virbl.db
blocklist_exempt = ::1
X
mkdir -p /var/lib/bivalve
cat >"$R/site.rc" <<'X'
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
printf '127.0.0.1 mx.here.test localhost\n::1 mx.here.test\n' >"$R/hosts"
mount --bind "$R/hosts" /etc/hosts
hostname mx.here.test
printf 'hosts files\naliases files\n' >/etc/mail/service.switch
: >/etc/mail/aliases
rm -rf /var/spool/mqueue
mkdir -p /var/spool/mqueue /run/sendmail/mta
chmod 700 /var/spool/mqueue
cp "$TOP"/recipes/sendmail/*.m4 /usr/share/sendmail/cf/feature/
cat >"$R/mc" <<X
define(\`_USE_ETC_MAIL_')dnl
include(\`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(\`debian')dnl
define(\`confSERVICE_SWITCH_FILE', \`/etc/mail/service.switch')dnl
define(\`confTO_IDENT', \`0')dnl
define(\`confQUEUE_LA', \`1000')dnl
define(\`confREFUSE_LA', \`1000')dnl
define(\`confDELAY_LA', \`0')dnl
undefine(\`confHOST_STATUS_DIRECTORY')dnl
FEATURE(\`nocanonify')dnl
FEATURE(\`accept_unresolvable_domains')dnl
FEATURE(\`no_default_msa')dnl
DAEMON_OPTIONS(\`Family=inet6, Name=MTA-v6, Port=smtp, Addr=::1')dnl
FEATURE(\`local_bivalve', \`', \`$R/bin/bivalve', \`', \`--config $R/conf')dnl
FEATURE(\`bivalve_blocklist')dnl
MAILER_DEFINITIONS
MAILER(\`local')dnl
MAILER(\`smtp')dnl
X

cat >"$R/client.py" <<'X'
import smtplib, sys
try:
    s = smtplib.SMTP("::1", 25, "client.test", 60, (sys.argv[1], 0))
    s.sendmail("a@sender.test", "u1@mx.here.test", sys.stdin.read())
    print("250")
except smtplib.SMTPException as e:
    print(e)
X
from() {
	python3 "$R/client.py" "$1"
}
ctl() {
	"$R/bin/bivalvectl" blocklist "$@" --config "$R/conf"
}
clean() {
	printf 'Subject: clean\n\nhello\n'
}
infected() {
	printf 'Subject: eicar\n\n%s%s%s\n' 'X5O!P%@AP[4' '\PZX54(P^)7CC)7}$EICAR-STAN' \
	    'DARD-ANTIVIRUS-TEST-FILE!$H+H*'
}
listed() {
	ctl list | sed 's/ .*//' | tr '\n' ' '
}
listed_is() {
	[ "$(listed)" = "$1" ]
}
listens() {
	python3 -c 'import socket; socket.create_connection(("::1", 25))' 2>/dev/null
}

ok "bivalvectl makes the list" ctl expire
m4 "$R/mc" >/etc/mail/sendmail.cf 2>"$R/m4.err"
/usr/libexec/sendmail/sendmail -bd -ODeliveryMode=i >"$R/sendmail" 2>&1
foreign_until listens || skip_all "sendmail does not listen on ::1: $(tail -n 1 "$R/sendmail")"

is "$(clean | from 2001:db8:9::9)" 250 "a client that has done nothing is welcome"
is "$(infected | from 2001:db8:9::9)" 250 "infected mail is accepted"
ok "its relay is listed" foreign_until listed_is '2001:db8:9::9 '
like "$(clean | from 2001:db8:9::9)" '550.*2001:db8:9:.*9 sent malware; listed since 1' \
    "the next connection from there is refused"
is "$(clean | from 2001:db8:9::2)" 250 "another one is not"
is "$(infected | from ::1)" 250 "infected mail from an exempt relay"
is "$(listed)" '2001:db8:9::9 ' "does not list it"

if command -v rbldnsd >/dev/null; then
	mkdir "$R/zones"
	ctl add 2001:db8:8:1::1 >&2
	ok "export as ip6tset" ctl --name ns.here.test -o "$R/zones/set" export ip6tset
	ok "export as ip6trie" ctl --name ns.here.test -o "$R/zones/trie" export ip6trie
	rbldnsd -n -q -u nobody -b 127.0.0.1/53 -w "$R/zones" set.test:ip6tset:set \
	    trie.test:ip6trie:trie >"$R/rbldnsd" 2>&1 &
	printf 'dns_servers = 127.0.0.1\ndns_timeout = 2\nsite_recipes =\n' >"$R/dns.conf"
	# answers ZONE ADDRESS
	answers() {
		rm -f "$R/home/u1/found"
		printf ':0:\n* dns:%s ?? ^127\\.0\\.0\\.2$\n%s\n' "$1" "$R/home/u1/found" >"$R/rc"
		clean | setpriv --reuid=20001 --regid=20001 --clear-groups "$R/bin/bivalve" \
		    --config "$R/dns.conf" -c "$2" DEFAULT=/dev/null "$R/rc" && test -s "$R/home/u1/found"
	}
	for zone in set trie; do
		ok "ip6$zone: rbldnsd serves it" foreign_until answers $zone.test 2001:db8:9::9
		ok "ip6$zone: and the other network" answers $zone.test 2001:db8:8:1::1
		not_ok "ip6$zone: others are not in it" answers $zone.test 2001:db8:9:1::9
	done
	ok "ip6tset: all of the network is" answers set.test 2001:db8:9::8
	not_ok "ip6trie: the address alone is" answers trie.test 2001:db8:9::8
	is "$(grep -c 'invalid' "$R/rbldnsd")" 0 "rbldnsd has nothing to say of either" ||
		diag "$(cat "$R/rbldnsd")"
	ctl remove 2001:db8:8:1::1
else
	skip "rbldnsd serves it" "rbldnsd is not installed"
fi

ctl remove 2001:db8:9::9
printf '2001:db8:9::9 1700000000\n' | ctl import >/dev/null
is "$(ctl expire)" "1 expired" "an hour later"
is "$(clean | from 2001:db8:9::9)" 250 "it is welcome again"
done_testing
