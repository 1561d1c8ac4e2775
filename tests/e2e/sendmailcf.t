#!/bin/sh
# sendmailcf.t: what the m4 files make, that bivalvectl sendmail finds each trap, where the ready .mc
# files send mail, and that bivalvectl why knows the numbers.  No daemon is started.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

[ -x "$B/bivalvectl" ] || skip_all "bivalvectl is not built"

# ---- bivalvectl why NUMBER
like "$("$B/bivalvectl" why 325)" 'LDAP server cannot be reached' "why 325: the LDAP server"
like "$("$B/bivalvectl" why 355)" 'since 8\.14, LDAP: the LDAP server cannot be reached' \
    "why 355: the same in a newer sendmail"
like "$("$B/bivalvectl" why 278)" 'name server does not answer' "why 278: the name server"
like "$("$B/bivalvectl" why 75)" 'EX_TEMPFAIL.*stays queued' "why 75: stays queued"
like "$("$B/bivalvectl" why 127)" 'no such program: bounced' "why 127: bounced"
status 1 "why: a number without a meaning" "$B/bivalvectl" why 9999
cat >"$T/log" <<'X'
Nov 24 01:00:00 mx sendmail[11]: 6AO100aa000011: from=<a@x.test>, size=74, msgid=<one@x.test>, relay=x.test [192.0.2.9]
Nov 24 01:00:01 mx bivalve[12]: 6AO100aa000011: from=<a@x.test> to=<u> client=192.0.2.9 outcome=not scanned exit=75 why=no signatures
Nov 24 01:00:01 mx sendmail[11]: 6AO100aa000011: to=<u@y.test>, mailer=local, stat=Deferred: Unknown error 325
Nov 24 01:00:02 mx sendmail[11]: 6AO100aa000099: from=<b@x.test>, msgid=<two@x.test>
X
"$B/bivalvectl" why --log "$T/log" 6AO100aa000011 >"$T/why"
is "$(grep -c '^Nov' "$T/why")" 3 "why QUEUE-ID: the lines of that message"
like "$(cat "$T/why")" 'could not be: it stays with the MTA' "each in words"
like "$(cat "$T/why")" 'LDAP server cannot be reached' "and the number in them"
is "$("$B/bivalvectl" why --log "$T/log" one@x.test | grep -c '^Nov')" 3 "why MESSAGE-ID"
status 1 "why: a message that the log does not know" "$B/bivalvectl" why --log "$T/log" 6AOxx

# ---- traps in a sendmail.cf
mkdir -p "$T/open" "$T/safe"
: >"$T/safe/virbl.db"
chmod 777 "$T/open"
printf 'blocklist = %s\n' "$T/safe/virbl.db" >"$T/conf"
good_a='bivalve -f $g -c ${client_addr} --id $i -a $h -d $u'
# cf FLAGS A [PATH [MORE...]]: a sendmail.cf with that local mailer
cf() {
	printf 'C{persistentMacros}{client_addr}\n' >"$T/cf"
	printf 'Mlocal,\t\tP=%s, F=%s, S=EnvFromL/HdrFromL,\n\t\tT=DNS/RFC822/X-Unix,\n\t\tA=%s\n' \
	    "${3:-/usr/bin/bivalve}" "$1" "$2" >>"$T/cf"
	shift 2
	[ $# -eq 0 ] || shift
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$T/cf"
	"$B/bivalvectl" sendmail --config "$T/conf" --check "$T/cf" >"$T/said" 2>&1
}
base='lsDFMAw5:/|@qSPhnu'
cf "$base" "$good_a"
is "$? $(cat "$T/said")" "0 $T/cf: nothing to say." "exec as it should be"
plus='Mlocalplus, P=/usr/bin/bivalve, F=lsDFMAw5:/|@qSPXhnuz, A=bivalve --lmtp -c ${client_addr} -a $h'
chooses='R< + $+ > < > < > $+	$#localplus $@ $1 $: @ $2'
lmtp='bivalve --lmtp -c ${client_addr} --id $i'
cf "${base}mz" "$lmtp" '' "$plus" "$chooses"
is "$? $(cat "$T/said")" "0 $T/cf: nothing to say." "LMTP by a program as it should be"
trap_in() {
	cf "$3" "$4" "${5-}" ${6+"$6"} ${7+"$7"}
	is "$? $(grep -c "$2" "$T/said")" "$1 1" "trap: $2" || diag "$(cat "$T/said")"
}
trap_in 2 'flag 9 re-encodes' "${base}9" "$good_a"
trap_in 2 'flag m with exec' "${base}m" "$good_a"
trap_in 2 'no flag S' 'lsDFMAw5:/|@qPhnu' "$good_a"
trap_in 1 'no flag n' 'lsDFMAw5:/|@qSPhu' "$good_a"
trap_in 1 'no flag P' 'lsDFMAw5:/|@qShnu' "$good_a"
trap_in 1 'no flag u' 'lsDFMAw5:/|@qSPhn' "$good_a"
trap_in 2 'two bytes of rubbish' "$base" 'bivalve -f $g -c $&{client_addr} -a $h -d $u'
trap_in 1 'address is not passed' "$base" 'bivalve -f $g -a $h -d $u'
trap_in 2 'names no recipient' "$base" 'bivalve -f $g -c ${client_addr} $u'
trap_in 2 'is not bivalve' "$base" 'procmail -d $u' /usr/bin/procmail
trap_in 2 'refuses a socket' "${base}mz" "FILE $T/open/lmtp" '[IPC]'
trap_in 1 'no flag m' "${base}z" 'TCP localhost 24' '[IPC]' "$plus" "$chooses"
trap_in 1 '+detail is lost: LMTP has no word' "${base}mz" "$lmtp"
trap_in 1 '+detail is lost: LMTP has no word' "${base}mz" 'TCP localhost 24' '[IPC]'
trap_in 1 'cannot be kept for the next message' "${base}z" "$lmtp -a \$h" '' "$plus" "$chooses"
trap_in 1 'the others lose theirs' "${base}mz" "$lmtp -a \$h" '' "$plus" "$chooses"
trap_in 1 'the others lose theirs' "${base}mz" "$lmtp" '' \
    "$(echo "$plus" | sed 's/hnuz/hmnuz/')" "$chooses"
trap_in 2 'does not tell it' "${base}mz" "$lmtp" '' "${plus% -a*}" "$chooses"
trap_in 2 'localplus is not bivalve' "${base}mz" "$lmtp" '' \
    "$(echo "$plus" | sed 's,/usr/bin/bivalve,/usr/bin/procmail,')" "$chooses"
trap_in 1 'no rule chooses mailer localplus' "${base}mz" "$lmtp" '' "$plus"
rules='R$*	$: $(virbl $1 $)'
trap_in 2 'flag -o' "$base" "$good_a" '' "Kvirbl btree -o -a.FOUND $T/safe/virbl" "$rules"
trap_in 2 'map is not there' "$base" "$good_a" '' "Kvirbl btree -a.FOUND $T/safe/other" "$rules"
trap_in 2 'refuses a map' "$base" "$good_a" '' "Kvirbl btree -a.FOUND $T/open/virbl" "$rules"
chmod 600 "$T/safe/virbl.db"
trap_in 2 'not readable for all' "$base" "$good_a" '' "Kvirbl btree -a.FOUND $T/safe/virbl" "$rules"
chmod 644 "$T/safe/virbl.db"
cf "$base" "$good_a" '' "Kvirbl btree -a.FOUND $T/safe/virbl"
ok "trap: no rule asks" grep -q 'no rule asks' "$T/said"
sed -i '/^C{/d' "$T/cf"
"$B/bivalvectl" sendmail --config "$T/conf" --check "$T/cf" >"$T/said"
ok "trap: the client's address in the queue" grep -q 'lost for mail that waited' "$T/said"

# ---- the m4 files
if [ ! -f /usr/share/sendmail/cf/m4/cf.m4 ] || ! command -v m4 >/dev/null; then
	skip "what the m4 files make" "sendmail-cf or m4 is not installed"
	done_testing
	exit 0
fi
cp -R /usr/share/sendmail/cf "$T/tree"
cp "$TOP"/recipes/sendmail/*.m4 "$T/tree/feature/"
# make_cf FILE.mc
make_cf() {
	sed "s,/usr/share/sendmail/cf/,$T/tree/," "$1" >"$T/mc"
	m4 -D_CF_DIR_="$T/tree/" "$T/mc" >"$T/made.cf" 2>"$T/m4.err"
}
for variant in lmtp exec socket; do
	"$B/bivalvectl" sendmail $variant | grep FEATURE >"$T/lines"
	{
		printf 'include(`/usr/share/sendmail/cf/m4/cf.m4%s)dnl\nOSTYPE(`debian%s)dnl\n' "'" "'"
		cat "$T/lines"
		printf 'MAILER(`local%s)dnl\n' "'"
	} >"$T/$variant.mc"
	make_cf "$T/$variant.mc"
	is "$(cat "$T/m4.err")" "" "$variant: m4 takes the lines that bivalvectl prints"
	sed "s,/var/lib/bivalve/blocklist/virbl,$T/safe/virbl," "$T/made.cf" >"$T/cf"
	"$B/bivalvectl" sendmail --config "$T/conf" --check "$T/cf" >"$T/said" 2>&1
	# The test's own directory lies where all may write, and no server runs.
	is "$(grep -v 'below it$\|chmod go-w\|nothing to say\|nothing listens\|start bivalved' "$T/said")" "" \
	    "$variant: and nothing is wrong with it"
done
make_cf "$TOP/recipes/sendmail/desktop.mc"
is "$(grep -v '^$' "$T/m4.err")" "" "desktop.mc: m4 takes it"
cp "$T/made.cf" "$T/desktop.cf"
make_cf "$TOP/recipes/sendmail/nullclient.mc"
is "$(grep -v '^$' "$T/m4.err")" "" "nullclient.mc: m4 takes it"
cp "$T/made.cf" "$T/nullclient.cf"

is "$(grep '^DS' "$T/desktop.cf")" 'DSrelay:[smtp.example.org]' "desktop: the smart host"
is "$(grep '^DL' "$T/desktop.cf")" 'DLrelay:[smtp.example.org]' \
    "desktop: and the names that have no account here"
ok "desktop: mail to it waits for a queue run" \
    grep -q '^Mrelay.*F=[a-zA-Z0-9:/|@]*e' "$T/desktop.cf"
ok "desktop: bivalve delivers here" grep -q '^Mlocal.*P=/usr/bin/bivalve' "$T/desktop.cf"
ok "desktop: nobody else may connect" \
    grep -q '^O DaemonPortOptions=.*Addr=127\.0\.0\.1' "$T/desktop.cf"
is "$(grep '^D[SH]' "$T/nullclient.cf" | sort -u | tr '\n' ' ')" \
    'DHhub.example.org DShub.example.org ' "null client: everything is the hub's"

done_testing
