#!/bin/sh
# lookup.t: what recipes ask bivalve-lookup for: DNS lists, bogus mail exchangers, maps, Message-IDs,
# the relay block list; started by a user, and by root for one.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

[ -x "$B/bivalve-lookup" ] || skip_all "bivalve-lookup is not built"
need python3

user_dir "$T/home"
user_dir "$T/list"
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$T"' EXIT
python3 "$TOP/tests/lib/dnsstub.py" "$T/dns" <<'X' &
9.0.0.127.bl.test A 127.0.0.2
9.0.0.127.bl.test TXT sent malware; see the postmaster
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.test A 127.0.0.3
9.0.0.127.gone.test A 203.0.113.80
9.0.0.127.refuses.test A 127.255.255.254
9.0.0.127.slow.test DROP
9.0.0.127.broken.test SERVFAIL
9.0.0.127.1.slow.test DROP
9.0.0.127.2.slow.test DROP
9.0.0.127.3.slow.test DROP
9.0.0.127.4.slow.test DROP
spam.test.rhs.test A 127.0.0.4
xn--bcher-kva.test.rhs.test A 127.0.0.5
good.test MX 10 mx.good.test
mx.good.test A 8.8.4.4
mx.good.test AAAA 2600::25
looped.test MX 10 mx.looped.test
mx.looped.test A 127.0.0.1
xn--bcher-kva.test MX 10 mx.looped.test
private.test MX 5 mx.good.test
private.test MX 10 mx.private.test
mx.private.test A 10.1.2.3
mx.private.test AAAA fd00::1
nullmx.test MX 0 .
nomx.test A 8.8.4.4
nowhere.test TXT nothing else
literal.test MX 10 192.0.2.1
hollow.test MX 10 nosuch.hollow.test
X
server=$!
i=0
while [ ! -s "$T/dns" ] && [ $i -lt 100 ]; do
	sleep 0.05
	i=$((i + 1))
done
[ -s "$T/dns" ] || skip_all "no name server can be started on 127.0.0.1"

cat >"$T/conf" <<X
site_recipes = $T/site.rc
dns_servers = $(cat "$T/dns")
dns_timeout = 1
blocklist = $T/list/virbl.db
blocklist_exempt = 127.0.0.1 192.0.2.0/24
X
: >"$T/site.rc"
printf 'Message-ID: <one@x.test>\nSubject: look\n\nx\n' >"$T/msg"

# deliver ARGUMENT...: with the rcfile on standard input; the log is $T/err
deliver() {
	cat >"$T/home/rc"
	rm -f "$T/home/held" "$T/home/inbox"
	(cd "$T/home" && as_user env -i PATH="$PATH" "$B/bivalve" --config "$T/conf" "$@" \
	    HOME="$T/home" DEFAULT="$T/home/inbox" rc) <"$T/msg" >"$T/out" 2>"$T/err"
}

# holds DESCRIPTION CONDITION ARGUMENT...; fails_to_hold the same
try() {
	condition=$1
	shift
	if ! deliver "$@" <<X
:0:
* $condition
held
X
	then
		echo status
	fi
	if [ -s "$T/home/held" ]; then echo held; else echo no; fi
}
holds() {
	text=$1
	shift
	is "$(try "$@")" held "$text" || diag "$(cat "$T/err")"
}
holds_not() {
	text=$1
	shift
	is "$(try "$@")" no "$text" || diag "$(cat "$T/err")"
}

# ---- DNS lists
holds "dns: an address that is listed" 'dns:bl.test ?? ^127\.0\.0\.2$' -c 127.0.0.9
holds "dns: its text is a line, too" 'dns:bl.test ?? sent malware' -c 127.0.0.9
holds "dns: IPv6" 'dns:bl.test ?? ^127\.0\.0\.3$' -c 2001:db8::1
holds_not "dns: an address that is not listed" 'dns:bl.test ?? .' -c 127.0.0.8
holds "dns: and ! of it holds" '! dns:bl.test ?? .' -c 127.0.0.8
holds_not "dns: no client known" 'dns:bl.test ?? .'
for list in gone refuses slow broken; do
	holds_not "dns: a list that is $list: the condition does not hold" "dns:$list.test ?? ." \
	    -c 127.0.0.9
	like "$(cat "$T/err")" "$list.test.*condition is taken not to hold" "and the log says so"
	holds_not "dns: a list that is $list: nor does its opposite" "! dns:$list.test ?? ." \
	    -c 127.0.0.9
done
holds "dns: a weight that cannot be known counts nothing, the others do" \
    '1^0 ! dns:slow.test ?? .
* 2^0 ^Subject' -c 127.0.0.9
# More conditions than a keeper starts look-up processes, on one list that does not answer.
asked() {
	grep -c "^9\.0\.0\.127\.$1\.test " "$T/dns.log"
}
before=$(asked slow)
{
	n=0
	while [ $n -lt 80 ]; do
		printf ':0\n* dns:slow.test ?? .\nheld\n:0\n* dns:broken.test ?? .\nheld\n'
		n=$((n + 1))
	done
} | deliver -c 127.0.0.9
is "$? $(test -s "$T/home/inbox" && echo inbox)" "0 inbox" \
    "dns: however many conditions on lists that do not answer, the mail goes on"
ok "and one message asks a list that is slow once" test $(($(asked slow) - before)) -le 2
{
	for n in 1 2 3 4 5 6 7 8; do
		printf ':0\n* dns:%s.slow.test ?? .\nheld\n' $n
	done
} | deliver -c 127.0.0.9
like "$(cat "$T/err")" "not asked about 8.slow.test any more" \
    "nor do many slow lists hold it up: they are given up"
like "$(grep -c 'A of' "$T/err")" '^[1-4]$' "after as long as one look-up may take"
holds "rhs: the sender's domain" 'rhs:rhs.test ?? ^127\.0\.0\.4$' -f a@SPAM.test
holds "rhs: an IDN" 'rhs:rhs.test ?? ^127\.0\.0\.5$' -f 'a@bücher.test'
holds_not "rhs: the null sender" 'rhs:rhs.test ?? .' -f '<>'
holds_not "rhs: a sender that is no name" 'rhs:rhs.test ?? .' -f 'a@b/../c d'

# ---- bogus mail exchangers
holds_not "mx:bogus: a good domain" 'mx:bogus ?? .' -f a@good.test
holds_not "mx:bogus: an address stands for a missing MX" 'mx:bogus ?? .' -f a@nomx.test
holds_not "mx:bogus: the null sender" 'mx:bogus ?? .' -f '<>'
holds "mx:bogus: loopback" 'mx:bogus ?? ^mx\.looped\.test 127\.0\.0\.1 loopback$' -f a@looped.test
holds "mx:bogus: an IDN" 'mx:bogus ?? ^mx\.looped\.test 127' -f 'a@bücher.test'
holds "mx:bogus: one of several is private" 'mx:bogus ?? ^mx\.private\.test 10\.1\.2\.3 private use$' \
    -f a@private.test
holds "mx:bogus: IPv6, too" 'mx:bogus ?? ^mx\.private\.test fd00::1 unique local$' -f a@private.test
holds "mx:bogus: null MX" 'mx:bogus ?? ^nullmx\.test null$' -f a@nullmx.test
holds "mx:bogus: neither MX nor address" 'mx:bogus ?? ^nowhere\.test none$' -f a@nowhere.test
holds "mx:bogus: no such domain" 'mx:bogus ?? ^nosuch\.test none$' -f a@nosuch.test
holds "mx:bogus: an MX that is an address" 'mx:bogus ?? ^192\.0\.2\.1 no-address$' -f a@literal.test
holds "mx:bogus: an MX that is not there" 'mx:bogus ?? ^nosuch\.hollow\.test no-address$' \
    -f a@hollow.test

# ---- maps
printf '# who\nAnna@x.test\tfriend of mine\nbare\n\n spaced  value\n' >"$T/text"
holds "map:text: a key and its value" "map:text:$T/text anna@X.test ?? ^friend of mine\$"
holds "map:text: a key alone is its own value" "map:text:$T/text bare ?? ^bare\$"
holds "map:text: the key is expanded" "map:text:$T/text \$SENDER ?? friend" -f anna@x.test
holds_not "map:text: no such key" "map:text:$T/text friend ?? ."
holds_not "map:text: an empty key" "map:text:$T/text \$NOTHING ?? ."
is "$(try "map:text:$T/text ?? .")" "status
no" "map:text: without any key it defers, for it would never hold"
like "$(cat "$T/err")" 'rc:[0-9]*:.*write map:TYPE:FILE KEY' "and says what to write"
holds "a selector that goes on in the next line" "map:text:$T/text \\
  bare \\
  ?? ^bare\$"
is "$(try "map:text:$T/nosuch x ?? .")" "status
no" "a map that is missing defers"
like "$(cat "$T/err")" "rc:2: the map cannot be asked: $T/nosuch: No such file" "the log says which"
printf '# not to be written to\nBad.test\n.below.test and more\nanna@other.test\n' >"$T/class"
holds "map:class: the sender's domain" "map:class:$T/class \$SENDER ?? ^bad\.test\$" -f x@bad.TEST
holds "map:class: a domain below" "map:class:$T/class \$SENDER ?? ^\.below\.test\$" -f x@a.b.below.test
holds_not "map:class: not that domain itself" "map:class:$T/class \$SENDER ?? ." -f x@below.test
holds "map:class: an address" "map:class:$T/class \$SENDER ?? ^anna@" -f Anna@other.test
holds_not "map:class: another at the same domain" "map:class:$T/class \$SENDER ?? ." -f b@other.test
holds_not "map:class: a domain that ends like it" "map:class:$T/class \$SENDER ?? ." -f x@notbad.test
holds_not "map:class: the null sender" "map:class:$T/class \$SENDER ?? ." -f '<>'
printf 'To: "A, B" <c@sub.below.test>\n' | cat - "$T/msg" >"$T/other"
cp "$T/msg" "$T/plain" && cp "$T/other" "$T/msg"
holds "map:class: a recipient" 'address:To ?? ()\/.+
* map:class:'"$T/class"' $MATCH ?? .'
cp "$T/plain" "$T/msg"
if command -v makemap >/dev/null; then
	umask 022
	for type in btree hash; do
		printf 'Good.test OK it is\nUpper yes\n' | makemap "$type" "$T/map" 2>/dev/null || {
			skip "map:$type:" "makemap cannot make one"
			continue
		}
		chmod 644 "$T"/map*
		holds "map:$type: a key of makemap's" "map:$type:$T/map GOOD.test ?? ^OK it is\$"
		holds_not "map:$type: no such key" "map:$type:$T/map bad.test ?? ."
	done
	printf 'x y\n' | makemap -N -f hash "$T/nul" 2>/dev/null
	chmod 644 "$T/nul.db"
	holds "map:hash: keys with their NUL (makemap -N)" "map:hash:$T/nul.db x ?? ^y\$"
	is "$(try "map:btree:$T/nul x ?? .")" "status
no" "a map of another type defers"
else
	skip "maps of makemap's" "makemap is not installed"
fi
# As makemap cdb writes it where sendmail has been built with it, which Debian's is not.
python3 "$TOP/tests/lib/makecdb.py" "$T/map.cdb" good.test 'OK it is' Upper yes
chmod 644 "$T/map.cdb"
holds "map:cdb: a key" "map:cdb:$T/map GOOD.test ?? ^OK it is\$"
holds "map:cdb: a key as it is" "map:cdb:$T/map.cdb Upper ?? ^yes\$"
holds_not "map:cdb: no such key" "map:cdb:$T/map bad.test ?? ."
head -c 1000 "$T/map.cdb" >"$T/cut.cdb"
is "$(try "map:cdb:$T/cut good.test ?? .")" "status
no" "map:cdb: a file that is cut off defers"
echo garbage >"$T/junk.db"
is "$(try "map:btree:$T/junk x ?? .")" "status
no" "a damaged map defers"

# ---- Message-IDs
rm -f "$T/home/held"
deliver <<'X'
:0:
* seen:id ?? yes
held
X
not_ok "seen:id: not at the first time" test -e "$T/home/held"
holds "seen:id: at the second time" 'seen:id ?? ^yes$'
sed 's/<one/<two/' "$T/msg" >"$T/other"
mv "$T/other" "$T/msg"
deliver <<'X'
:0
* seen:id ?? yes
held
:0
@defer not now
X
is "$?" 75 "a delivery that was deferred"
holds_not "seen:id: was none" 'seen:id ?? yes'
sed 's/<two/<three/' "$T/msg" >"$T/other"
mv "$T/other" "$T/msg"
deliver <<'X'
:0
* seen:id ?? yes
held
:0
@reject not so
X
is "$?" 77 "nor was a delivery that was refused"
holds_not "seen:id: the sender may try again" 'seen:id ?? yes'

# A clone and its parent are one delivery, and the mail has reached the user when that is over.
next_id() {
	sed "s/<[a-z]*@/<$1@/" "$T/msg" >"$T/other"
	mv "$T/other" "$T/msg"
}
next_id clone
copies() {
	rm -f "$T/home/copy" "$T/home/held"
	deliver "$@" <<'X'
:0 cw
{
	:0
	* seen:id ?? yes
	@drop
	:0
	copy
}
:0
* seen:id ?? yes
held
:0
* ! STATUS ?? .
inbox
:0
@defer not now
X
	echo "$? $(cd "$T/home" && find copy held inbox 2>/dev/null | tr '\n' ' ')"
}
is "$(copies STATUS=x)" "75 copy " "seen:id in a clone and in its parent, which defers"
is "$(copies)" "0 copy inbox " "the next attempt is not taken for a second mail"
is "$(copies)" "0 held " "the next mail is"
next_id slow
slow() {
	deliver <<'X'
:0 c
{
	A=`sleep 1`
	:0
	* seen:id ?? yes
	@drop
	:0
	copy
}
X
}
slow
sleep 2
ok "seen:id in a clone that outlives its parent" rm "$T/home/copy"
slow
sleep 2
not_ok "is kept, too" test -e "$T/home/copy"

# ---- the block list
block() {
	deliver "$@" <<'X'
:0
@blocklist $KEY
X
}
listed() {
	if [ "$(id -u)" -eq 0 ]; then
		as_user "$B/bivalve-lookup" --blocklist "$T/list/virbl.db" list
	else
		"$B/bivalve-lookup" --blocklist "$T/list/virbl.db" list
	fi | sed 's/ .*//' | tr '\n' ' '
}
block -c 127.0.0.9
is "$? $(listed)" "0 127.0.0.9 " "@blocklist lists the client"
block -c 2001:DB8::9
is "$(listed)" "127.0.0.9 2001:db8::9 " "@blocklist: IPv6"
block -c 127.0.0.1
is "$(listed)" "127.0.0.9 2001:db8::9 " "@blocklist never lists what is exempt"
like "$(cat "$T/err")" "@blocklist: 127.0.0.1 not listed: blocklist_exempt has 127.0.0.1" "and says so"
is "$(ls "$T/home/inbox" 2>/dev/null)" "$T/home/inbox" "the mail is delivered all the same"
block KEY=8.8.8.8 -c 127.0.0.9
is "$(listed)" "8.8.8.8 127.0.0.9 2001:db8::9 " "@blocklist with a key"
block 'KEY=1.2.3.4 OR ELSE' -c 127.0.0.9
like "$(cat "$T/err")" "\"1.2.3.4 OR ELSE\" is no IP address" "a key must be an address"
block
like "$(cat "$T/err")" "client's address is not known" "no client, no entry"
(printf 'Received: from forged (forged [6.6.6.6])\n\tby elsewhere.test; now\n'; cat "$T/msg") >"$T/other"
mv "$T/other" "$T/msg"
block
like "$(cat "$T/err")" "client's address is not known" "another host's Received field is not believed"

# ---- started by root for a user
if [ "$(id -u)" -eq 0 ]; then
	printf 'scan_user = %s\n' "$tap_user" >>"$T/conf"
	cat >"$T/site.rc" <<X
DEFAULT=$T/home/inbox
:0
* dns:bl.test ?? .
{
	:0
	@blocklist

	:0
	@tag X-Listed: yes
}
X
	rm -f "$T/list/virbl.db" "$T/home/inbox"
	user=games
	chown -R games "$T/home"
	"$B/bivalve" --config "$T/conf" -f a@x.test -c 127.0.0.9 -d $user <"$T/msg" 2>"$T/err"
	is "$? $(listed)" "0 127.0.0.9 " "for a user, by root: DNS list and block list"
	is "$(grep -c '^X-Listed: yes' "$T/home/inbox")" 1 "and the recipe went on"
	is "$(stat -c '%U %a' "$T/list/virbl.db")" "$tap_user 644" "the list is scan_user's, mode 0644"
	sed 's,^scan_user.*,scan_user = root,' "$T/conf" >"$T/root.conf"
	"$B/bivalvectl" blocklist expire --config "$T/root.conf" 2>"$T/err"
	is $? 75 "scan_user must have no rights"
	like "$(cat "$T/err")" "scan_user root in .* uid 0" "and the key is named"
	{
		printf 'DEFAULT=%s\n' "$T/home/inbox"
		n=0
		while [ $n -lt 70 ]; do
			printf ':0\n* dns:broken.test ?? .\n@drop\n'
			n=$((n + 1))
		done
	} >"$T/site.rc"
	"$B/bivalve" --config "$T/conf" -f a@x.test -c 127.0.0.9 -d $user <"$T/msg" 2>"$T/err"
	is $? 0 "no number of conditions on a list that fails uses up what the keeper allows"
	if command -v makemap >/dev/null; then
		printf 'k secret\n' | makemap hash "$T/closed" 2>/dev/null
		chown root:root "$T/closed.db"
		chmod 600 "$T/closed.db"
		printf 'DEFAULT=%s\n:0\n* map:hash:%s k ?? .\n@drop\n' "$T/home/inbox" "$T/closed" \
		    >"$T/site.rc"
		"$B/bivalve" --config "$T/conf" -f a@x.test -d $user <"$T/msg"
		is $? 75 "maps are read with the recipient's rights, nobody else's"
	fi
else
	skip "started by root" "not root"
fi

done_testing
